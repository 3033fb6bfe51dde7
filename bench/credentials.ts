import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CERTIFICATE, PRIVATE_KEY } from '../test/config/certificate.ts';

/** What the variants of policies are configured and asked with. */
export interface Credentials {
  /** Files of a P-256 certificate and its key. */
  readonly certificate: string;
  readonly key: string;
  /** File of the key that tokens are verified with. */
  readonly publicKey: string;
  readonly apiKeyHash: string;
  /** Lines of a request's head. */
  readonly token: string;
  readonly apiKey: string;
  /** Port of a Redis; 0: there is none. */
  readonly redis: number;
}

const API_KEY = 'bench-key-4711';
const LIFE_S = 3_600;

export function makeCredentials(dir: string, redis = 0): Credentials {
  const write = (name: string, text: string) => {
    const file = join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + LIFE_S;
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: 'alice', scope: 'users:read', exp })}`;
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
  return {
    certificate: write('bench.crt', CERTIFICATE),
    key: write('bench.key', PRIVATE_KEY),
    publicKey: write('jwt.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    apiKeyHash: `sha256:${createHash('sha256').update(API_KEY).digest('hex')}`,
    token: `Authorization: Bearer ${signed}.${signature}`,
    apiKey: `X-API-Key: ${API_KEY}`,
    redis,
  };
}
