import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTROL, isBasic, readBasic } from '../../../src/layers/authentication/basic-credential.ts';

const encode = (text: string | Buffer) => Buffer.from(text as string).toString('base64');

describe('A basic credential', () => {
  test.each([
    [`Basic ${encode('Aladdin:open sesame')}`, { user: 'Aladdin', password: 'open sesame' }],
    [`Basic ${encode('test:123£')}`, { user: 'test', password: '123£' }],
    [`basic ${encode('a:b')}`, { user: 'a', password: 'b' }],
    [`BASIC ${encode('a:b')}`, { user: 'a', password: 'b' }],
    [`Basic   ${encode('a:b')}`, { user: 'a', password: 'b' }],
    [`Basic ${encode('a:b:c:')}`, { user: 'a', password: 'b:c:' }],
    [`Basic ${encode(':')}`, { user: '', password: '' }],
    [`Basic ${encode('a:')}`, { user: 'a', password: '' }],
    [`Basic ${encode('ключ:пароль')}`, { user: 'ключ', password: 'пароль' }],
    [`Basic ${encode(`a:${'x'.repeat(1400)}`)}`, { user: 'a', password: 'x'.repeat(1400) }],
  ])('%.40s is read', (value, credential) => {
    expect(readBasic(value)).toEqual(credential);
    expect(isBasic(value)).toBe(true);
  });

  test.each([
    ['nothing behind the scheme', 'Basic'],
    ['a space alone', 'Basic '],
    ['a tab', `Basic\t${encode('a:b')}`],
    ['many spaces', `Basic ${' '.repeat(9)}${encode('a:b')}`],
    ['no base64', 'Basic !!!!'],
    ['base64url', 'Basic _-_-'],
    ['a missing pad', `Basic ${encode('a:bc').replace(/=+$/, '')}`],
    ['a pad too many', `Basic ${encode('a:b')}=`],
    ['a pad in the middle', 'Basic YT=pi='],
    ['stray bits', 'Basic YTpiY2='],
    ['no colon', `Basic ${encode('alice')}`],
    ['NUL', `Basic ${encode('a:b\0c')}`],
    ['a line end', `Basic ${encode('a:b\r\nX: y')}`],
    ['DEL', `Basic ${encode('a:\x7f')}`],
    ['a control in the name', `Basic ${encode('a\x01:b')}`],
    ['latin1', `Basic ${encode(Buffer.from('a:\xff', 'latin1'))}`],
    ['half a character', `Basic ${encode(Buffer.from([0x61, 0x3a, 0xc3]))}`],
    ['a surrogate', `Basic ${encode(Buffer.from([0x61, 0x3a, 0xed, 0xa0, 0x80]))}`],
    ['two credentials', `Basic ${encode('a:b')} ${encode('c:d')}`],
    ['two with a comma', `Basic ${encode('a:b')}, Basic ${encode('c:d')}`],
    ['parameters', `Basic realm="x"`],
    ['too much', `Basic ${encode(`a:${'x'.repeat(1535)}`)}`],
    ['a megabyte', `Basic ${'YTpi'.repeat(250_000)}`],
    ['bytes of others', `Basic ${encode('a:b')}\xa0`],
  ])('with %s is basic, and none', (_, value) => {
    expect([isBasic(value), readBasic(value)]).toEqual([true, undefined]);
  });

  test.each(['', 'Bearer abc', 'BasicX YTpi', 'Basic-Auth YTpi', 'Digest username="Basic"', 'Base YTpi', ' Basic YTpi'])(
    '%j speaks of another scheme',
    (value) => {
      expect(isBasic(value)).toBe(false);
    },
  );

  test('is read as it was written, whatever is in it', () => {
    const safe = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !CONTROL.test(text) && text.isWellFormed());
    const user = safe.filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(user, safe, (name, password) => {
        expect(readBasic(`Basic ${encode(`${name}:${password}`)}`)).toEqual({ user: name, password });
      }),
    );
  });

  test('of any bytes at all is read or refused, and never with a control character', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => `Basic ${Buffer.from(each).toString('base64')}`);
    const wild = fc.string({
      unit: fc.constantFrom('B', 'a', 's', 'i', 'c', ' ', '\t', '=', '+', ':', ',', '\xff'),
      maxLength: 24,
    });
    fc.assert(
      fc.property(fc.oneof(bytes, wild), (value) => {
        const read = readBasic(value);
        return read === undefined || !CONTROL.test(read.user + read.password);
      }),
      { numRuns: 2000 },
    );
  });
});
