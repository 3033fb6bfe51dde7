import { afterEach, describe, expect, test } from 'vitest';
import { issue } from '../support/certificates.ts';
import { soon } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { AUTHORITY, SERVED, shownTo, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig;

afterEach(() => tls.close());

const by = AUTHORITY;
const named = (subject: string, ...names: string[]) => issue({ subject, names, by });

describe('The certificate that is shown', () => {
  const certificates = [
    SERVED,
    named('wild', 'DNS:*.w.example', 'DNS:w.example'),
    named('exact', 'DNS:exact.w.example'),
    named('address', 'IP:127.0.0.1'),
    named('old.example'),
  ];

  test.each([
    ['a.example', 'a.example'],
    ['A.Example', 'a.example'],
    ['w.example', 'wild'],
    ['x.w.example', 'wild'],
    ['exact.w.example', 'exact'],
    ['x.y.w.example', 'a.example'],
    ['old.example', 'old.example'],
    ['unknown.example', 'a.example'],
    ['localhost', 'a.example'],
    // None is asked for: then the one for the address, where there is one.
    ['', 'address'],
  ])('to who asks for %j is that of %s', async (servername, subject) => {
    tls = await TlsRig.open({ certificates });
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      expect(shownTo(await tls.connected({ servername, maxVersion }))).toBe(subject);
    }
  });

  test('to who asks for none is the first, where none is for the address', async () => {
    tls = await TlsRig.open({ certificates: [SERVED, named('other', 'IP:127.0.0.2')] });
    expect(shownTo(await tls.connected({ servername: '' }))).toBe('a.example');
  });

  test('is of the kind that the client can read, where a name has two', async () => {
    const rsa = issue({ subject: 'rsa', names: ['DNS:a.example'], kind: 'rsa' });
    tls = await TlsRig.open({ certificates: [named('b.example', 'DNS:b.example'), SERVED, rsa] });
    const shown = (sigalgs: string) => tls.connected({ servername: 'a.example', sigalgs }).then(shownTo);
    expect(await shown('ecdsa_secp256r1_sha256')).toBe('a.example');
    expect(await shown('rsa_pss_rsae_sha256:rsa_pkcs1_sha256')).toBe('rsa');
  });

  test('is the first of two of one kind', async () => {
    tls = await TlsRig.open({
      certificates: [named('first', 'DNS:a.example'), named('second', 'DNS:a.example', 'DNS:b.example')],
    });
    expect(shownTo(await tls.connected({ servername: 'a.example' }))).toBe('first');
    expect(shownTo(await tls.connected({ servername: 'b.example' }))).toBe('second');
  });

  test('comes with those that lead to its authority', async () => {
    const middle = issue({ subject: 'middle', authority: true, by });
    const leaf = issue({ subject: 'leaf', names: ['DNS:leaf.example'], by: middle });
    tls = await TlsRig.open({ certificates: [SERVED, { ...leaf, cert: leaf.cert + middle.cert }] });
    const client = tls.connect({ ca: AUTHORITY.cert, servername: 'leaf.example' }, get('/'));
    await client.endsWith('hello');
    expect(client.socket.authorized).toBe(true);
  });

  test('may be of Ed25519', async () => {
    tls = await TlsRig.open({ certificates: [issue({ subject: 'ed', names: ['DNS:a.example'], kind: 'ed25519', by })] });
    expect(shownTo(await tls.connected())).toBe('ed');
  });
});

test('a session goes on whatever name it is for', async () => {
  tls = await TlsRig.open({ certificates: [SERVED, named('b.example', 'DNS:b.example')] });
  for (const servername of ['a.example', 'b.example']) {
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      const sessions: Buffer[] = [];
      const options = { ca: AUTHORITY.cert, servername, maxVersion };
      const first = tls.connect(options);
      first.socket.on('session', (session: Buffer) => sessions.push(session));
      first.send(get('/'));
      await first.endsWith('hello');
      await soon(() => sessions.length > 0);
      const second = tls.connect({ ...options, session: sessions.at(-1) }, get('/'));
      await second.endsWith('hello');
      expect([servername, maxVersion, second.socket.isSessionReused()]).toEqual([servername, maxVersion, true]);
    }
  }
});
