import { expect, test } from 'vitest';
import { extensionNames, extensionTerms } from '../../../src/layers/web-socket/extensions.ts';

test.each<[string[], string[]]>([
  [[], []],
  [['permessage-deflate'], ['permessage-deflate']],
  [['permessage-deflate; client_max_window_bits; server_max_window_bits="10"'], ['permessage-deflate']],
  [
    ['permessage-deflate; a, permessage-deflate', 'x-other'],
    ['permessage-deflate', 'permessage-deflate', 'x-other'],
  ],
  [['a; b="c, d; e", f'], ['a', 'f']],
  [['a; b="c \\", d", f'], ['a', 'f']],
  [[' , ,a,'], ['a']],
])('%j names %j', (fields, names) => {
  expect(extensionNames(fields)).toEqual(names);
});

test.each([
  [[], 'none'],
  [['permessage-deflate'], 'deflate'],
  [['permessage-deflate', 'x-other'], 'unknown'],
  [['Permessage-Deflate'], 'unknown'],
])('%j: %s', (agreed, terms) => {
  expect(extensionTerms(agreed)).toBe(terms);
});
