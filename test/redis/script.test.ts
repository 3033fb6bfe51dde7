import { expect, test } from 'vitest';
import { script } from '../../src/redis/script.ts';

test('a script is called by the SHA-1 of its text, without the space around it', () => {
  const one = script('one', '#!lua\nreturn 1');
  expect(one).toEqual({ name: 'one', lua: '#!lua\nreturn 1', sha: 'cb70127618f0b0be70c53cf6bfcfa54a29d9b0c0' });
  expect(script('two', '\n  #!lua\nreturn 1\n\n')).toEqual({ ...one, name: 'two' });
  expect(Object.isFrozen(one)).toBe(true);
});

test.each(['return 1', '', '-- a comment\n#!lua', '#!/usr/bin/lua'])('%j is none: Redis could break it off half way', (lua) => {
  expect(() => script('bad', lua)).toThrow('the script bad does not begin with #!lua');
});
