import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FileSource } from '../src/config/file-source.ts';
import { loadFirst } from '../src/config/source.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { type Issued, issue, PemFiles } from './support/certificates.ts';
import { get } from './support/connections.ts';
import { RawPeer } from './support/raw-peer.ts';
import { closedPort } from './support/raw-server.ts';

const AUTHORITY = issue({ subject: 'Test CA', authority: true });
const named = (name: string, until?: string) =>
  issue({ subject: name, names: [`DNS:${name}`], by: AUTHORITY, ...(until !== undefined && { until }) });
const ALICE = issue({ subject: 'alice', by: AUTHORITY });
const US = issue({ subject: 'gateway', by: AUTHORITY });

/** An upstream that speaks TLS with those alone who show a certificate, and says what it has seen. */
let upstream: Server;
let upstreamAddress: string;
let files: PemFiles;
let gateway: Gateway;
let port: number;
const clients: RawPeer[] = [];
/** For whom the upstream was probed, and by whom. */
const probes: string[] = [];

beforeAll(async () => {
  const { cert, key } = named('users.internal');
  const options = { cert, key, ca: AUTHORITY.cert, requestCert: true, rejectUnauthorized: true };
  upstream = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket & { servername: string };
    const client = socket.getPeerX509Certificate()?.subject;
    if (request.url === '/probe') probes.push(`${socket.servername} ${client}`);
    response.end(JSON.stringify({ url: request.url, headers: request.headers, client, name: socket.servername }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  upstreamAddress = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => {
  upstream.closeAllConnections();
  return new Promise((resolve) => upstream.close(resolve));
});

beforeEach(async () => {
  probes.length = 0;
  files = new PemFiles();
  port = await closedPort();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await gateway.close();
  files.close();
});

/** @param tls more of the block; @param backend more of the block */
async function start(certificates: readonly Issued[], tls = '', backend = ''): Promise<void> {
  files.write('ca.crt', AUTHORITY.cert);
  files.put('us', US);
  for (const [at, one] of certificates.entries()) files.put(`served${at}`, one);
  const list = certificates.map((_, at) => `{ cert: served${at}.crt, key: served${at}.key }`).join(', ');
  const file = files.write(
    'sluice.yaml',
    `
server: { http_addr: "127.0.0.1:0", https_addr: "127.0.0.1:${port}", tls: { certificates: [${list}]${tls} } }
admin: { addr: "127.0.0.1:0" }
log: { level: silent }
config_source: { file: { watch: false } }
load_balancing:
  backends:
    users:
      upstreams: [{ address: "https://${upstreamAddress}", sni_hostname: users.internal }]
      tls: { ca: ca.crt, cert: us.crt, key: us.key }
${backend}
routes: [{ id: users, path: "/**", backend: users, preserve_host: true }]
`,
  );
  const source = new FileSource({ file, environment: {} });
  const { config, version } = await loadFirst(source);
  gateway = createGateway(config, { source, version });
  await gateway.start();
}

function client(options: ConnectionOptions = {}): RawPeer & { socket: TLSSocket } {
  const socket = connect({ port, host: '127.0.0.1', ca: AUTHORITY.cert, servername: 'a.example', ...options });
  const peer = new RawPeer(socket) as RawPeer & { socket: TLSSocket };
  clients.push(peer);
  return peer;
}

interface Seen {
  readonly headers: Readonly<Record<string, string>>;
  readonly client: string;
  readonly name: string;
}

/** What the upstream has seen of one more request on a connection. */
async function ask(peer: RawPeer): Promise<Seen> {
  const before = peer.text.length;
  peer.send(get('/x', 'X-Forwarded-Proto: http'));
  await peer.until(() => peer.text.slice(before).endsWith('}'));
  return JSON.parse(peer.text.slice(peer.text.indexOf('{', before))) as Seen;
}

const shown = (peer: { socket: TLSSocket }) => peer.socket.getPeerX509Certificate()?.subject;

describe('seed claim: TLS', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)('is spoken from end to end, with %s and modern suites', async (maxVersion) => {
    await start([named('a.example')]);
    const peer = client({ maxVersion });
    const seen = await ask(peer);
    expect([seen.name, seen.client]).toEqual(['users.internal', 'CN=gateway']);
    expect(seen.headers).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' });
    expect(peer.socket.getProtocol()).toBe(maxVersion);
    expect(peer.socket.getCipher().name).toMatch(/GCM|POLY1305/);
    expect(peer.socket.getEphemeralKeyInfo()).not.toEqual({});
  });

  test('has a certificate for each name', async () => {
    await start([named('a.example'), named('b.example')]);
    for (const servername of ['a.example', 'b.example']) {
      const peer = client({ servername });
      await ask(peer);
      expect([peer.socket.authorized, shown(peer)]).toEqual([true, `CN=${servername}`]);
    }
  });

  test('has its certificates replaced while it runs, and drops no connection', async () => {
    await start([named('a.example')]);
    const old = client();
    await ask(old);
    files.put('served0', issue({ subject: 'new', names: ['DNS:a.example'], by: AUTHORITY }));
    expect((await gateway.reload()).outcome).toBe('applied');
    const fresh = client();
    await ask(fresh);
    await ask(old);
    expect([shown(old), shown(fresh), old.left]).toEqual(['CN=a.example', 'CN=new', 'open']);
  });

  test('knows clients by an authority for them', async () => {
    await start([named('a.example')], ', client_auth: { mode: require, ca: ca.crt }');
    await ask(client({ cert: ALICE.cert, key: ALICE.key }));
    const nobody = client();
    nobody.send(get('/'));
    await nobody.gone();
    expect(nobody.text).toBe('');
  });
});

describe.each(['wire', 'undici'])('An upstream that speaks TLS, over %s,', (transport) => {
  const backend = `      transport: ${transport}\n      health_check: { check_type: https, path: /probe, interval: 200ms }`;

  test('is asked by its name, believed for its authority, and shown who we are, by checks too', async () => {
    await start([named('a.example')], '', backend);
    expect(await ask(client())).toMatchObject({ name: 'users.internal', client: 'CN=gateway' });
    await expect.poll(() => probes, { timeout: 5000 }).toContain('users.internal CN=gateway');
  });
});

test.each([
  ['has expired', () => named('a.example', '2021-02-03'), 'served0.crt: expired on 2021-02-03 00:00 UTC'],
  ['is of another key', () => ({ ...named('a.example'), key: ALICE.key }), 'served0.key: does not belong to its certificate'],
  ['is none', () => ({ cert: 'nothing', key: ALICE.key }), 'served0.crt: not a PEM certificate'],
])('a certificate that %s is refused with its reason, and the one before is shown on', async (_, make, why) => {
  await start([named('a.example')]);
  files.put('served0', make());
  const outcome = await gateway.reload();
  expect([outcome.outcome, outcome.problems?.join()]).toEqual(['refused', expect.stringContaining(why)]);
  const peer = client();
  await ask(peer);
  expect(shown(peer)).toBe('CN=a.example');
});

test('what TLS does is among the metrics', async () => {
  await start([named('a.example')]);
  await ask(client());
  const text = await (await fetch(`http://${gateway.admin}/metrics`)).text();
  expect(text).toContain('gateway_tls_handshakes_total{outcome="ok",version="1.3"} 1\n');
  expect(text).toContain('gateway_tls_handshake_duration_seconds_count 1\n');
  expect(text).toContain('gateway_tls_sessions_resumed_total 0\n');
  expect(text).toContain(
    `gateway_tls_certificate_not_after_timestamp_seconds{certificate="served0.crt",name="a.example"} ${Date.UTC(2126, 0, 1) / 1000}\n`,
  );
});
