import { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { Reply } from '../../src/http/reply.ts';
import { issue } from '../support/certificates.ts';
import { soon, turns } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import { ALICE, AS_ALICE, AUTHORITY, BELIEVING, SERVED, shownTo, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig;

afterEach(() => tls.close());

const RENEWED = issue({ subject: 'renewed', names: ['DNS:a.example'], by: AUTHORITY });

/** What a client needs to go on with a session of its own. */
async function sessionOf(options: ConnectionOptions): Promise<ConnectionOptions> {
  const sessions: Buffer[] = [];
  const client = tls.connect(options);
  client.socket.on('session', (session: Buffer) => sessions.push(session));
  client.send(get('/'));
  await client.endsWith('hello');
  await soon(() => sessions.length > 0);
  return { ...options, session: sessions.at(-1) };
}

/** Whether the session of before is gone on with. */
async function goesOn(options: ConnectionOptions): Promise<boolean> {
  const client = tls.connect(options, get('/'));
  await client.endsWith('hello');
  return client.socket.isSessionReused();
}

const VERSIONS = [['TLSv1.3'], ['TLSv1.2']] as const;

describe('New certificates', () => {
  test('are shown from then on, and connections that were there go on', async () => {
    const source = new ManualSource();
    const handler = ({ target }: { target: string }) => new Reply(200, undefined, target === '/long' ? source : 'hello');
    tls = await TlsRig.open({}, { handler });
    const [idle, busy] = [tls.connect(BELIEVING, get('/')), tls.connect(BELIEVING, get('/long'))];
    await idle.endsWith('hello');
    await soon(() => source.sink !== undefined);
    source.send('before');
    tls.apply({ certificates: [RENEWED] });
    expect(shownTo(await tls.connected())).toBe('renewed');
    source.send('after');
    source.end();
    await busy.until('after');
    idle.send(get('/'));
    await idle.until(/hello.*hello/s);
    expect([idle.left, busy.left, shownTo(idle)]).toEqual(['open', 'open', 'a.example']);
  });

  test('do not disturb a handshake in progress', async () => {
    tls = await TlsRig.open();
    const raw = tls.rig.connectPlainly();
    const held: Buffer[] = [];
    // The client's end of a relay, which keeps the second flight of bytes until the reload is done.
    let open = true;
    const relay = new Duplex({
      read() {},
      write(bytes: Buffer, _, done) {
        if (open) raw.socket.write(bytes);
        else held.push(bytes);
        open = false;
        done();
      },
    });
    raw.socket.on('data', (bytes: Buffer) => relay.push(bytes));
    const client = tls.connect({ ...BELIEVING, socket: relay, maxVersion: 'TLSv1.2' }, get('/'));
    await soon(() => held.length > 0);
    tls.apply({ certificates: [RENEWED] });
    open = true;
    for (const bytes of held) raw.socket.write(bytes);
    relay._write = (bytes: Buffer, _: string, done: () => void) => void raw.socket.write(bytes, done);
    await client.endsWith('hello');
    expect(shownTo(client)).toBe('a.example');
  });

  test.each(VERSIONS)('leave sessions good, with %s', async (maxVersion) => {
    tls = await TlsRig.open();
    const session = await sessionOf({ ...BELIEVING, maxVersion });
    tls.apply({ certificates: [RENEWED] });
    expect(await goesOn(session)).toBe(true);
  });

  test('of a configuration that says the same are not taken up anew', async () => {
    tls = await TlsRig.open();
    const before = tls.rig.registry;
    const expiry = () => [
      ...(before
        .all()
        .find(({ name }) => name.includes('not_after'))
        ?.read() ?? []),
    ];
    const [[labels] = []] = expiry();
    tls.apply({ server: { max_connections: 5 } });
    expect(expiry()[0]?.[0]).toBe(labels);
  });

  test('that nothing can be made of change nothing', async () => {
    tls = await TlsRig.open();
    const { server } = checkConfig({});
    const broken = { ...server, max_connections: 1, tls: { ...server.tls, certificates: [{ name: 'x', cert: 'x', key: 'x' }] } };
    expect(() => tls.rig.server.apply(broken)).toThrow();
    const clients = [await tls.connected(), await tls.connected()];
    expect(clients.map(shownTo)).toEqual(['a.example', 'a.example']);
    expect(tls.series('gateway_tls_certificate_not_after_timestamp_seconds')).toHaveLength(1);
  });
});

describe('Sessions', () => {
  test.each(VERSIONS)('end with the key that their tickets are sealed with, after half a day, with %s', async (maxVersion) => {
    tls = await TlsRig.open();
    const first = await sessionOf({ ...BELIEVING, maxVersion });
    tls.rig.clock.advance(11 * 3_600_000);
    expect(await goesOn(first)).toBe(true);
    tls.rig.clock.advance(2 * 3_600_000);
    expect(await goesOn(first)).toBe(false);
    const second = await sessionOf({ ...BELIEVING, maxVersion });
    tls.apply({ certificates: [RENEWED] });
    expect(await goesOn(second)).toBe(true);
  });

  test.each(VERSIONS)('do not go on when others sign for clients, with %s', async (maxVersion) => {
    const other = issue({ subject: 'Other CA', authority: true });
    tls = await TlsRig.open({ tls: { client_auth: { mode: 'request' } } });
    const session = await sessionOf({ ...AS_ALICE, maxVersion });
    expect(await goesOn(session)).toBe(true);
    tls.apply({ tls: { client_auth: { mode: 'request', ca: tls.files.write('other.crt', other.cert) } } });
    expect(await goesOn(session)).toBe(false);
  });

  test('of a handshake that was in progress when others came to sign do not begin', async () => {
    tls = await TlsRig.open({ tls: { client_auth: { mode: 'request' } } });
    const raw = tls.rig.connectPlainly();
    const held: Buffer[] = [];
    const relay = new Duplex({
      read() {},
      write(bytes: Buffer, _, done) {
        if (held.push(bytes) === 1) raw.socket.write(bytes);
        done();
      },
    });
    raw.socket.on('data', (bytes: Buffer) => relay.push(bytes));
    const client = tls.connect({ ...AS_ALICE, socket: relay, maxVersion: 'TLSv1.2' }, get('/'));
    client.socket.on('error', () => {});
    await soon(() => held.length > 1);
    const other = tls.files.write('other.crt', issue({ subject: 'Other CA', authority: true }).cert);
    tls.apply({ tls: { client_auth: { mode: 'request', ca: other } } });
    for (const bytes of held.slice(1)) raw.socket.write(bytes);
    await raw.gone();
    await tls.rig.open(0);
    expect(JSON.stringify(tls.rig.log.entries)).toContain('other authorities are believed by now');
    expect(tls.series('gateway_tls_handshakes_total')).toContain('1 failed');
  });

  test('without a certificate do not get past a server that requires one', async () => {
    tls = await TlsRig.open();
    const session = await sessionOf(BELIEVING);
    tls.apply({ tls: { client_auth: { mode: 'require' } } });
    const client = tls.connect(session, get('/'));
    await client.gone();
    expect(client.text).toBe('');
    // One handshake succeeded, of before; this one came to nothing, and counts once.
    expect(tls.series('gateway_tls_handshakes_total').sort()).toEqual(['0 ok 1.2', '0 timeout', '1 failed', '1 ok 1.3']);
    expect(tls.rig.log.entries.map(([, fields]) => fields)).toMatchObject([{ peer: '127.0.0.1' }]);
  });
});

describe('What is counted and logged', () => {
  test('is each handshake, with its time', async () => {
    tls = await TlsRig.open();
    for (const maxVersion of ['TLSv1.3', 'TLSv1.3', 'TLSv1.2'] as const) await tls.connected({ ...BELIEVING, maxVersion });
    await tls.rig.open(3);
    await tls.connect({ ALPNProtocols: ['h2'] }).gone();
    await soon(() => tls.series('gateway_tls_handshakes_total').includes('1 failed'));
    expect(tls.series('gateway_tls_handshakes_total').sort()).toEqual(['0 timeout', '1 failed', '1 ok 1.2', '2 ok 1.3']);
    expect(tls.series('gateway_tls_handshake_duration_seconds')).toEqual(['3']);
    expect(tls.series('gateway_tls_sessions_resumed_total')).toEqual(['0']);
  });

  test('is the end of each certificate', async () => {
    const old = issue({ subject: 'old.example', until: '2100-01-01' });
    tls = await TlsRig.open({ certificates: [SERVED, old, ALICE] });
    const [one, two, three] = [0, 1, 2].map((at) => `${tls.files.directory}/served${at}.crt`);
    const end = Date.UTC(2126, 0, 1) / 1000;
    expect(tls.series('gateway_tls_certificate_not_after_timestamp_seconds')).toEqual([
      `${end} ${one} a.example`,
      `${Date.UTC(2100, 0, 1) / 1000} ${two} old.example`,
      `${end} ${three} alice.example`,
    ]);
    tls.apply({ certificates: [old] });
    expect(tls.series('gateway_tls_certificate_not_after_timestamp_seconds')).toHaveLength(1);
  });

  test('is a failure, in OpenSSL’s words, once a second at most', async () => {
    tls = await TlsRig.open();
    const fail = async () => {
      await tls.connect({ ALPNProtocols: ['h2'] }).gone();
      await turns(3);
    };
    const lines = () => tls.rig.log.entries;
    await fail();
    await fail();
    expect(lines()).toEqual([['info', { peer: '127.0.0.1', problem: 'no application protocol' }, 'a TLS handshake failed']]);
    tls.rig.clock.advance(1000);
    await fail();
    expect(lines()).toHaveLength(2);
    expect(tls.series('gateway_tls_handshakes_total')).toContain('3 failed');
  });

  test('is nothing where TLS is not spoken', async () => {
    tls = await TlsRig.open();
    const { ServerRig } = await import('../support/servers.ts');
    const plain = await ServerRig.open({});
    const names = plain.registry.all().filter(({ name }) => name.startsWith('gateway_tls_'));
    expect(names.flatMap((metric) => [...metric.read()])).toEqual([]);
    expect(plain.clock.pending).toBe(0);
    await plain.close();
  });
});

test('nothing is left when the server has closed', async () => {
  tls = await TlsRig.open();
  const client = await tls.connected();
  await tls.rig.open(1);
  tls.rig.server.close();
  await client.gone();
  await soon(() => tls.rig.compiled.tools.wheel.size === 0);
  tls.rig.clock.advance(1000);
  expect(tls.rig.clock.pending).toBe(0);
});
