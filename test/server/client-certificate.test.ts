import { X509Certificate } from 'node:crypto';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ClientCertificate } from '../../src/http/identity.ts';
import { Reply } from '../../src/http/reply.ts';
import { clientCertificate } from '../../src/server/client-certificate.ts';
import { issue } from '../support/certificates.ts';
import { soon } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { ALICE, AS_ALICE, AUTHORITY, BELIEVING, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig | undefined;
const seen: (ClientCertificate | undefined)[] = [];

afterEach(async () => {
  seen.length = 0;
  await tls?.close();
  tls = undefined;
});

async function open(client_auth: object): Promise<TlsRig> {
  const handler = ({ peer }: { peer: { certificate?: ClientCertificate | undefined } }) => {
    seen.push(peer.certificate);
    return new Reply(200, undefined, 'hello');
  };
  tls = await TlsRig.open({ tls: { client_auth } }, { handler });
  return tls;
}

const as = (issued: { cert: string; key: string }): ConnectionOptions => ({ ...BELIEVING, cert: issued.cert, key: issued.key });
const STRANGER = issue({ subject: 'alice', names: ['DNS:alice.example'] });
const EXPIRED = issue({ subject: 'alice', from: '2020-01-01', until: '2021-01-01', by: AUTHORITY });
const VERSIONS = ['TLSv1.3', 'TLSv1.2'] as const;

const ALICE_SEEN: ClientCertificate = {
  subject: 'CN=alice,O=Example\\, Inc',
  commonName: 'alice',
  names: ['DNS:alice.example', 'URI:spiffe://example/alice', 'email:alice@example.com'],
  fingerprint: new X509Certificate(ALICE.cert).fingerprint256.replaceAll(':', '').toLowerCase(),
  notAfter: Date.UTC(2126, 0, 1),
};

describe.each(VERSIONS)('With %s, a server that', (maxVersion) => {
  test('asks for none learns of none', async () => {
    const client = (await open({ mode: 'none' })).connect({ ...AS_ALICE, maxVersion }, get('/'));
    await client.endsWith('hello');
    expect(seen).toEqual([undefined]);
  });

  test.each(['request', 'require'])('has mode %s knows who has proved it, on all of the connection', async (mode) => {
    const client = (await open({ mode })).connect({ ...AS_ALICE, maxVersion }, get('/'));
    await client.endsWith('hello');
    client.send(get('/2'));
    await client.until(/hello.*hello/s);
    expect(seen).toEqual([ALICE_SEEN, ALICE_SEEN]);
    expect([seen[0] === seen[1], Object.isFrozen(seen[0])]).toEqual([true, true]);
  });

  test.each([
    ['no certificate', BELIEVING],
    ['one that nobody known has signed', as(STRANGER)],
    ['one that has expired', as(EXPIRED)],
  ])('requests one serves a client with %s, without a name', async (_, options) => {
    const client = (await open({ mode: 'request' })).connect({ ...options, maxVersion }, get('/'));
    await client.endsWith('hello');
    expect(seen).toEqual([undefined]);
  });

  test.each([
    ['no certificate', BELIEVING, /alert (certificate required|handshake failure)/, 'peer did'],
    ['one that nobody known has signed', as(STRANGER), /ECONNRESET|disconnected|closed/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['one that has expired', as(EXPIRED), /ECONNRESET|disconnected|closed/, 'CERT_HAS_EXPIRED'],
  ])('requires one refuses a client with %s', async (_, options, how, why) => {
    const rig = await open({ mode: 'require' });
    const client = rig.connect({ ...options, maxVersion, allowHalfOpen: false } as ConnectionOptions);
    let error = 'closed';
    client.socket.on('error', ({ message }) => {
      error = message;
    });
    client.send(get('/'));
    await client.gone();
    await soon(() => client.closed);
    await rig.rig.open(0);
    expect([seen, client.text]).toEqual([[], '']);
    expect(error).toMatch(how);
    expect(rig.series('gateway_tls_handshakes_total')).toContain('1 failed');
    expect(JSON.stringify(rig.rig.log.entries)).toContain(why);
  });

  test.each(['request', 'require'])('has mode %s knows it again when a session goes on', async (mode) => {
    const rig = await open({ mode });
    const sessions: Buffer[] = [];
    const first = rig.connect({ ...AS_ALICE, maxVersion });
    first.socket.on('session', (session: Buffer) => sessions.push(session));
    first.send(get('/'));
    await first.endsWith('hello');
    await soon(() => sessions.length > 0);
    // The session alone, without the certificate and its key.
    const second = rig.connect({ ...BELIEVING, maxVersion, session: sessions.at(-1) }, get('/'));
    await second.endsWith('hello');
    expect([second.socket.isSessionReused(), seen[1]]).toEqual([true, ALICE_SEEN]);
  });

  test('has let somebody in without a name does not find one in the session', async () => {
    const rig = await open({ mode: 'request' });
    for (const options of [BELIEVING, as(STRANGER)]) {
      const sessions: Buffer[] = [];
      const first = rig.connect({ ...options, maxVersion });
      first.socket.on('session', (session: Buffer) => sessions.push(session));
      first.send(get('/'));
      await first.endsWith('hello');
      await soon(() => sessions.length > 0);
      const second = rig.connect({ ...options, maxVersion, session: sessions.at(-1) }, get('/'));
      await second.endsWith('hello');
    }
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('requires one does not go on with a session whose certificate has expired since', async () => {
    const rig = await open({ mode: 'require' });
    // OpenSSL reads the clock of the system: the certificate is good by that, and for a minute of the test's.
    const until = new Date(Math.max(rig.rig.clock.wall(), Date.now()) + 60_000).toISOString();
    const short = issue({ subject: 'alice', until, by: AUTHORITY });
    const sessions: Buffer[] = [];
    const first = rig.connect({ ...as(short), maxVersion });
    first.socket.on('session', (session: Buffer) => sessions.push(session));
    first.send(get('/'));
    await first.endsWith('hello');
    await soon(() => sessions.length > 0);
    rig.rig.clock.advance(Date.parse(until) - rig.rig.clock.wall() + 1000);
    const second = rig.connect({ ...as(short), maxVersion, session: sessions.at(-1) }, get('/'));
    await second.gone();
    expect([second.text, seen.length]).toEqual(['', 1]);
  });
});

describe.each(['request', 'require'])('On a connection that goes on, in mode %s, a certificate', (mode) => {
  test('proves nothing any more once it has expired: the client is told to come on another connection', async () => {
    const rig = await open({ mode });
    const until = Date.UTC(2100, 0, 1);
    const short = issue({ subject: 'alice', until: new Date(until).toISOString(), by: AUTHORITY });
    const client = rig.connect(as(short), get('/'));
    await client.endsWith('hello');
    // Years later, without a timer that would have ended the connection on the way.
    const wall = vi.spyOn(rig.rig.clock, 'wall').mockReturnValue(until);
    client.send(get('/'));
    await client.until(/hello.*hello/s);
    wall.mockReturnValue(until + 1);
    client.send(get('/'));
    await client.gone();
    expect(client.text).toMatch(/HTTP\/1\.1 421 .*Connection: close\r\n/s);
    expect(seen).toHaveLength(2);
  });

  test('proves nothing any more when whoever signed it is believed no longer', async () => {
    const rig = await open({ mode });
    const [idle, busy] = [rig.connect(AS_ALICE, get('/')), rig.connect(AS_ALICE, get('/'))];
    for (const client of [idle, busy]) await client.endsWith('hello');
    const other = rig.files.write('other.crt', issue({ subject: 'Other CA', authority: true }).cert);
    rig.apply({ tls: { client_auth: { mode, ca: other } } });
    busy.send(get('/'));
    await busy.gone();
    expect(busy.text).toMatch(/HTTP\/1\.1 421 .*Connection: close\r\n/s);
    rig.rig.clock.advance(1200);
    await idle.gone();
    expect([seen.length, idle.text.includes('421')]).toEqual([2, false]);
  });

  test('goes on proving who it is when there is one more authority', async () => {
    const rig = await open({ mode });
    const client = rig.connect(AS_ALICE, get('/'));
    await client.endsWith('hello');
    const more = `${issue({ subject: 'Other CA', authority: true }).cert}${AUTHORITY.cert}`;
    rig.apply({ tls: { client_auth: { mode, ca: rig.files.write('more.crt', more) } } });
    rig.rig.clock.advance(1200);
    client.send(get('/'));
    await client.until(/hello.*hello/s);
    expect(seen[1]).toEqual(ALICE_SEEN);
  });
});

test('a connection without a certificate ends when there has to be one', async () => {
  const rig = await open({ mode: 'request' });
  const client = rig.connect(BELIEVING, get('/'));
  await client.endsWith('hello');
  rig.apply({ tls: { client_auth: { mode: 'require' } } });
  client.send(get('/'));
  await client.gone();
  expect([client.text.includes('HTTP/1.1 421'), seen]).toEqual([true, [undefined]]);
});

test('where TLS is not spoken nobody has to show one', async () => {
  const rig = await open({ mode: 'require' });
  const client = rig.rig.connect(get('/'));
  await client.endsWith('hello');
});

test('an intermediate authority may have signed it', async () => {
  const middle = issue({ subject: 'middle', authority: true, by: AUTHORITY });
  const bob = issue({ subject: 'bob', by: middle });
  const client = (await open({ mode: 'require' })).connect(as({ cert: bob.cert + middle.cert, key: bob.key }), get('/'));
  await client.endsWith('hello');
  expect(seen[0]).toMatchObject({ subject: 'CN=bob', names: [] });
});

test.each([
  [true, undefined],
  [false, new X509Certificate(ALICE.cert)],
])('a socket is nobody that is authorized: %s', (authorized, certificate) => {
  const socket = { authorized, getPeerX509Certificate: () => certificate } as unknown as TLSSocket;
  expect(clientCertificate(socket, 0)).toBeUndefined();
});
