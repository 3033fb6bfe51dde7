import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkInput } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Files } from '../../src/config/inputs.ts';

const words = [
  ...['routes', 'load_balancing', 'backends', 'include', 'id', 'path', 'upstreams', 'a', '/a', '5'],
  ...[': ', '\n', '\n  ', '- ', '{', '}', '[', ']', ', ', '&a ', '*a', '"', '#', '\ufeff', '\0', 'routes:\n- ', `\${A}`],
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 20 })
  .map((parts) => parts.join(''));
const content = fc.oneof(
  text.map((one) => Buffer.from(one)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);
const pattern = fc.oneof(
  fc.constantFrom('*.yaml', 'b.yaml', 'd/*', '*/*', '**', '', '/', '..', '[', '{', '{a,', '\0', '[!a]*'),
  fc.string({ maxLength: 6 }),
);

/** A disk with two directories of the same files. */
function disk(files: Readonly<Record<string, Buffer>>): Files {
  const missing = () => Object.assign(new Error('missing'), { code: 'ENOENT' });
  return {
    read: (path) => {
      const found = files[path.slice(path.lastIndexOf('/') + 1)];
      if (found === undefined) throw missing();
      return found;
    },
    list: () => Object.keys(files).sort(),
  };
}

test('included files of any content, by patterns of any kind, are good or refused with a ConfigError', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('b.yaml', 'c.toml', 'd'), content),
      (include, files) => {
        const main = { text: JSON.stringify({ include }), file: '/x/a.json' };
        try {
          expect(checkInput({ main, environment: {} }, disk(files)).files[0]).toBe('/x/a.json');
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
