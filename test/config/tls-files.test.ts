import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';
import { issue } from '../support/certificates.ts';
import { CERTIFICATE, PRIVATE_KEY } from './certificate.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
  write('cert.pem', CERTIFICATE);
  write('key.pem', PRIVATE_KEY);
  write('bundle.pem', `# first\n${CERTIFICATE}\n# second\n${CERTIFICATE}`);
  write('half.pem', `${CERTIFICATE}\n${CERTIFICATE.replace(/[A-Za-z0-9+/]{40}/, '')}`);
  write(
    'other.pem',
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
  );
  write('nothing.pem', 'nothing');
  for (const [name, times] of [
    ['old', { until: '2026-01-01' }],
    ['new', { from: '2100-01-01' }],
  ] as const) {
    const { cert, key } = issue(times);
    write(`${name}.crt`, cert);
    write(`${name}.key`, key);
  }
  chmodSync(write('secret.pem', PRIVATE_KEY), 0);
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

function check(tls: string) {
  const text = `load_balancing: { backends: { users: { upstreams: [{ address: "https://users" }], tls: { ${tls} } } } }`;
  return checkText(text, join(directory, 'a.yaml'), {}).backends['users']?.tls;
}

describe('The files of a TLS block', () => {
  test('are not shown when a text stands in their place: it may be a private key', () => {
    const texts = [PRIVATE_KEY, ` ${PRIVATE_KEY}`, PRIVATE_KEY.replaceAll('\n', ' ')];
    for (const text of texts) {
      let told = '';
      try {
        check(`cert: cert.pem, key: ${JSON.stringify(text)}`);
      } catch (error) {
        told = String(error);
      }
      expect(told).toContain('tls.key: the text of a PEM file stands here: the name of the file is wanted');
      expect(told).not.toContain(PRIVATE_KEY.slice(40, 60));
    }
  });

  test('are read, from where the configuration stands', () => {
    expect(check('ca: ./bundle.pem, cert: cert.pem, key: key.pem')).toEqual({
      ca: expect.stringContaining('# second'),
      cert: CERTIFICATE,
      key: PRIVATE_KEY,
      verify: true,
    });
  });

  test('may be left out', () => {
    expect(check('verify: false')).toEqual({ verify: false });
  });

  test.each([
    ['ca: none.pem', 'tls.ca: none.pem: no such file'],
    ['ca: .', 'tls.ca: .: is a directory'],
    ['ca: nothing.pem', 'tls.ca: nothing.pem: not a PEM certificate'],
    ['ca: half.pem', 'tls.ca: half.pem: not a PEM certificate'],
    ['cert: cert.pem, key: nothing.pem', 'tls.key: nothing.pem: not a PEM private key'],
    ['cert: cert.pem', 'tls.cert: needs key beside it'],
    ['key: key.pem', 'tls.key: needs cert beside it'],
    ['cert: cert.pem, key: other.pem', 'tls.key: other.pem: does not belong to its certificate'],
    ['cert: old.crt, key: old.key', 'tls.cert: old.crt: expired on 2026-01-01 00:00 UTC'],
    ['cert: new.crt, key: new.key', 'tls.cert: new.crt: is not valid before 2100-01-01 00:00 UTC'],
    ['ca: old.crt', 'tls.ca: old.crt: expired on 2026-01-01 00:00 UTC'],
    ['ca: 5', 'tls.ca: must be a text, not 5'],
    ['cert: "-----BEGIN CERTIFICATE-----\\nx"', 'tls.cert: the text of a PEM file stands here: the name of the file is wanted'],
  ])('that cannot be used are told: %s', (tls, why) => {
    expect(() => check(tls)).toThrow(why);
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0)('that may not be read are told', () => {
    expect(() => check('cert: cert.pem, key: secret.pem')).toThrow('no permission to read it');
  });
});
