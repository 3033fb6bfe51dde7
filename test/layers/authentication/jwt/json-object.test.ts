import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJsonObject } from '../../../../src/layers/authentication/jwt/json-object.ts';

const read = (text: string | Buffer) => readJsonObject(Buffer.from(text as string));

describe('A JSON object', () => {
  test.each([
    '{}',
    ' {"a":1} ',
    '{"a":{"b":1,"c":[{"b":2}]},"b":[1,{"a":1},{"a":2}]}',
    '{"a":"\\"a\\":1,{","b\\\\":"]}"}',
    '{"ü":"€"}',
  ])('is read: %s', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each([
    '',
    'null',
    '1',
    '"{}"',
    '[]',
    '[{}]',
    '{',
    '{"a":1}}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '\ufeff{}',
    '{"a":"\n"}',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  ])('is not: %j', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":{},"a":2}',
    '{"a":1, "\\u0061":2}',
    '{"":1,"":2}',
    '{"a":[1,{"x":[]}],"a" : 2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":"}","a":1}',
  ])('is none when it names a member twice: %s', (text) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
    expect(read(text)).toBeUndefined();
  });

  test('may have any name, which changes nothing but itself', () => {
    const value = read('{"__proto__":{"sub":"admin"},"constructor":1}');
    expect(Object.hasOwn(value ?? {}, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('may be as deep as it likes', () => {
    const depth = 100_000;
    expect(() => read(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).not.toThrow();
  });

  test('is what JSON.stringify makes of any, and with a member more that it has, none', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        expect(read(text)).toEqual(JSON.parse(text));
        const names = Object.keys(value);
        const name = JSON.stringify(names[at % names.length]);
        expect(read(`${text.slice(0, -1)},${name}:0}`)).toBeUndefined();
      }),
    );
  });
});
