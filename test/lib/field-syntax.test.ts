import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { fieldName, fieldValue, methodName } from '../../src/lib/field-syntax.ts';

const read = (schema: z.ZodType, text: string) => {
  const { success, data, error } = schema.safeParse(text);
  return success ? data : error.issues[0]?.message;
};

describe('The name of a field', () => {
  test.each(['X-A', 'x', "!#$%&'*+-.^_`|~09azAZ", 'Host', 'Via'])('may be %s', (name) =>
    expect(read(fieldName(), name)).toBe(name),
  );

  test.each(['', 'a b', 'a:', 'a\r\n', 'ä', '(a)', 'a/b', 'a\0'])('may not be %j', (name) => {
    expect(read(fieldName(), name)).toBe(`not a field name: ${JSON.stringify(name)}`);
  });

  test.each(['Content-Length', 'TRANSFER-ENCODING', 'connection', 'te'])('may not be one that frames: %s', (name) => {
    expect(read(fieldName(), name)).toBe(`the gateway writes ${name} itself`);
  });

  test('may not be one that is taken, and the reason is told', () => {
    const name = fieldName(['via', 'host'], new Map([['host', 'there is a key for that']]));
    expect([read(name, 'VIA'), read(name, 'Host'), read(name, 'X-A')]).toEqual([
      'the gateway writes VIA itself',
      'there is a key for that',
      'X-A',
    ]);
  });
});

describe('The value of a field', () => {
  test.each(['', 'a', 'a b\tc', 'caf\xe9', '"a, b"'])('may be %j', (value) => expect(read(fieldValue, value)).toBe(value));

  test.each([' a', 'a ', '\ta', 'a\r\nb', 'a\nb', 'a\rb', '\0', '\x7f', '☃', '\x1b'])('may not be %j', (value) => {
    expect(read(fieldValue, value)).toMatch(/^not a field value: /);
  });
});

describe('A method', () => {
  test.each(['GET', 'PROPFIND', 'M-SEARCH'])('may be %s', (method) => expect(read(methodName, method)).toBe(method));

  test.each([
    ['get', 'methods are case-sensitive: "get"'],
    ['', 'not a method: ""'],
    ['GET /', 'not a method: "GET /"'],
    ['CONNECT', 'CONNECT asks for a forward proxy, which this is not'],
  ])('may not be %j', (method, message) => expect(read(methodName, method)).toBe(message));
});
