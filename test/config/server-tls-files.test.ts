import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkInput } from '../../src/config/check.ts';
import { checkFile } from '../../src/config/check-file.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { issue, PemFiles } from '../support/certificates.ts';

let files: PemFiles;
const NOW = Date.UTC(2026, 5, 15);
const authority = issue({ subject: 'CA', authority: true });
const a = issue({ subject: 'a.example' });
const b = issue({ subject: 'b.example' });

beforeAll(() => {
  files = new PemFiles();
  files.put('a', a);
  files.put('b', b);
  files.write('ca.crt', authority.cert);
  files.put('expired', issue({ until: '2026-06-14T12:34:56Z' }));
  files.put('future', issue({ from: '2026-06-15T00:01:01Z' }));
  files.put('recent', issue({ from: '2026-06-15T00:00:59Z' }));
  files.put('weak', issue({ kind: 'rsa-1024' }));
  files.write('old-ca.crt', issue({ until: '2026-01-01' }).cert);
  files.write('mixed-ca.crt', issue({ until: '2026-01-01' }).cert + authority.cert);
  files.write('encrypted.key', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n');
  files.write(
    'old-encrypted.key',
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nMIIB\n-----END RSA PRIVATE KEY-----\n',
  );
  files.write('nothing.pem', 'nothing');
  files.write('broken.crt', a.cert.replace(/[A-Za-z0-9+/]{40}/, ''));
  chmodSync(files.write('secret.key', a.key), 0);
});
afterAll(() => files.close());

function check(server: string, now = NOW) {
  const text = `server: { ${server} }`;
  return checkInput({ main: { text, file: join(files.directory, 'c.yaml') }, environment: {}, now }).config.server;
}

function problems(server: string): string[] {
  try {
    check(server);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, message, expected }) => `${path}: ${message}${expected ? `; ${expected}` : ''}`);
    throw error;
  }
  return [];
}

const HTTPS = 'https_addr: "127.0.0.1:1"';

describe('Certificates for clients', () => {
  test('are read from where the configuration stands, the single one first', () => {
    const { tls, https_addr } = check(
      `https_addr: ["127.0.0.1:1", "[::1]:0"], tls_cert: a.crt, tls_key: ./a.key, tls: { certificates: [{ cert: b.crt, key: b.key }], client_auth: { mode: require, ca: ca.crt } }`,
    );
    expect(https_addr).toEqual([
      { host: '127.0.0.1', port: 1 },
      { host: '::1', port: 0 },
    ]);
    expect(tls).toEqual({
      certificates: [
        { name: 'a.crt', cert: a.cert, key: a.key },
        { name: 'b.crt', cert: b.cert, key: b.key },
      ],
      min_version: '1.2',
      client_auth: { mode: 'require', ca: authority.cert },
      handshake_timeout: 10_000,
    });
  });

  test('may be one alone, or a list alone, or none', () => {
    const names = (server: string) => check(server).tls.certificates.map(({ name }) => name);
    expect(names(`${HTTPS}, tls_cert: a.crt, tls_key: a.key`)).toEqual(['a.crt']);
    expect(names(`${HTTPS}, tls: { certificates: [{ cert: b.crt, key: b.key }] }`)).toEqual(['b.crt']);
    expect(names('')).toEqual([]);
    expect(check('').https_addr).toEqual([]);
  });

  test('may be a moment younger than our clock', () => {
    expect(problems(`${HTTPS}, tls_cert: recent.crt, tls_key: recent.key`)).toEqual([]);
  });

  const pair = (cert: string, key: string) => `${HTTPS}, tls_cert: ${cert}, tls_key: ${key}`;

  test.each([
    [pair('expired.crt', 'expired.key'), ['server.tls_cert: expired.crt: expired on 2026-06-14 12:34 UTC']],
    [pair('future.crt', 'future.key'), ['server.tls_cert: future.crt: is not valid before 2026-06-15 00:01 UTC']],
    [pair('none.crt', 'a.key'), ['server.tls_cert: none.crt: no such file']],
    [pair('.', 'a.key'), ['server.tls_cert: .: is a directory']],
    [
      pair('nothing.pem', 'nothing.pem'),
      ['server.tls_cert: nothing.pem: not a PEM certificate', 'server.tls_key: nothing.pem: not a PEM private key'],
    ],
    [pair('broken.crt', 'a.key'), ['server.tls_cert: broken.crt: not a PEM certificate']],
    [
      pair('a.key', 'a.crt'),
      [
        'server.tls_cert: a.key: holds a private key where a certificate is wanted',
        'server.tls_key: a.crt: holds a certificate where a private key is wanted',
      ],
    ],
    [pair('a.crt', 'b.key'), ['server.tls_key: b.key: does not belong to its certificate']],
    [pair('a.crt', 'encrypted.key'), ['server.tls_key: encrypted.key: is encrypted, and there is no place for its passphrase']],
    [
      pair('a.crt', 'old-encrypted.key'),
      ['server.tls_key: old-encrypted.key: is encrypted, and there is no place for its passphrase'],
    ],
    [pair('weak.crt', 'weak.key'), ['server.tls_cert: weak.crt: cannot be used for TLS: ee key too small']],
    [`${HTTPS}, tls_cert: a.crt`, ['server.tls_cert: needs tls_key beside it']],
    [`${HTTPS}, tls_key: a.key`, ['server.tls_key: needs tls_cert beside it']],
    [HTTPS, ['server.https_addr: needs a certificate; tls_cert and tls_key, or tls.certificates']],
    [
      `${HTTPS}, tls: { certificates: [] }`,
      ['server.https_addr: needs a certificate; tls_cert and tls_key, or tls.certificates'],
    ],
    ['tls_cert: a.crt, tls_key: a.key', ['server.tls_cert: acts on https_addr alone, which is not there']],
    [
      'tls: { certificates: [{ cert: a.crt, key: a.key }] }',
      ['server.tls.certificates[0]: acts on https_addr alone, which is not there'],
    ],
    [
      'tls: { client_auth: { mode: require, ca: ca.crt } }',
      ['server.tls.client_auth.mode: acts on https_addr alone, which is not there'],
    ],
    [
      `${HTTPS}, tls: { certificates: [{ cert: a.crt, key: a.key }, { cert: expired.crt, key: a.key }] }`,
      [
        'server.tls.certificates[1].cert: expired.crt: expired on 2026-06-14 12:34 UTC',
        'server.tls.certificates[1].key: a.key: does not belong to its certificate',
      ],
    ],
    [`${HTTPS}, tls: { certificates: [{ cert: a.crt }] }`, ['server.tls.certificates[0].key: is missing; a text']],
    [`${HTTPS}, tls_cert: 5, tls_key: a.key`, ['server.tls_cert: must be a text, not 5']],
    [
      `${pair('a.crt', 'a.key')}, tls: { client_auth: { mode: request } }`,
      ['server.tls.client_auth.mode: needs ca beside it: who signs certificates of clients'],
    ],
    [
      `${pair('a.crt', 'a.key')}, tls: { client_auth: { mode: maybe, ca: ca.crt } }`,
      ['server.tls.client_auth.mode: "maybe" is not one of the words it may be; one of none, request, require'],
    ],
    [
      `${pair('a.crt', 'a.key')}, tls: { client_auth: { mode: require, ca: none.crt } }`,
      ['server.tls.client_auth.ca: none.crt: no such file'],
    ],
    [
      `${pair('a.crt', 'a.key')}, tls: { client_auth: { ca: old-ca.crt } }`,
      ['server.tls.client_auth.ca: old-ca.crt: expired on 2026-01-01 00:00 UTC'],
    ],
    [
      `${pair('a.crt', 'a.key')}, tls: { min_version: "1.1" }`,
      ['server.tls.min_version: not a version of TLS that is spoken: "1.1"; "1.2" or "1.3"'],
    ],
    [
      `${pair('a.crt', 'a.key')}, tls: { handshake_timeout: 0s }`,
      ['server.tls.handshake_timeout: 0s is too short; at least 1ms'],
    ],
  ])('that cannot be used are told: %s', (server, says) => {
    expect(problems(server)).toEqual(says);
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0)('that may not be read are told', () => {
    expect(problems(pair('a.crt', 'secret.key'))).toEqual(['server.tls_key: secret.key: no permission to read it']);
  });

  test('may have authorities of which some are of the past', () => {
    expect(problems(`${pair('a.crt', 'a.key')}, tls: { client_auth: { mode: request, ca: mixed-ca.crt } }`)).toEqual([]);
  });

  test('are named as files of the configuration, so that they are watched, the bad ones too', () => {
    const text = `server: { ${pair('a.crt', 'expired.key')}, tls: { client_auth: { ca: none.crt } } }`;
    const { known, loaded } = checkFile({ file: files.write('watched.yaml', text), environment: {} });
    expect(loaded.kind).toBe('refused');
    const names = ['watched.yaml', 'a.crt', 'expired.key', 'none.crt'].map((name) => join(files.directory, name));
    expect(known.names).toEqual(expect.arrayContaining(names));
  });

  test('that expire are refused from then on, by the clock of the check', () => {
    const server = pair('expired.crt', 'expired.key');
    expect(check(server, Date.UTC(2026, 0, 1)).tls.certificates).toHaveLength(1);
    expect(() => check(server)).toThrow('expired on 2026-06-14');
  });
});
