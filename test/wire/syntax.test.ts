import { describe, expect, test } from 'vitest';
import { FIELD_ID } from '../../src/http/field-names.ts';
import { CLASS, HEX, HEX_VALUE, HOST, LOWER, nameId, PATH, QUERY, TOKEN, VALUE } from '../../src/wire/syntax.ts';

/** The grammars as the RFCs write them, for one character. */
const GRAMMARS: readonly [string, number, RegExp][] = [
  ['token (RFC 9110 §5.6.2)', TOKEN, /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/],
  ['field value (RFC 9110 §5.5)', VALUE, /^[\t\x20-\x7e\x80-\xff]$/],
  ['path (RFC 3986 §3.3, and raw brackets)', PATH, /^[A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]$/],
  ['query (RFC 3986 §3.4, and what browsers leave raw)', QUERY, /^[A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]?{}|^`\\]$/],
  ['host (RFC 3986 §3.2.2, as far as names go)', HOST, /^[A-Za-z0-9\-._~]$/],
  ['hexadecimal digit', HEX, /^[0-9A-Fa-f]$/],
];

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

describe('The byte table', () => {
  test.each(GRAMMARS)('has exactly the bytes of a %s', (_, bit, grammar) => {
    const inTable = BYTES.filter((byte) => ((CLASS[byte] as number) & bit) !== 0);
    expect(inTable).toEqual(BYTES.filter((byte) => grammar.test(String.fromCharCode(byte))));
  });

  test('knows the value of each hexadecimal digit and of nothing else', () => {
    for (const byte of BYTES) {
      const text = String.fromCharCode(byte);
      expect(HEX_VALUE[byte]).toBe(/^[0-9A-Fa-f]$/.test(text) ? Number.parseInt(text, 16) : 255);
    }
  });

  test('lower-cases ASCII letters and nothing else', () => {
    for (const byte of BYTES) expect(LOWER[byte]).toBe(byte >= 65 && byte <= 90 ? byte + 32 : byte);
  });
});

describe('The id of a field name', () => {
  function idOf(text: string, before = '', after = ''): number {
    const buf = Buffer.from(before + text + after, 'latin1');
    return nameId(buf, before.length, before.length + text.length);
  }

  test.each([...FIELD_ID])('%s is found in any case, wherever it stands', (name, id) => {
    for (const text of [name, name.toUpperCase(), name.replace(/^./, (letter) => letter.toUpperCase())]) {
      expect(idOf(text, 'xx', ': y')).toBe(id);
    }
  });

  test.each(['', 'x', 'hos', 'hostt', 'content-lengt', 'content_length', 'x-sluice'])('%j is not known', (name) => {
    expect(idOf(name)).toBe(0);
  });

  test('is not taken from the shape alone', () => {
    for (const name of ['hoot', 'Hast', 'datte', 'via_', 'aga']) expect(idOf(name)).toBe(0);
  });
});
