import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Load } from './support/load.ts';
import { startOrigin } from './support/origin.ts';
import { document, SluiceProcess } from './support/sluice-process.ts';
import { Tunnel } from './support/tunnel.ts';

const PATH = `${process.env['PATH']}:/usr/sbin`;
const PROGRAM = 'haproxy';
const missing = spawnSync(PROGRAM, ['-v'], { env: { PATH } }).error !== undefined;
const why = missing ? ' (SKIPPED: haproxy is not installed)' : '';
/** An address of this machine that is not the one that HAProxy connects from. */
const CLIENT = '127.0.0.77';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** HAProxy as an L4 balancer that says who its clients are. @returns its address, once it accepts */
async function startHaproxy(target: string, version: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-haproxy-'));
  const address = `127.0.0.1:${await freePort()}`;
  const lines = [
    'defaults',
    '  mode tcp',
    ...['connect', 'client', 'server'].map((name) => `  timeout ${name} 20s`),
    `listen balancer`,
    `  bind ${address}`,
    `  server sluice ${target} ${version}`,
  ];
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child: ChildProcess = spawn(PROGRAM, ['-db', '-f', file], { stdio: 'ignore', env: { PATH } });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  await expect.poll(() => accepts(address), { timeout: 10_000 }).toBe(true);
  return address;
}

function connectTo(address: string) {
  const [host, port] = address.split(':') as [string, string];
  return connect({ host, port: Number(port) });
}

async function accepts(address: string): Promise<boolean> {
  const socket = connectTo(address);
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

/** Two requests on one connection from {@link CLIENT}: what the origin saw each time. */
async function askTwice(address: string, headers: Record<string, string> = {}): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen: string[] = [];
  for (const path of ['/one', '/two']) {
    const asked = request(`http://${address}${path}`, { agent, localAddress: CLIENT, headers });
    asked.end();
    const [reply] = await once(asked, 'response');
    let text = `${asked.reusedSocket ? 'kept ' : ''}${reply.statusCode} `;
    for await (const chunk of reply) text += chunk;
    seen.push(text);
  }
  agent.destroy();
  return seen;
}

async function startBoth(server: object = {}) {
  const origin = await startOrigin((incoming, outgoing) => outgoing.end(`${incoming.headers['x-forwarded-for']}`));
  const more = { server: { proxy_protocol: { from: ['127.0.0.1/32'], timeout: '500ms' }, ...server } };
  return { origin, sluice: await SluiceProcess.start(document([origin.address], more)) };
}

describe.skipIf(missing)(`Behind HAProxy as an L4 balancer${why}`, () => {
  describe.each(['send-proxy', 'send-proxy-v2'])('with %s', (version) => {
    test('the upstream is told the address of the client, also of the second request of a connection', async () => {
      const { sluice } = await startBoth();
      const address = await startHaproxy(sluice.address, version);
      expect(await askTwice(address)).toEqual([`200 ${CLIENT}`, `kept 200 ${CLIENT}`]);
    });

    test('what the client claims of itself is not believed, though the balancer is a trusted proxy', async () => {
      const { sluice } = await startBoth({ trusted_proxies: ['127.0.0.1/32'] });
      const address = await startHaproxy(sluice.address, version);
      const seen = await askTwice(address, { 'x-forwarded-for': '9.9.9.9' });
      expect(seen).toEqual([`200 ${CLIENT}`, `kept 200 ${CLIENT}`]);
    });

    test('connections are kept under load, a tunnel goes through, and the checks of the balancer are no errors', async () => {
      const { sluice } = await startBoth();
      const address = await startHaproxy(sluice.address, `${version} check inter 50ms`);
      const load = new Load(address, { body: '127.0.0.1' });
      const tunnel = await Tunnel.open(address);
      for (const text of ['a', 'x'.repeat(100_000), 'z']) expect(await tunnel.echoes(text)).toBe(true);
      await load.more(2000);
      await load.end();
      expect([load.wrong, load.connections]).toEqual([[], 4]);
      expect(await sluice.metric('gateway_proxy_protocol_errors_total')).toBe(0);
      expect(sluice.entries.filter(({ level }) => level !== 'info')).toEqual([]);
    });
  });

  test('checks of another balancer, which connect and leave, are no errors', async () => {
    const { sluice } = await startBoth();
    for (let times = 0; times < 20; times++) expect(await accepts(sluice.address)).toBe(true);
    await expect.poll(async () => (await sluice.stats()).connections).toBe(0);
    expect(await sluice.metric('gateway_proxy_protocol_errors_total')).toBe(0);
    expect(sluice.entries.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

describe('Without a balancer', () => {
  test.each([
    ['at once, when what it says is no header', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['in time, when it says nothing', '', 2000],
    ['in time, when it says half a header', 'PROXY TCP4 127.0.', 2000],
  ])('a peer that has to send a header is closed without an answer %s', async (_, bytes, within) => {
    const { sluice } = await startBoth();
    const socket = connectTo(sluice.address);
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    const begun = performance.now();
    socket.write(bytes);
    await once(socket, 'close');
    expect(answer).toBe('');
    expect(performance.now() - begun).toBeLessThan(within);
  });

  test('a header from a peer that may not send one is a bad request', async () => {
    const origin = await startOrigin();
    const more = { server: { proxy_protocol: { from: ['10.0.0.0/8'] } } };
    const sluice = await SluiceProcess.start(document([origin.address], more));
    const socket = connectTo(sluice.address);
    socket.write('PROXY TCP4 6.6.6.6 127.0.0.1 1 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});
