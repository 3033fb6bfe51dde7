import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCertificateName } from '../../../src/layers/authentication/certificate-name.ts';

const HEX = 'AB'.repeat(32);

test.each([
  ['alice', 'CN:alice'],
  ['CN=alice', 'CN:alice'],
  ['cn:alice', 'CN:alice'],
  ['Alice Smith', 'CN:Alice Smith'],
  ['DNS:A.example', 'DNS:a.example'],
  ['dns:a.example', 'DNS:a.example'],
  ['URI:spiffe://a/B', 'URI:spiffe://a/B'],
  ['email:a@b', 'email:a@b'],
  ['IP:10.0.0.1', 'IP:10.0.0.1'],
  ['IP Address:10.0.0.1', 'IP:10.0.0.1'],
  ['other:x', 'CN:other:x'],
  [`sha256:${HEX}`, `sha256:${HEX.toLowerCase()}`],
  [HEX, `sha256:${HEX.toLowerCase()}`],
  [HEX.replaceAll(/(..)(?=.)/g, '$1:'), `sha256:${HEX.toLowerCase()}`],
])('%s is read as %s', (text, name) => {
  expect(readCertificateName(text)).toBe(name);
});

test.each(['', ' alice', 'alice ', 'CN:', 'CN=', 'DNS:', 'sha256:', 'sha256:abc', `sha256:${HEX}00`, 'a'.repeat(1025)])(
  '%j is no name',
  (text) => {
    expect(readCertificateName(text)).toBeUndefined();
  },
);

test('a name that has been read is read as itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const name = readCertificateName(text);
      return name === undefined || readCertificateName(name) === name;
    }),
  );
});
