import { afterEach, describe, expect, test } from 'vitest';
import { checkConfig } from '../src/config/check.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { turns } from './support/channels.ts';
import { get } from './support/connections.ts';
import type { RawPeer } from './support/raw-peer.ts';
import { RawServer } from './support/raw-server.ts';
import { Recorder } from './support/recorder.ts';

let gateway: Gateway | undefined;
let upstream: RawServer | undefined;
const log = new Recorder();

afterEach(async () => {
  await gateway?.close();
  await upstream?.close();
  upstream = undefined;
  log.entries.length = 0;
});

function create(document: Record<string, unknown> = {}): Gateway {
  const config = checkConfig({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0', token: 'secret' },
    routes: [{ id: 'hello', path: '/hello', respond: { body: 'hello' } }],
    ...document,
  });
  gateway = createGateway(config, { logger: log.logger });
  return gateway;
}

async function withUpstream(drain = '10s'): Promise<{ gateway: Gateway; upstream: RawServer }> {
  upstream = await RawServer.open();
  const backends = { users: { upstreams: [{ address: upstream.address }] } };
  const created = create({
    server: { http_addr: '127.0.0.1:0', timeouts: { drain } },
    load_balancing: { backends },
    routes: [{ id: 'users', path: '/**', methods: ['GET'], backend: 'users' }],
  });
  await created.start();
  return { gateway: created, upstream };
}

const ask = async (address: string, path: string, init?: RequestInit) => {
  const response = await fetch(`http://${address}${path}`, init);
  return { status: response.status, text: await response.text() };
};
const stats = async (): Promise<unknown> =>
  JSON.parse((await ask(gateway?.admin ?? '', '/stats', { headers: { authorization: 'Bearer secret' } })).text);

describe('A gateway', () => {
  test('listens nowhere before it is started, then answers and says that it is ready', async () => {
    const created = create();
    expect([created.http, created.admin]).toEqual([[], '']);
    await created.start();
    expect(await ask(created.http[0] ?? '', '/hello')).toEqual({ status: 200, text: 'hello' });
    expect((await ask(created.admin, '/ready')).status).toBe(200);
  });

  test('shows what goes on', async () => {
    const { gateway, upstream } = await withUpstream();
    const answer = fetch(`http://${gateway.http[0]}/a`, { headers: { connection: 'close' } });
    const peer = await upstream.next();
    await peer.until('\r\n\r\n');
    const [address, counts] = [upstream.address, { active: 1, requests: 1, failures: 0, connections: 1, idle: 0, queued: 0 }];
    expect(await stats()).toMatchObject({
      state: 'ready',
      connections: 1,
      routes: [{ id: 'users', path: '/**', methods: ['GET'], backend: 'users' }],
      backends: { users: { algorithm: 'round_robin', upstreams: [{ address, ready: true, ...counts }] } },
    });
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    expect(await (await answer).text()).toBe('ok');
    while (/gateway_active_connections 1/.test((await ask(gateway.admin, '/metrics')).text)) await turns(1);
    const { text } = await ask(gateway.admin, '/metrics');
    for (const line of [
      'gateway_active_connections 0',
      'gateway_healthy_upstreams{backend="users"} 1',
      'gateway_requests_total{route="users",method="GET",status="2xx"} 1',
      'gateway_request_duration_seconds_count{route="users"} 1',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
  });

  test('shows routes that take every method, and no metrics when they are off', async () => {
    const created = create({ metrics: { prometheus: false } });
    await created.start();
    expect(await stats()).toMatchObject({ routes: [{ id: 'hello', path: '/hello', methods: 'all' }], backends: {} });
    expect((await ask(created.admin, '/metrics')).status).toBe(404);
  });

  test('counts what its upstream breaks', async () => {
    const { gateway, upstream } = await withUpstream();
    const answer = ask(gateway.http[0] ?? '', '/a');
    const peer = await upstream.next();
    await peer.until('\r\n\r\n');
    peer.socket.resetAndDestroy();
    expect(await answer).toMatchObject({ status: 502 });
    expect((await ask(gateway.admin, '/metrics')).text).toContain(
      `gateway_upstream_errors_total{route="users",upstream="users/${upstream.address}",code="upstream_reset"} 1`,
    );
  });
});

describe('A start', () => {
  test('without its HTTP address fails, and listens nowhere', async () => {
    const other = await RawServer.open();
    const created = create({ server: { http_addr: other.address } });
    await expect(created.start()).rejects.toThrow(`cannot listen on ${other.address}`);
    expect(created.admin).toBe('');
    await other.close();
  });

  test('without its admin address fails, and listens nowhere', async () => {
    const other = await RawServer.open();
    const created = create({ admin: { addr: other.address } });
    await expect(created.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(ask(created.http[0] ?? '', '/hello')).rejects.toThrow();
    await other.close();
  });
});

describe('A start that somebody closes', () => {
  // Names are resolved elsewhere and take their time: there are turns in which to close.
  test.each([0, 1, 2, 3, 5, 8, 13, 21])('after %i turns leaves nothing that listens', async (after) => {
    const created = create({ server: { http_addr: ['localhost:0', '127.0.0.1:0'] }, admin: { addr: 'localhost:0' } });
    const started = created.start().catch((error: Error) => error.message);
    await turns(after);
    await created.close();
    expect([undefined, 'the gateway is closed', 'the server is closed', 'cannot listen on localhost:0']).toContain(await started);
    for (const address of [...created.http, created.admin]) {
      if (address !== '') await expect(ask(address, '/health')).rejects.toThrow();
    }
  });

  test('comes before a reload: nothing connects without one', async () => {
    const created = create();
    const addresses = { server: { http_addr: '127.0.0.1:0' }, admin: { addr: '127.0.0.1:0' } };
    expect(await created.reload(checkConfig({ ...addresses, routes: [] }))).toMatchObject({
      outcome: 'failed',
      problems: ['the gateway has not been started'],
    });
  });

  test('is not begun anew by a second start', async () => {
    const created = create();
    await Promise.all([created.start(), created.start()]);
    await created.start();
    expect(created.http).toHaveLength(1);
  });
});

describe('A drain', () => {
  async function busy(
    drain?: string,
  ): Promise<{ gateway: Gateway; peer: RawPeer; answer: Promise<{ status: number; text: string }> }> {
    const { gateway, upstream } = await withUpstream(drain);
    const answer = ask(gateway.http[0] ?? '', '/slow', { headers: { connection: 'close' } });
    const peer = await upstream.next();
    await peer.until('/slow');
    return { gateway, peer, answer };
  }

  test('finishes what goes on, is not ready meanwhile, and closes all', async () => {
    const { gateway, peer, answer } = await busy();
    const drained = gateway.drain();
    expect((await ask(gateway.admin, '/ready')).status).toBe(503);
    expect(await stats()).toMatchObject({ state: 'draining' });
    await expect(ask(gateway.http[0] ?? '', '/late')).rejects.toThrow();
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone');
    expect(await answer).toEqual({ status: 200, text: 'done' });
    await drained;
    await expect(ask(gateway.admin, '/health')).rejects.toThrow();
    await peer.gone();
    expect(log.entries).toEqual([]);
  });

  test('cuts what does not finish in time, and says so', async () => {
    const { gateway, peer, answer } = await busy('200ms');
    answer.catch(() => {});
    await gateway.drain();
    await expect(answer).rejects.toThrow();
    await peer.gone();
    expect(log.entries).toEqual([['warn', 'connections were cut when the drain timeout was over', undefined]]);
  });

  test('before a start, or a second one, does nothing', async () => {
    const created = create();
    await created.drain();
    await created.start();
    expect((await ask(created.admin, '/ready')).status).toBe(200);
    await Promise.all([created.drain(), created.drain()]);
    await created.drain();
  });

  test('fails readiness for a while before it stops accepting', async () => {
    const created = create({ server: { http_addr: '127.0.0.1:0', timeouts: { drain_lead: '300ms' } } });
    await created.start();
    const drained = created.drain();
    expect((await ask(created.admin, '/ready')).status).toBe(503);
    expect((await ask(created.http[0] ?? '', '/hello', { headers: { connection: 'close' } })).status).toBe(200);
    await drained;
    await expect(ask(created.http[0] ?? '', '/hello')).rejects.toThrow();
  });
});

test('a close cuts what goes on, at the client and at the upstream', async () => {
  const { gateway, upstream } = await withUpstream();
  const answer = ask(gateway.http[0] ?? '', get('/').slice(4, 5));
  answer.catch(() => {});
  const peer = await upstream.next();
  await peer.until('\r\n\r\n');
  await gateway.close();
  await expect(answer).rejects.toThrow();
  await peer.gone();
  await gateway.close();
});
