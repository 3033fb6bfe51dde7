import { describe, expect, test } from 'vitest';
import { checkSecret, secretBytes, weakSecret } from '../../../../src/layers/authentication/jwt/secret.ts';

describe('A secret', () => {
  test.each([
    ['plain text', 'plain text'],
    ['ü', '\xc3\xbc'],
    ['base64:AAECAw==', '\x00\x01\x02\x03'],
    ['base64:AAECAw', '\x00\x01\x02\x03'],
    ['base64:-_-_', '\xfb\xff\xbf'],
    ['base64:+/+/', '\xfb\xff\xbf'],
    ['base64:', ''],
    ['base64:A', undefined],
    ['base64:AA=A', undefined],
    ['base64:AAAA====', undefined],
    ['base64:A A', undefined],
  ])('%j is read as its bytes', (text, bytes) => {
    expect(secretBytes(text)?.toString('latin1')).toBe(bytes);
  });

  test.each([
    ['0123456789abcdef', undefined],
    ['0123456789abcde', '15 bytes are too short for a secret: whoever has one token finds it by trying'],
    [`base64:${Buffer.alloc(16).toString('base64')}`, undefined],
    [`base64:${Buffer.alloc(15).toString('base64')}`, expect.stringContaining('15 bytes')],
    ['base64:?', 'what stands behind "base64:" is not base64'],
  ])('%j has its size checked in bytes', (text, problem) => {
    expect(checkSecret(text)).toEqual(problem);
  });

  test.each([
    [28, ['HS256'], 'the secret has 28 bytes, HS256 asks for 32 (RFC 7518 section 3.2)'],
    [32, ['HS256'], undefined],
    [32, ['HS256', 'HS384'], 'the secret has 32 bytes, HS384 asks for 48 (RFC 7518 section 3.2)'],
    [63, ['HS512', 'RS512'], 'the secret has 63 bytes, HS512 asks for 64 (RFC 7518 section 3.2)'],
    [64, ['HS256', 'HS384', 'HS512'], undefined],
  ] as const)('of %i bytes for %j is worth a warning or not', (length, algorithms, warning) => {
    expect(weakSecret({ secret: 'x'.repeat(length), algorithms })).toBe(warning);
  });

  test('that is not there is not weak', () => {
    expect(weakSecret({ algorithms: ['RS256'] })).toBeUndefined();
  });
});
