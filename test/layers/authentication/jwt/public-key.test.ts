import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkPublicKey, readPublicKey } from '../../../../src/layers/authentication/jwt/public-key.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../../../config/certificate.ts';
import { signer } from './signing.ts';

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

describe('A public key', () => {
  test.each(['rsa', 'P-256', 'P-384', 'P-521', 'ed25519'] as const)('is read from SPKI: %s', (kind) => {
    const { pem, jwk } = signer(kind);
    expect([checkPublicKey(pem), readPublicKey(pem)]).toEqual([undefined, jwk]);
    expect(readPublicKey(`Subject: somebody\r\n\r\n${pem.replaceAll('\n', '\r\n')}\r\nmore`)).toEqual(jwk);
  });

  test('is read from a certificate, the first of several', () => {
    const jwk = readPublicKey(CERTIFICATE);
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256' });
    expect(readPublicKey(`${CERTIFICATE}${CERTIFICATE.replace('MIIB', 'AAAA')}`)).toEqual(jwk);
  });

  test.each([
    ['nothing', '', 'not a PEM public key or certificate'],
    ['text', 'hello', 'not a PEM public key or certificate'],
    ['a block without its end', signer('P-256').pem.slice(0, 60), 'not a PEM public key or certificate'],
    [
      'a request',
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
      'not a PEM public key or certificate',
    ],
    ['rubbish in a block', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'a PEM block that holds no public key'],
    [
      'rubbish in a certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'a PEM block that holds no public key',
    ],
    ['a private key', PRIVATE_KEY, 'a private key: the gateway only verifies, give it the public key'],
    ['both', CERTIFICATE + PRIVATE_KEY, 'a private key: the gateway only verifies, give it the public key'],
    ['a short RSA key', signer('rsa', 1024).pem, 'an RSA key of 1024 bits: at least 2048 are safe'],
  ])('is none: %s', (_, pem, problem) => {
    expect(checkPublicKey(pem)).toBe(problem);
  });

  test.each([
    ['RSA for PSS alone', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
    ['secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
    ['a curve without a name in JOSE', () => generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' })],
    ['Ed448', () => generateKeyPairSync('ed448')],
    ['X25519', () => generateKeyPairSync('x25519')],
  ])('of a kind that signs no tokens here is refused: %s', (_, generate) => {
    expect(checkPublicKey(spki(generate().publicKey))).toMatch(/^a key of a kind that tokens are not signed with here/);
  });

  test('must go with one of the algorithms', () => {
    const { pem } = signer('P-384');
    expect(checkPublicKey(pem, ['ES256', 'ES384'])).toBeUndefined();
    expect(checkPublicKey(pem, ['ES256', 'RS256'])).toBe('a key for ES384, of which none is among the algorithms');
  });
});
