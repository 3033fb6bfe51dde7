import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { alternativeNames } from '../../src/server/alternative-names.ts';
import { issue } from '../support/certificates.ts';

const read = (subjectAltName?: string) =>
  alternativeNames({ subjectAltName } as X509Certificate).map(({ kind, value }) => `${kind}=${value}`);

describe('The names of a certificate', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['DNS:a.example', ['DNS=a.example']],
    ['DNS:a.example, DNS:*.b.example', ['DNS=a.example', 'DNS=*.b.example']],
    ['URI:spiffe://a/b, email:a@b.example', ['URI=spiffe://a/b', 'email=a@b.example']],
    ['IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1', ['IP=10.0.0.1', 'IP=::1']],
    ['IP Address:<invalid>', ['IP=<invalid>']],
    // Kinds without a meaning here.
    ['othername:<unsupported>, DNS:a, Registered ID:1.2.3', ['DNS=a']],
    ['DirName:"CN=a\\u002c DNS:evil", DNS:b', ['DNS=b']],
    ['toString:a, constructor:b, DNS:c', ['DNS=c']],
    // One value that looks like more.
    ['DNS:"a\\u002c DNS:b"', ['DNS=a, DNS:b']],
    ['URI:"http://x/\\"y\\"", DNS:z', ['URI=http://x/"y"', 'DNS=z']],
    ['DNS:"\\x"', []],
    // What does not read as a list ends it.
    ['DNS:a, DNS:"b', ['DNS=a']],
    ['DNS:a,DNS:b', []],
    ['a', []],
  ])('%j are %j', (text, names) => {
    expect(read(text)).toEqual(names);
  });

  test('are those that stand in it', () => {
    const names = ['DNS:a.example', 'IP:192.0.2.1', `IP:${'0'.repeat(31)}1`, 'URI:spiffe://a/b', 'email:a@b', 'DNS:x", DNS:evil'];
    const { cert } = issue({ names });
    expect(alternativeNames(new X509Certificate(cert))).toEqual([
      { kind: 'DNS', value: 'a.example' },
      { kind: 'IP', value: '192.0.2.1' },
      { kind: 'IP', value: '::1' },
      { kind: 'URI', value: 'spiffe://a/b' },
      { kind: 'email', value: 'a@b' },
      { kind: 'DNS', value: 'x", DNS:evil' },
    ]);
  });
});
