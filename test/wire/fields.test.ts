import { describe, expect, test } from 'vitest';
import { FIELD_ID } from '../../src/http/field-names.ts';
import { Headers } from '../../src/http/headers.ts';
import { FieldsParser, INCOMPLETE, REFUSED } from '../../src/wire/fields.ts';

const WIDE = { headerBytes: 64 * 1024, headerCount: 100 };

function parse(text: string, limits = WIDE) {
  const parser = new FieldsParser(limits);
  const buf = Buffer.from(text, 'latin1');
  const next = parser.parse(buf, 0, buf.length, 0);
  return { parser, next, flat: next < 0 ? [] : new Headers(text, parser.offsets, parser.blockEnd).flat() };
}

describe('Field lines', () => {
  test.each([
    ['none at all', '\r\n', []],
    ['one', 'A: b\r\n\r\n', ['A', 'b']],
    ['no white space', 'A:b\r\n\r\n', ['A', 'b']],
    ['white space around a value', 'A: \t b c \t\r\n\r\n', ['A', 'b c']],
    ['an empty value', 'A:\r\nB: \t\r\n\r\n', ['A', '', 'B', '']],
    ['every token character in a name', "!#$%&'*+-.^_`|~09AZaz: x\r\n\r\n", ["!#$%&'*+-.^_`|~09AZaz", 'x']],
    ['bytes beyond ASCII in a value', 'A: \x80\xff\r\n\r\n', ['A', '\x80\xff']],
    ['a colon in a value', 'A: b: c\r\n\r\n', ['A', 'b: c']],
  ])('may be %s', (_, text, fields) => {
    const { next, flat } = parse(text);
    expect(next).toBe(text.length);
    expect(flat).toEqual(fields);
  });

  test('end with the empty line; what follows is not theirs', () => {
    const { next, parser } = parse('A: b\r\n\r\nC: d\r\n\r\n');
    expect(next).toBe(8);
    expect(parser.blockEnd).toBe(6);
  });

  test('carry the id of a known name, and offsets from where the text starts', () => {
    const text = 'GET / HTTP/1.1\r\nHOST: a\r\nX: y\r\n\r\n';
    const parser = new FieldsParser(WIDE);
    const buf = Buffer.from(`junk${text}`);
    expect(parser.parse(buf, 20, buf.length, 4)).toBe(buf.length);
    expect(parser.offsets).toEqual([16, 20, 22, 23, FIELD_ID.get('host'), 25, 26, 28, 29, 0]);
  });

  test.each([
    ['a space before the colon', 'A : b\r\n\r\n', 'white space in or after a field name'],
    ['a space in the name', 'A B: c\r\n\r\n', 'white space in or after a field name'],
    ['a folded line', 'A: b\r\n c\r\n\r\n', 'a folded field line'],
    ['white space before the first line', ' A: b\r\n\r\n', 'white space before the first field'],
    ['no name', ': b\r\n\r\n', 'a field line without a name'],
    ['no colon', 'A\r\n\r\n', 'a field line without a colon'],
    ['a bare LF behind a name', 'A\nB: c\r\n\r\n', 'a bare LF'],
    ['a bare LF behind a value', 'A: b\nC: d\r\n\r\n', 'a bare LF'],
    ['a bare LF as the empty line', 'A: b\r\n\n', 'a bare LF'],
    ['a bare CR behind a value', 'A: b\rC: d\r\n\r\n', 'a bare CR'],
    ['a bare CR as the empty line', 'A: b\r\n\rx', 'a bare CR'],
    ['a NUL in a name', 'A\0: b\r\n\r\n', 'a character in a field name that is not allowed there'],
    ['a separator in a name', 'A(b): c\r\n\r\n', 'a character in a field name that is not allowed there'],
    ['a byte beyond ASCII in a name', '\xc4: c\r\n\r\n', 'a character in a field name that is not allowed there'],
    ['a NUL in a value', 'A: b\0\r\n\r\n', 'a control character in a field value'],
    ['a DEL in a value', 'A: b\x7f\r\n\r\n', 'a control character in a field value'],
  ])('with %s are refused', (_, text, problem) => {
    const { next, parser } = parse(text);
    expect([next, parser.problem, parser.tooLarge]).toEqual([REFUSED, problem, false]);
  });

  test('that are not all there are incomplete at every place', () => {
    const text = 'Host: a.example \r\nX-Odd:\r\n\r\n';
    for (let end = 0; end < text.length; end++) expect(parse(text.slice(0, end)).next, text.slice(0, end)).toBe(INCOMPLETE);
  });

  test('are refused as soon as the byte that is wrong is there', () => {
    for (const text of ['A ', ' ', ':', 'A: b\n', 'A: b\r\n\tc', 'A: \0', 'A: b\rx', '\rx'])
      expect(parse(text).next).toBe(REFUSED);
  });
});

describe('The limits', () => {
  const block = 'A: 1\r\nB: 2\r\n';

  test('count every field', () => {
    expect(parse(`${block}\r\n`, { ...WIDE, headerCount: 2 }).next).toBe(block.length + 2);
    const { next, parser } = parse(`${block}\r\n`, { ...WIDE, headerCount: 1 });
    expect([next, parser.problem, parser.tooLarge]).toEqual([REFUSED, 'too many fields', true]);
  });

  test('hold for the bytes of all lines together', () => {
    expect(parse(`${block}\r\n`, { ...WIDE, headerBytes: block.length }).next).toBe(block.length + 2);
    const { next, parser } = parse(`${block}\r\n`, { ...WIDE, headerBytes: block.length - 1 });
    expect([next, parser.problem, parser.tooLarge]).toEqual([REFUSED, 'the header section is too large', true]);
  });

  test.each(['aaaaaaaaaaaaa', 'A: bbbbbbbbbbb', 'A:            ', 'A: bbbbbbbbbb\r', 'A: 1\r\nB: 2\r\nC'])(
    'are not waited out: %j is beyond 10 bytes already',
    (text) => {
      const { next, parser } = parse(text, { ...WIDE, headerBytes: 10 });
      expect([next, parser.tooLarge]).toEqual([REFUSED, true]);
    },
  );

  test('of one message say nothing about the next one', () => {
    const parser = new FieldsParser({ headerBytes: 10, headerCount: 1 });
    const large = Buffer.from('A: bbbbbbbbbbbbbb\r\n\r\n');
    expect(parser.parse(large, 0, large.length, 0)).toBe(REFUSED);
    const small = Buffer.from('A b');
    expect(parser.parse(small, 0, small.length, 0)).toBe(REFUSED);
    expect(parser.tooLarge).toBe(false);
    const good = Buffer.from('A: b\r\n\r\n');
    expect(parser.parse(good, 0, good.length, 0)).toBe(good.length);
  });
});
