import { beforeAll, describe, expect, test } from 'vitest';
import { WITH_PUBLIC_KEY } from '../../../../src/layers/authentication/jwt/algorithms.ts';
import { jwtSchema } from '../../../../src/layers/authentication/jwt/config.ts';
import { configOf } from './open-method.ts';
import { SECRET, type Signer, signer } from './signing.ts';

const URI = 'https://id.example.com/jwks';
let rsa: Signer;

beforeAll(() => {
  rsa = signer('rsa');
});

function problems(written: Readonly<Record<string, unknown>>): [string, string][] {
  const { error } = jwtSchema.safeParse(written);
  return error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [];
}

describe('A jwt block', () => {
  test("as Photon's has its defaults filled in, and is plain data", () => {
    const config = configOf({ secret: 'your-256-bit-secret-key-here', algorithm: 'HS256', header: 'Authorization' });
    expect(config).toEqual({
      secret: 'your-256-bit-secret-key-here',
      algorithms: ['HS256'],
      header: 'Authorization',
      issuer: [],
      audience: [],
      required_claims: [],
      typ: [],
      leeway: 5000,
      forward: true,
      jwks_max_age: 600_000,
      jwks_cooldown: 30_000,
      jwks_timeout: 5000,
    });
    expect(structuredClone(config)).toEqual(config);
  });

  test('believes what goes with its keys when it names no algorithm', () => {
    expect(configOf({ secret: SECRET }).algorithms).toEqual(['HS256']);
    expect(configOf({ jwks_uri: URI }).algorithms).toEqual(WITH_PUBLIC_KEY);
    expect(configOf({ public_key: 'key.pem' }).algorithms).toEqual(WITH_PUBLIC_KEY);
    expect(configOf({ jwks_uri: URI, secret: SECRET }).algorithms).toEqual(['HS256', ...WITH_PUBLIC_KEY]);
    expect(configOf({ jwks_uri: URI, algorithms: ['ES256', 'RS256', 'ES256'] }).algorithms).toEqual(['ES256', 'RS256']);
  });

  test('takes one text for a list, and "" for none', () => {
    const { issuer, audience, typ } = configOf({ secret: SECRET, issuer: '', audience: 'api', typ: 'application/AT+JWT' });
    expect([issuer, audience, typ]).toEqual([[], ['api'], ['at+jwt']]);
    expect(configOf({ secret: SECRET, issuer: ['a', ''], typ: ['JWT', ''] })).toMatchObject({ issuer: ['a'], typ: ['jwt', ''] });
  });

  test('takes a PEM text in the place of its file', () => {
    expect(configOf({ public_key: rsa.pem, algorithms: ['ES256', 'PS512'] }).public_key).toBe(rsa.pem);
  });

  test.each([
    [{}, '', 'needs a secret, public_key or jwks_uri'],
    [{ secret: SECRET, algorithm: 'HS256', algorithms: ['HS256'] }, 'algorithm', 'algorithms says it already'],
    [{ public_key: 'a.pem', jwks_uri: URI }, 'public_key', 'jwks_uri says where keys come from: one of the two'],
    [{ jwks_uri: URI, algorithm: 'HS256' }, 'algorithm', 'HS256 needs a secret'],
    [{ jwks_uri: URI, algorithms: ['RS256', 'HS512'] }, 'algorithms', 'HS512 needs a secret'],
    [{ secret: SECRET, algorithms: ['HS256', 'ES384'] }, 'algorithms', 'ES384 needs public_key or jwks_uri'],
    [{ secret: SECRET, jwks_uri: URI, algorithm: 'RS256' }, 'secret', 'none of the algorithms takes a secret'],
    [{ secret: SECRET, jwks_uri: URI, algorithm: 'HS256' }, 'jwks_uri', 'none of the algorithms takes a public key'],
    [{ secret: SECRET, public_key: 'a', algorithm: 'HS256' }, 'public_key', 'none of the algorithms takes a public key'],
    [{ secret: SECRET, algorithms: [] }, 'algorithms', 'an empty list lets nobody in'],
    [{ secret: SECRET, algorithm: 'none' }, 'algorithm', 'a token without a signature proves nothing'],
    [{ secret: SECRET, algorithms: ['NONE'] }, 'algorithms.0', 'a token without a signature proves nothing'],
    [{ secret: SECRET, algorithm: 'hs256' }, 'algorithm', expect.stringContaining('HS256')],
    [{ secret: 'fifteen letters' }, 'secret', expect.stringContaining('15 bytes are too short')],
    [{ secret: '' }, 'secret', expect.stringContaining('0 bytes are too short')],
    [{ secret: 'base64:####################' }, 'secret', 'what stands behind "base64:" is not base64'],
    [{ public_key: '-----BEGIN NOTHING-----' }, 'public_key', 'not a PEM public key or certificate'],
    [{ public_key: '' }, 'public_key', expect.any(String)],
    [{ jwks_uri: 'id.example.com/jwks' }, 'jwks_uri', expect.stringContaining('not an http or https URL')],
    [{ jwks_uri: 'file:///etc/keys.json' }, 'jwks_uri', expect.stringContaining('not an http or https URL')],
    [{ jwks_uri: 'https://me:pass@id.example.com/' }, 'jwks_uri', 'a URL with a password in it would be shown in logs'],
    [{ jwks_uri: 'ftp://me:pass@id.example.com/' }, 'jwks_uri', 'a URL with a password in it would be shown in logs'],
    [{ jwks_uri: '//me:pass@id.example.com/' }, 'jwks_uri', 'a URL with a password in it would be shown in logs'],
    [{ secret: 1234567890123456 }, 'secret', 'must be a text, in quotes if it has digits alone'],
    [{ secret: SECRET, header: 'no name' }, 'header', expect.stringContaining('not a field name')],
    [{ secret: SECRET, header: 'Cookie' }, 'header', 'Cookie has another meaning: a token needs a field of its own'],
    [{ secret: SECRET, leeway: 5 }, 'leeway', expect.stringContaining('bare number')],
    [{ secret: SECRET, issuer: 5 }, 'issuer', 'must be a text, or a list of these'],
    [{ secret: SECRET, typ: [5] }, 'typ', 'must be a text, or a list of these'],
    [{ secret: SECRET, jwks_cooldown: '0s' }, 'jwks_cooldown', expect.stringContaining('too short')],
    [{ secret: SECRET, required_claims: [''] }, 'required_claims.0', expect.any(String)],
  ])('with a mistake says what and where: %j', (written, path, message) => {
    expect(problems(written)).toEqual([[path, message]]);
  });

  test('whose key goes with none of its algorithms says so', () => {
    const fits = 'RS256, RS384, RS512, PS256, PS384, PS512';
    expect(problems({ public_key: rsa.pem, algorithm: 'ES256' })).toEqual([
      ['public_key', `a key for ${fits}, of which none is among the algorithms`],
    ]);
  });

  test('never shows a secret in its problems', () => {
    for (const secret of ['hunter2', 'base64:hunter2!']) expect(JSON.stringify(problems({ secret }))).not.toContain('hunter2');
  });
});
