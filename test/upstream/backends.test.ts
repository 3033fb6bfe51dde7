import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backend } from '../../src/upstream/backend.ts';
import { type BackendPlan, Backends } from '../../src/upstream/backends.ts';
import type { BackendConfig } from '../../src/upstream/config.ts';
import { UndiciTransport } from '../../src/upstream/undici-transport.ts';
import { WireTransport } from '../../src/upstream/wire-transport.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../config/certificate.ts';
import { backendOf, backendTools } from '../support/backends.ts';
import { bodyOf } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { RawServer } from '../support/raw-server.ts';

let server: RawServer;
let backends: Backends;

beforeEach(async () => {
  server = await RawServer.open();
  backends = new Backends(backendTools());
});
afterEach(async () => {
  backends.close();
  await server.close();
});

function config(given: Record<string, unknown> = {}): BackendConfig {
  return backendOf({ upstreams: [{ address: server.address }], ...given });
}

function apply(configs: Record<string, BackendConfig>): BackendPlan {
  const plan = backends.plan(configs, new Map());
  plan.commit();
  return plan;
}

function named(name: string): Backend {
  return backends.all().find((one) => one.name === name) as Backend;
}

async function ask(backend: Backend, target = '/'): Promise<{ body: string; text: string }> {
  const reply = backend.pick(exchangeOf())?.transport.send(exchangeOf({ target, authority: '' }));
  const peer = server.peers.find((one) => one.left === 'open') ?? (await server.next());
  await peer.until(` ${target} `);
  await peer.until(/\r\n\r\n$/);
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  if (reply === undefined) throw new Error('no endpoint');
  return { body: await bodyOf(await reply), text: peer.text };
}

describe('Backends', () => {
  test('are those of the configuration, each with its endpoints', () => {
    apply({ users: config({ upstreams: [{ address: 'a:1' }, { address: '[::1]:2' }] }), orders: config() });
    expect(backends.all().map(({ name }) => name)).toEqual(['users', 'orders']);
    expect(named('users').endpoints.map(({ label }) => label)).toEqual(['users/a:1', 'users/[::1]:2']);
    expect(() => apply({}).get('nobody')).toThrow('no backend nobody');
  });

  test('send with the engine that is configured', () => {
    apply({ ours: config(), theirs: config({ transport: 'undici' }) });
    expect(named('ours').endpoints[0]?.transport).toBeInstanceOf(WireTransport);
    expect(named('theirs').endpoints[0]?.transport).toBeInstanceOf(UndiciTransport);
  });

  test('that stay the same keep their connections through a reload', async () => {
    apply({ users: config() });
    const before = named('users');
    await ask(before);
    apply({ users: config(), orders: config() });
    expect(named('users')).toBe(before);
    await ask(named('users'), '/again');
    expect(server.peers).toHaveLength(1);
  });

  test.each([
    ['changed', { users: { pool: { max_idle: 1 } } }],
    ['gone', {}],
  ])('that are %s close theirs, and requests that have them finish', async (_, next) => {
    apply({ users: config() });
    const before = named('users');
    await ask(before);
    const idle = server.peers[0];
    const endpoint = before.endpoints[0];
    const transport = endpoint?.transport;
    const late = transport?.send(exchangeOf({ target: '/late' }));
    await idle?.until('/late');
    apply(Object.fromEntries(Object.entries(next).map(([name, given]) => [name, config(given)])));
    if ('users' in next) expect(named('users').endpoints[0]?.transport).not.toBe(transport);
    idle?.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    expect((await late)?.status).toBe(200);
    await idle?.gone();
    expect(transport?.state.connections).toBe(0);
  });

  test('name an endpoint without the port that its scheme has anyway', async () => {
    apply({ users: config() });
    expect((await ask(named('users'))).text).toContain(`\r\nHost: ${server.address}\r\n`);
  });
});

describe('TCP keep-alive probes', () => {
  test.each<[Record<string, unknown> | undefined, unknown[][]]>([
    [undefined, []],
    [{ enabled: false }, []],
    [{}, [[true, 60_000, undefined, undefined]]],
    [{ idle: '5s', interval: '2s', count: 4 }, [[true, 5000, 2000, 4]]],
  ])('configured as %j are set as %j', async (tcp_keepalive, calls) => {
    apply({ users: config({ upstreams: [{ address: server.address, ...(tcp_keepalive && { tcp_keepalive }) }] }) });
    const set = vi.spyOn(Socket.prototype, 'setKeepAlive').mockReturnThis();
    try {
      await ask(named('users'));
      expect(set.mock.calls).toEqual(calls);
    } finally {
      set.mockRestore();
    }
  });
});

describe('A backend over TLS', () => {
  test('asks for the configured name, and trusts who is configured', async () => {
    const secure = await RawServer.open({});
    const upstreams = [{ address: secure.address, tls: true, sni_hostname: 'users.internal' }];
    apply({ users: config({ upstreams, tls: { ca: CERTIFICATE } }) });
    const reply = named('users').endpoints[0]?.transport.send(exchangeOf({ authority: '' }));
    const peer = await secure.next();
    await peer.until('\r\n\r\n');
    expect((peer.socket as TLSSocket & { servername: string }).servername).toBe('users.internal');
    peer.send('HTTP/1.1 204 No Content\r\n\r\n');
    expect((await reply)?.status).toBe(204);
    backends.close();
    await secure.close();
  });

  test('shows the certificate that is configured', async () => {
    const secure = await RawServer.open({ requestCert: true, ca: CERTIFICATE });
    const upstreams = [{ address: secure.address, tls: true }];
    apply({ users: config({ upstreams, tls: { verify: false, cert: CERTIFICATE, key: PRIVATE_KEY } }) });
    const reply = named('users').endpoints[0]?.transport.send(exchangeOf());
    const peer = await secure.next();
    expect((peer.socket as TLSSocket).authorized).toBe(true);
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 204 No Content\r\n\r\n');
    expect((await reply)?.status).toBe(204);
    backends.close();
    await secure.close();
  });

  test.each([
    [{}, false],
    [{ verify: false }, true],
  ])('with %j takes a certificate that nobody known has signed: %s', async (tls, taken) => {
    const secure = await RawServer.open({});
    apply({ users: config({ upstreams: [{ address: secure.address, tls: true }], tls }) });
    const reply = named('users').endpoints[0]?.transport.send(exchangeOf());
    if (taken) {
      const peer = await secure.next();
      await peer.until('\r\n\r\n');
      peer.send('HTTP/1.1 204 No Content\r\n\r\n');
      expect((await reply)?.status).toBe(204);
    } else await expect(reply).rejects.toMatchObject({ code: 'upstream_connect' });
    backends.close();
    await secure.close();
  });
});
