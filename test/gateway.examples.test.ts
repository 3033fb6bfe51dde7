import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check } from '../src/cli/check.ts';
import type { Gateway } from '../src/gateway.ts';
import { Recorder } from './cli/recorder.ts';
import { ask, ExampleUpstream, exampleFile, runExample } from './support/examples.ts';

const upstreams: ExampleUpstream[] = [];
let gateway: Gateway | undefined;

beforeEach(async () => {
  for (let count = 0; count < 8; count++) upstreams.push(await ExampleUpstream.start());
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  for (const upstream of upstreams.splice(0)) upstream.close();
});

const one = (at: number) => upstreams[at] as ExampleUpstream;
/** Which upstreams were asked since the last time. */
function asked(): number[] {
  const found = upstreams.flatMap(({ seen }, at) => seen.map(() => at));
  for (const { seen } of upstreams) seen.length = 0;
  return found;
}

// That one names files which are to be made first: its own test checks it beside them.
const alone = readdirSync(exampleFile('')).filter((name) => name.endsWith('.yaml') && name !== 'tls.yaml');

test.each(alone)('a check finds examples/%s good, by its name alone', (name) => {
  const terminal = new Recorder();
  expect([check(exampleFile(name), terminal), terminal.printed]).toEqual([0, expect.stringContaining(`${name}: good`)]);
});

test('every example is run by some test', () => {
  const root = new URL('.', import.meta.url);
  const tests = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  const texts = tests.map((name) => readFileSync(new URL(name, root), 'utf8')).join('\n');
  const examples = readdirSync(exampleFile(''), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:yaml|ts)$/.test(name),
  );
  const named = (name: string) => [`exampleFile('${name}')`, `/examples/${name}'`, `'./${name}'`];
  expect(examples.filter((name) => !named(name).some((text) => texts.includes(text)))).toEqual([]);
});

// With its Redis: integration/fleet.test.ts runs fleet.sh beside it.
test('examples/fleet/gateway.yaml starts without its Redis, and lets nobody pass while nobody knows how many share', async () => {
  // Nobody listens on port 1.
  gateway = await runExample(exampleFile('fleet/gateway.yaml'), {}, { REDIS_PORT: '1', NAME: 'alone' });
  const { status, body, headers } = await ask(gateway, '/hello');
  expect([status, JSON.parse(body).code, headers['retry-after']]).toEqual([503, 'limits_unavailable', '1']);
});

describe('examples/custom-layer.yaml:', () => {
  const start = async (from: number, until: number): Promise<Gateway> => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    gateway = await runExample(
      exampleFile('custom-layer.yaml'),
      { shop: [one(0), one(1)] },
      { MAINTENANCE_FROM: at(from), MAINTENANCE_UNTIL: at(until), SLUICE_SERVER__TRUSTED_PROXIES: '127.0.0.1/32' },
    );
    return gateway;
  };

  test('in its time the layer answers in the place of the shop, but for those who look, and for machines', async () => {
    const running = await start(-60_000, 60_000);
    const reply = await ask(running, '/cart');
    expect([reply.status, reply.headers['cache-control'], reply.body]).toEqual([
      503,
      'no-store',
      expect.stringContaining('We are back soon'),
    ]);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(50);
    expect(asked()).toEqual([]);
    expect((await ask(running, '/cart', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(200);
    expect([(await ask(running, '/health')).status, (await ask(running, '/status')).status]).toEqual([200, 200]);
  });

  test('before and after, it is not there, and the balancer sends users by their letter', async () => {
    for (const [from, until] of [
      [60_000, 120_000],
      [-120_000, -60_000],
    ] as const) {
      const running = await start(from, until);
      const byAddress = [0, 1].toSorted((a, b) => (one(a).address < one(b).address ? -1 : 1));
      for (const user of ['alice', 'Mallory', 'nick', 'ZOE']) await ask(running, '/', { headers: { 'x-user': user } });
      const seen = (at: number) => one(at).seen.map(({ headers }) => headers['x-user']);
      expect(byAddress.map(seen)).toEqual([
        ['alice', 'Mallory'],
        ['nick', 'ZOE'],
      ]);
      asked();
      await running.close();
    }
  });

  test('what the layer refuses is a configuration that is not started with', async () => {
    await expect(start(60_000, -60_000)).rejects.toThrow('until must be later than from');
  });
});

describe('examples/edge.yaml:', () => {
  const SHOP = { host: 'shop.example.com' };
  let running: Gateway;

  beforeEach(async () => {
    gateway = running = await runExample(exampleFile('edge.yaml'), {
      orders: [one(0), one(1), one(2)],
      orders_v2: [one(3)],
      acme: [one(4)],
      sessions: [one(5), one(6)],
    });
  });

  test('a second version is for those who ask for it, a tenant has a backend of its own', async () => {
    await ask(running, '/orders/17', { headers: { ...SHOP, 'x-api-version': '2' } });
    expect(asked()).toEqual([3]);
    await ask(running, '/orders/17', { headers: { 'x-tenant': 'acme' } });
    expect(asked()).toEqual([4]);
    expect((await ask(running, '/orders/17')).status).toBe(404);
  });

  test('orders go to two upstreams, and to the third when neither is there', async () => {
    for (let at = 0; at < 12; at++) await ask(running, '/orders/list', { headers: SHOP });
    expect(new Set(asked())).toEqual(new Set([0, 1]));
    one(0).close();
    one(1).close();
    // Both are found out at the first request each, with one retry a request.
    for (let at = 0; at < 3; at++) await ask(running, '/orders/list', { headers: SHOP });
    expect((await ask(running, '/orders/list', { headers: SHOP })).status).toBe(200);
    expect(new Set(asked())).toEqual(new Set([2]));
  });

  test('an order is asked for again elsewhere after a 503', async () => {
    one(0).answer = (_, response) => void response.writeHead(503).end();
    for (let at = 0; at < 4; at++) expect((await ask(running, '/orders/17', { headers: SHOP })).status).toBe(200);
    expect(new Set(asked())).toEqual(new Set([0, 1]));
  });

  test('bodies are small, but for an import', async () => {
    const body = 'x'.repeat(1024 ** 2 + 1);
    const post = async (path: string) => (await ask(running, path, { method: 'POST', headers: SHOP, body })).status;
    expect([await post('/orders/new'), await post('/orders/import')]).toEqual([413, 200]);
  });

  test('a session stays at its upstream', async () => {
    for (const session of ['a', 'b', 'c', 'd', 'e', 'f']) {
      for (let at = 0; at < 4; at++)
        await ask(running, '/sessions/x', { headers: { host: 'eu.example.com', cookie: `session=${session}` } });
      expect(new Set(asked()).size).toBe(1);
    }
  });

  test('old addresses lead to the new ones, and robots are answered', async () => {
    const old = await ask(running, '/o/17', { headers: { host: 'example.com' } });
    expect([old.status, old.headers.location]).toEqual([301, 'https://shop.example.com/orders/17']);
    expect(await ask(running, '/robots.txt')).toMatchObject({ status: 200, body: 'User-agent: *\nDisallow:\n' });
  });
});
