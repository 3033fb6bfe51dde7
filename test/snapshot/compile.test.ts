import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/http/exchange.ts';
import { Reply } from '../../src/http/reply.ts';
import { Current } from '../../src/snapshot/current.ts';
import { arrived } from '../support/arrived.ts';
import { turns } from '../support/channels.ts';
import { compiled } from '../support/compiled.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { RawServer } from '../support/raw-server.ts';

let server: RawServer;

beforeEach(async () => {
  server = await RawServer.open();
});
afterEach(() => server.close());

const document = (route: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  load_balancing: { backends: { users: { upstreams: [{ address: server.address }] } } },
  routes: [
    { id: 'users', path: '/users/:id', backend: 'users', ...route },
    { id: 'hello', path: '/hello', respond: { body: 'hello' } },
  ],
  ...more,
});

function handle(snapshot: ReturnType<typeof compiled>['snapshot'], exchange: Exchange): Promise<Reply> {
  const { route } = snapshot.router.match(exchange);
  if (route === undefined) throw new Error('no route');
  return Promise.resolve(route.handler(exchange));
}

const end = (exchange: Exchange, status = 200) => exchange.end({ status, error: undefined });

describe('A route to a backend', () => {
  test('forwards with the fields that say who asked, and is counted by its name', async () => {
    const { snapshot, backends, counted } = compiled(document({}));
    const exchange = exchangeOf({ target: '/users/7', headers: arrived('Host: a'), peer: { address: '192.0.2.9' } });
    const reply = handle(snapshot, exchange);
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    expect(peer.text).toMatch(/^GET \/users\/7 HTTP\/1\.1\r\nHost: a\r\nX-Forwarded-For: 192\.0\.2\.9\r\n/);
    peer.send('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    expect((await reply).status).toBe(404);
    expect(counted()).toEqual([]);
    end(exchange, 404);
    expect(counted()).toEqual([['users GET 4xx', 1]]);
    backends.close();
  });

  test('names the upstream instead of the client’s host when that is configured', async () => {
    const { snapshot, backends } = compiled(document({ preserve_host: false }));
    const exchange = exchangeOf({ target: '/users/7', headers: arrived('Host: a') });
    handle(snapshot, exchange).catch(() => {});
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    expect(peer.text).toContain(`\r\nHost: ${server.address}\r\n`);
    end(exchange);
    backends.close();
  });

  test('ends when its time is over', async () => {
    const { snapshot, backends, tools } = compiled(document({ timeout: '2s' }));
    const exchange = exchangeOf({ target: '/users/7' });
    const reply = handle(snapshot, exchange);
    reply.catch(() => {});
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    tools.clock.advance(1900);
    await turns(2);
    expect(exchange.cancelError).toBeUndefined();
    tools.clock.advance(300);
    await expect(reply).rejects.toMatchObject({ code: 'route_timeout' });
    backends.close();
  });
});

describe('A route that answers by itself', () => {
  test('is counted, and nothing else is done for it', async () => {
    const { snapshot, backends, tools, counted } = compiled(document({}));
    const headers = arrived('Host: a');
    const exchange = exchangeOf({ target: '/hello', headers });
    expect((await handle(snapshot, exchange)).body).toBe('hello');
    end(exchange);
    expect([headers.flat(), tools.wheel.size, counted()]).toEqual([['Host', 'a'], 0, [['hello GET 2xx', 1]]]);
    backends.close();
  });
});

describe('What a route says about its requests', () => {
  const routed = (more: Record<string, unknown>) => {
    const routes = [
      { id: 'common', path: '/v{version}/{id}', respond: { body: 'common' } },
      { id: 'mine', path: '/v{version}/{id}', path_params: { id: '^[0-9]+$' }, respond: { body: 'mine' }, ...more },
    ];
    return compiled({ tenancy: { from: 'header:X-Tenant' }, routes }).snapshot;
  };
  const answer = async (more: Record<string, unknown>, fields: string, target = '/v1/5') =>
    (await handle(routed(more), exchangeOf({ target, authority: 'a.example.com', headers: arrived(fields) }))).body;

  test('reaches the router: constraints, host, tenant, conditions, priority', async () => {
    expect([await answer({}, ''), await answer({}, '', '/v1/a')]).toEqual(['mine', 'common']);
    expect([await answer({ host: '*.example.com' }, ''), await answer({ host: 'b.example.com' }, '')]).toEqual([
      'mine',
      'common',
    ]);
    expect([await answer({ tenant: 't' }, 'X-Tenant: t'), await answer({ tenant: 't' }, 'X-Tenant: u')]).toEqual([
      'mine',
      'common',
    ]);
    const when = { when: { version: { is: '2' } } };
    expect([await answer(when, 'X-API-Version: 2'), await answer(when, '')]).toEqual(['mine', 'common']);
    const higher = { path_params: undefined, priority: 1 };
    expect(await answer(higher, '')).toBe('mine');
  });

  test('may send it elsewhere', async () => {
    const snapshot = compiled({
      routes: [{ id: 'old', path: '/old/{id}', redirect: { to: '/new/{id}', status: 301 } }],
    }).snapshot;
    const exchange = exchangeOf({ target: '/old/5?a=b' });
    const match = snapshot.router.match(exchange);
    exchange.params = (match as { params?: Record<string, string> }).params ?? {};
    const reply = await handle(snapshot, exchange);
    expect([reply.status, reply.headers.get('location')]).toEqual([301, '/new/5?a=b']);
  });
});

describe('What no route takes', () => {
  test('is counted under a name of its own', async () => {
    const { snapshot, counted } = compiled(document({}));
    const exchange = exchangeOf({ target: '/nothing' });
    await snapshot.unrouted(() => new Reply(404))(exchange);
    end(exchange, 404);
    expect(counted()).toEqual([['none GET 4xx', 1]]);
  });
});

describe('Metrics', () => {
  test('that are off count nothing', async () => {
    const { snapshot, counted } = compiled(document({}, { metrics: { prometheus: false } }));
    const [hello, none] = [exchangeOf({ target: '/hello' }), exchangeOf()];
    await handle(snapshot, hello);
    await snapshot.unrouted(() => new Reply(404))(none);
    end(hello);
    end(none, 404);
    expect(counted()).toEqual([]);
  });

  test('without details do not tell routes apart', async () => {
    const { snapshot, counted } = compiled(document({}, { metrics: { detailed_metrics: false } }));
    const [hello, none] = [exchangeOf({ target: '/hello' }), exchangeOf()];
    await handle(snapshot, hello);
    await snapshot.unrouted(() => new Reply(404))(none);
    end(hello);
    end(none, 404);
    expect(counted()).toEqual([
      ['all GET 2xx', 1],
      ['all GET 4xx', 1],
    ]);
  });
});

test('a snapshot lists its routes, and is swapped as a whole', () => {
  const first = compiled(document({})).snapshot;
  const second = compiled({ routes: [] }).snapshot;
  expect(first.routes.map(({ id }) => id)).toEqual(['users', 'hello']);
  const current = new Current(first);
  current.swap(second);
  expect(current.snapshot).toBe(second);
});
