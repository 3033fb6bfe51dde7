import { describe, expect, test } from 'vitest';
import { CertificateTable, type Shown } from '../../src/server/certificate-table.ts';
import { type Issued, issue } from '../support/certificates.ts';

const SERVED = {
  first: issue({ subject: 'first.example', names: ['DNS:first.example', 'DNS:both.example'] }),
  second: issue({ subject: 'ignored.example', names: ['DNS:Second.Example', 'DNS:both.example', 'IP:192.0.2.1'] }),
  rsa: issue({ subject: 'rsa', kind: 'rsa', names: ['DNS:both.example', 'DNS:rsa.example'] }),
  wild: issue({ names: ['DNS:*.wild.example', `IP:20010db8${'0'.repeat(23)}1`] }),
  odd: issue({ names: ['DNS:*', 'DNS:a*.odd.example', 'DNS:*t', 'email:mail.example', 'URI:uri.example'] }),
  old: issue({ subject: 'Old.Example' }),
} satisfies Record<string, Issued>;

const table = (...names: (keyof typeof SERVED)[]) =>
  new CertificateTable(names.map((name) => ({ name, cert: SERVED[name].cert, key: SERVED[name].key })));
const whose = ({ cert }: Shown) =>
  cert.map((one) => Object.entries(SERVED).find(([, { cert: other }]) => other === one)?.[0]).join('+');

describe('A table of certificates', () => {
  const all = table('first', 'second', 'rsa', 'wild', 'odd', 'old');

  test.each([
    ['first.example', 'first'],
    ['FIRST.example.', 'first'],
    ['second.example', 'second'],
    // Where there are other names, the common one says nothing.
    ['ignored.example', 'first'],
    ['old.example', 'old'],
    ['both.example', 'first+rsa'],
    ['rsa.example', 'rsa'],
    ['a.wild.example', 'wild'],
    ['wild.example', 'first'],
    ['a.b.wild.example', 'first'],
    ['.wild.example', 'wild'],
    ['192.0.2.1', 'second'],
    ['2001:db8::1', 'wild'],
    // Neither a star alone nor one inside a label is a wildcard.
    ['host', 'first'],
    ['t', 'first'],
    ['ab.odd.example', 'first'],
    ['mail.example', 'first'],
    ['uri.example', 'first'],
    ['', 'first'],
    ['.', 'first'],
    ['__proto__', 'first'],
  ])('has for %j that of %s', (name, owner) => {
    expect(whose(all.find(name))).toBe(owner);
  });

  test('knows those of addresses', () => {
    expect([...all.byAddress()].map(([address, shown]) => [address, whose(shown)])).toEqual([
      ['192.0.2.1', 'second'],
      ['2001:db8::1', 'wild'],
    ]);
  });

  test('gives one set for all names that have it, and the keys beside the certificates', () => {
    const { find } = all;
    expect(find.call(all, 'first.example')).toBe(all.fallback);
    expect(find.call(all, 'both.example').key).toEqual([SERVED.first.key, SERVED.rsa.key]);
  });

  test('falls back to the first with all kinds of its first name', () => {
    expect(whose(table('rsa', 'first').fallback)).toBe('rsa+first');
    expect(whose(table('odd', 'first').fallback)).toBe('odd');
  });

  test('may have one without a name', () => {
    const nameless = issue({ subject: [] });
    const alone = new CertificateTable([{ name: 'x', ...nameless }]);
    expect(alone.find('a.example')).toBe(alone.fallback);
    expect(alone.fallback.cert).toEqual([nameless.cert]);
  });
});
