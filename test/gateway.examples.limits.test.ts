import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../src/gateway.ts';
import { ask, ExampleUpstream, exampleFile, runExample } from './support/examples.ts';

const [FREE, PAID] = [{ 'x-api-key': 'demo-key-of-the-free-plan' }, { 'x-api-key': 'demo-key-of-the-paid-plan' }];
const [ACME, GLOBEX] = [{ host: 'acme.example.com' }, { host: 'globex.example.com' }];

let first: ExampleUpstream;
let second: ExampleUpstream;
let gateway: Gateway;

beforeEach(async () => {
  [first, second] = [await ExampleUpstream.start(), await ExampleUpstream.start()];
  const upstreams = { orders: [first, second], search: [first], accounts: [first] };
  // The test stands where the balancer does, and is every client that it likes.
  gateway = await runExample(exampleFile('limits.yaml'), upstreams, { SLUICE_SERVER__TRUSTED_PROXIES: '127.0.0.1/32' });
});
afterEach(async () => {
  await gateway.close();
  for (const upstream of [first, second]) upstream.close();
});

const from = (address: string) => ({ 'x-forwarded-for': address });

async function statuses(count: number, one: (at: number) => ReturnType<typeof ask>): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at++) all.push((await one(at)).status);
  return all;
}

const times = (count: number, status: number) => Array<number>(count).fill(status);

describe('examples/limits.yaml:', () => {
  const login = (name: string, address: string) =>
    ask(gateway, '/login', {
      method: 'POST',
      headers: { ...ACME, ...from(address), 'content-type': 'application/x-www-form-urlencoded' },
      body: `password=secret&name=${name}`,
    });

  test('many passwords for one name are refused, from however many addresses', async () => {
    expect(await statuses(6, (at) => login('alice', `192.0.2.${at}`))).toEqual([...times(5, 200), 429]);
    const refused = await login('alice', '192.0.2.9');
    expect([refused.headers['content-type'], JSON.parse(refused.body)]).toEqual([
      'application/problem+json',
      expect.objectContaining({ code: 'rate_limited', detail: expect.stringContaining('"per_name"') }),
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
    expect((await login('bob', '192.0.2.9')).status).toBe(200);
  });

  test('many names from one address are refused, and addresses of one household are one', async () => {
    const all = await statuses(22, (at) => login(`user-${at}`, `2001:db8:0:${at.toString(16)}::1`));
    expect(all).toEqual([...times(20, 200), 429, 429]);
    expect((await login('another', '2001:db8:0:100::1')).status).toBe(200);
  });

  test('a plan holds on all routes together, for its consumer alone', async () => {
    const orders = (headers: object) => ask(gateway, '/orders/1', { headers: { ...ACME, ...headers } });
    expect((await orders({})).status).toBe(401);
    expect(await statuses(21, () => orders(FREE))).toEqual([...times(20, 200), 429]);
    expect((await orders(FREE)).headers.ratelimit).toMatch(/"plan";r=0/);
    expect((await orders({ ...FREE, ...from('192.0.2.77'), ...GLOBEX })).status).toBe(429);
    const paid = await orders(PAID);
    expect([paid.status, paid.headers['ratelimit-policy']]).toEqual([200, expect.stringContaining('"flood";q=500')]);
  });

  test('a search costs ten, of its tenant, in both kinds of fields; nobody makes up a tenant', async () => {
    const search = (tenant: object) => ask(gateway, '/search', { headers: { ...tenant, 'x-tenant': 'initech' } });
    const one = await search(ACME);
    expect([one.headers['x-ratelimit-limit'], one.headers['x-ratelimit-remaining']]).toEqual(['10', '9']);
    expect(one.headers.ratelimit).toMatch(/"per_tenant";r=9/);
    expect(await statuses(10, () => search(ACME))).toEqual([...times(9, 200), 429]);
    expect((await search(GLOBEX)).status).toBe(200);
    expect((await search({ host: 'initech.example.com' })).status).toBe(404);
  });

  test('exports are two at a time, until the last byte, and for those who pay', async () => {
    const open: (() => void)[] = [];
    for (const upstream of [first, second])
      upstream.answer = (_, response) => {
        response.write('half');
        open.push(() => response.end('whole'));
      };
    const fetchExport = (headers: object) => ask(gateway, '/orders/export', { headers: { ...ACME, ...headers } });
    expect((await fetchExport(FREE)).status).toBe(403);
    const going = [fetchExport(PAID), fetchExport(PAID)];
    await expect.poll(() => open.length, { timeout: 5000 }).toBe(2);
    const third = await fetchExport(PAID);
    expect([third.status, third.headers['retry-after'], JSON.parse(third.body)]).toEqual([
      429,
      '1',
      expect.objectContaining({ code: 'too_many_at_once' }),
    ]);
    for (const end of open.splice(0)) end();
    expect((await Promise.all(going)).map(({ body }) => body)).toEqual(['halfwhole', 'halfwhole']);
    const again = fetchExport(PAID);
    await expect.poll(() => open.length, { timeout: 5000 }).toBe(1);
    for (const end of open) end();
    expect((await again).status).toBe(200);
  });

  test('an upstream that fails is left alone after five failures, and the other one does its work', async () => {
    const fails = (upstream: ExampleUpstream) => {
      upstream.answer = (_, response) => void response.writeHead(500).end();
    };
    const orders = () => ask(gateway, '/orders/1', { headers: { ...ACME, ...PAID } });
    fails(first);
    const all = await statuses(30, orders);
    expect([all.filter((status) => status === 500).length, first.seen.length]).toEqual([5, 5]);
    expect(all.slice(-20)).toEqual(times(20, 200));
    fails(second);
    expect(await statuses(6, orders)).toEqual([...times(5, 500), 503]);
    const refused = await orders();
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'circuit_open' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(20);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30);
  });

  test('a busy upstream whose requests fail by half is left alone after twenty', async () => {
    first.answer = (_, response) => void response.writeHead(first.seen.length % 2 === 0 ? 500 : 200).end();
    // Ten of each: more than that is neither allowed.
    const all = await statuses(20, (at) => ask(gateway, '/search', { headers: at % 2 === 0 ? ACME : GLOBEX }));
    expect(all.filter((status) => status === 500)).toHaveLength(10);
    expect(first.seen).toHaveLength(20);
    const text = await (await fetch(`http://${gateway.admin}/metrics`)).text();
    expect(text).toContain(`gateway_circuit_state{backend="search",upstream="${first.address}",state="open"} 1\n`);
  });
});
