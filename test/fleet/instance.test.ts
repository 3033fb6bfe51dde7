import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newInstance, newNonce, parseInstance } from '../../src/fleet/instance.ts';

test('An id is the machine, the start and the thread', () => {
  const instance = newInstance('gw-1', 3, '0123456789abcdef');
  expect(instance).toEqual({ id: 'gw-1/0123456789abcdef/3', machine: 'gw-1', nonce: '0123456789abcdef', thread: 3 });
});

test('Each start is another instance', () => {
  expect(newInstance('gw-1', 0).id).not.toBe(newInstance('gw-1', 0).id);
  expect(newNonce()).toMatch(/^[0-9a-f]{16}$/);
});

test('An id reads back as what it was made of, slashes in the name of the machine included', () => {
  const machine = fc.stringMatching(/^[^\s{}\p{Cc}]{1,40}$/u);
  fc.assert(
    fc.property(machine, fc.nat(9999), (name, thread) => {
      const instance = newInstance(name, thread);
      expect(parseInstance(instance.id)).toEqual(instance);
    }),
  );
  expect(parseInstance('rack/7/0123456789abcdef/0')?.machine).toBe('rack/7');
});

test.each([
  '',
  'gw-1',
  'gw-1/0',
  '/0123456789abcdef/0',
  'gw-1/0123456789ABCDEF/0',
  'gw-1/0123456789abcde/0',
  'gw-1/0123456789abcdef/',
  'gw-1/0123456789abcdef/00',
  'gw-1/0123456789abcdef/-1',
  'gw-1/0123456789abcdef/10000',
  'gw 1/0123456789abcdef/0',
  'gw{1}/0123456789abcdef/0',
  'gw-1/0123456789abcdef/0\n',
  `${'x'.repeat(129)}/0123456789abcdef/0`,
])('%j is the id of nobody', (text) => {
  expect(parseInstance(text)).toBeUndefined();
});

test('Any text is read without an error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseInstance(text)));
});
