import { describe, expect, test } from 'vitest';
import { FIELD_ID } from '../../src/http/field-names.ts';
import { Headers } from '../../src/http/headers.ts';
import { arrived } from '../support/arrived.ts';

describe('Headers that arrived', () => {
  test('are written again as they came, white space and case too', () => {
    const headers = arrived('HOST:a', 'X-Odd:  b \t', 'accept: c');
    expect(headers.lines()).toBe('HOST:a\r\nX-Odd:  b \t\r\naccept: c\r\n');
    expect(headers.flat()).toEqual(['HOST', 'a', 'X-Odd', 'b', 'accept', 'c']);
  });

  test('are found by their lower-case name, known to the gateway or not', () => {
    const headers = arrived('Host: a', 'X-Odd: b', 'Empty:');
    expect(headers.get('host')).toBe('a');
    expect(headers.get('x-odd')).toBe('b');
    expect(headers.get('empty')).toBe('');
    expect(headers.has('empty')).toBe(true);
    for (const name of ['accept', 'x-od', 'x-oddd', 'x']) {
      expect(headers.get(name)).toBeUndefined();
      expect(headers.has(name)).toBe(false);
      expect(headers.all(name)).toEqual([]);
    }
  });

  test.each([...FIELD_ID.keys()])('are found by the known name %s, and by no other known name', (name) => {
    const headers = arrived(`${name.toUpperCase()}: here`);
    expect([...FIELD_ID.keys()].filter((other) => headers.has(other))).toEqual([name]);
    expect(headers.get(name)).toBe('here');
    headers.remove(name);
    expect(headers.has(name)).toBe(false);
    headers.add(name.toUpperCase(), 'again');
    expect(headers.get(name)).toBe('again');
  });

  test('of one name are joined by commas, or given line by line', () => {
    const headers = arrived('Set-Cookie: a=1', 'Via: x', 'set-cookie: b=2');
    headers.append('SET-COOKIE', 'c=3');
    expect(headers.get('set-cookie')).toBe('a=1, b=2, c=3');
    expect(headers.all('set-cookie')).toEqual(['a=1', 'b=2', 'c=3']);
  });

  test('that were all removed leave nothing', () => {
    const headers = arrived('Host: a', 'X-Odd: b');
    headers.remove('host');
    headers.remove('x-odd');
    headers.remove('x-odd');
    expect(headers.lines()).toBe('');
    expect(headers.flat()).toEqual([]);
  });

  test.each([
    ['the first', ['a'], 'b: 2\r\nc: 3\r\nd: 4\r\n'],
    ['the last', ['d'], 'a: 1\r\nb: 2\r\nc: 3\r\n'],
    ['one in between', ['b'], 'a: 1\r\nc: 3\r\nd: 4\r\n'],
    ['two beside each other', ['b', 'c'], 'a: 1\r\nd: 4\r\n'],
    ['every other one', ['a', 'c'], 'b: 2\r\nd: 4\r\n'],
  ])('keep their order when %s is removed', (_, names, lines) => {
    const headers = arrived('a: 1', 'b: 2', 'c: 3', 'd: 4');
    for (const name of names) headers.remove(name);
    expect(headers.lines()).toBe(lines);
  });

  test('do not show what the parser has marked removed', () => {
    const text = 'a: 1\r\nb: 2\r\n';
    const headers = new Headers(text, [0, 1, 3, 4, 0, 6, 7, 9, 10, -1], text.length);
    expect(headers.lines()).toBe('a: 1\r\n');
    expect(headers.has('b')).toBe(false);
  });
});

describe('Headers that are added', () => {
  test('come behind all others, in the case they were given', () => {
    const headers = arrived('a: 1');
    headers.append('X-New', 'n');
    headers.set('A', '2');
    expect(headers.lines()).toBe('X-New: n\r\nA: 2\r\n');
  });

  test('may stand alone', () => {
    const headers = Headers.from([
      ['Content-Type', 'text/plain'],
      ['X-A', ''],
    ]);
    expect(headers.lines()).toBe('Content-Type: text/plain\r\nX-A: \r\n');
    expect(headers.get('content-type')).toBe('text/plain');
    expect(new Headers().lines()).toBe('');
  });

  test.each(['', ' ', 'a b', 'a:', 'a\r\nb', 'ä', 'a\0', '(a)'])('have a name that is a token, which %j is not', (name) => {
    expect(() => new Headers().append(name, 'x')).toThrow(TypeError);
    expect(() => Headers.from([[name, 'x']])).toThrow(TypeError);
    expect(() => new Headers().set(name, 'x')).toThrow(TypeError);
  });

  test.each(['\r', '\n', 'a\r\nb: c', '\0', '\x7f', '\x1f', 'Ċ', '€', '\u010d\u010a'])(
    'have a value of one-byte characters and no control, which %j is not',
    (value) => {
      const headers = arrived('a: 1');
      expect(() => headers.append('A', value)).toThrow(TypeError);
      expect(headers.lines()).toBe('a: 1\r\n');
    },
  );

  test.each(['', 'a', '\t', 'ä ÿ', '"~"'])('may have the value %j', (value) => {
    expect(Headers.from([['a', value]]).get('a')).toBe(value);
  });
});
