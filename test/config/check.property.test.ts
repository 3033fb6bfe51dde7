import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConfig, checkText } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { documentSchema } from '../../src/config/document.ts';
import { allKeys } from '../../src/config/keys.ts';

/** Whether a configuration comes of it, and nothing but a ConfigError if not. */
function holds(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (error instanceof ConfigError && error.problems.length > 0 && error.message.length > 0) return true;
    throw error;
  }
}

const words = [...new Set(allKeys(documentSchema).flatMap((key) => key.split('.')))];
const value = fc.oneof(
  fc.constantFrom('5s', '64KB', '127.0.0.1:1', 'http://a', 'GET', '/a/**', '/:id', `\${A}`, `\${B:-1}`, 'round_robin', 'users'),
  fc.jsonValue(),
  fc.integer(),
);
const document = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'medium' }, value, tie('block'), tie('list')),
  block: fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), tie('any'), { maxKeys: 6 }),
  list: fc.array(tie('any'), { maxLength: 4 }),
}));
const environment = { A: 'a' };

test('a document of the right words in the wrong places fails only with what is wrong', () => {
  fc.assert(
    fc.property(document.block, (block) => {
      expect(holds(() => checkConfig(block))).toBe(true);
      expect(holds(() => checkText(JSON.stringify(block), 'a.json', environment))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const piece = fc.oneof(
  fc.constantFrom(
    ...words,
    'routes:\n- ',
    ': ',
    '\n',
    '\n  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '"',
    "'",
    '|\n ',
    '!!',
    '%',
    '---\n',
    '\t',
  ),
  fc.string({ maxLength: 5 }),
);

test('a text of any kind fails only with what is wrong', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => holds(() => checkText(pieces.join(''), 'a.yaml', environment))),
    { numRuns: 2000 },
  );
});

test('a problem of a text has a place inside it', () => {
  fc.assert(
    fc.property(document.block, (block) => {
      const text = JSON.stringify(block, null, 1);
      try {
        checkText(text, 'a.json', environment);
      } catch (error) {
        const lines = text.split('\n');
        // Those of an included file have their place there.
        const here = (error as ConfigError).problems.filter(({ source }) => source === undefined);
        for (const { line = 0, column = 0 } of here) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1] as string).length + 1);
        }
      }
    }),
  );
});
