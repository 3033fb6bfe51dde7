import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonString, quotedPart } from '../../../src/layers/access-log/escape.ts';

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const anything = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

describe('A JSON string', () => {
  test.each([
    ['', '""'],
    ['plain/text?a=b&c', '"plain/text?a=b&c"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['line\r\nend', '"line\\u000d\\u000aend"'],
    ['\u007f\u0080é\u2028', '"\\u007f\\u0080\\u00e9\\u2028"'],
    ['\ud800', '"\\ud800"'],
  ])('of %j is written so', (text, written) => {
    expect(jsonString(text)).toBe(written);
  });

  test('is what JSON.parse reads, printable ASCII whatever is in it', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const written = jsonString(text);
        expect(JSON.parse(written)).toBe(text);
        expect(written).toMatch(/^[\x20-\x7e]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('A quoted part', () => {
  test.each([
    ['GET /a?b HTTP/1.1', 'GET /a?b HTTP/1.1'],
    ['a"b\\', 'a\\"b\\\\'],
    ['a\nb\t\u0000\u001b[31m', 'a\\x0ab\\x09\\x00\\x1b[31m'],
    ['caf\u00e9\u007f', 'caf\\xe9\\x7f'],
  ])('of %j is written so', (text, written) => {
    expect(quotedPart(text)).toBe(written);
  });

  test('tells every text of one-byte characters from every other, and never ends its quotes', () => {
    fc.assert(
      fc.property(latin1, (text) => {
        const written = quotedPart(text);
        expect(written).toMatch(/^(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]|\\x[0-9a-f]{2})*$/);
        const read = written.replaceAll(/\\(?:x(..)|(.))/g, (_, hex, one) =>
          hex === undefined ? one : String.fromCharCode(Number.parseInt(hex, 16)),
        );
        expect(read).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});
