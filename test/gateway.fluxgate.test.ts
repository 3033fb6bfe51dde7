import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkText } from '../src/config/check.ts';
import { importFluxgate } from '../src/config/import/fluxgate.ts';
import { type DemoUpstreams, startUpstreams } from '../src/demo/upstreams.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';

/** FluxGate's demo: four routes of one user, each with its breaker, its limits and its retries. Its cache is of a later issue. */
function demo(addresses: DemoUpstreams['addresses']): unknown {
  const breaker = {
    enabled: true,
    failure_threshold: 5,
    window_seconds: 60,
    open_seconds: 30,
    half_open_requests: 3,
    success_threshold: 2,
  };
  const route = (name: keyof typeof addresses, capacity: number) => ({
    path: `/${name}`,
    method: '*',
    load_balancing: 'round_robin',
    upstreams: [{ url: `http://${addresses[name]}`, weight: 1, circuit_breaker: breaker }],
    route_rate_limit: { type: 'token_bucket', capacity, refill_rate: 0.01 },
    user_rate_limit: { type: 'token_bucket', capacity: 5, refill_rate: 0.01 },
    user_id_key: ['header:X-Client', 'ip'],
  });
  return { demo: [route('fast', 8), route('slow', 8), route('faulty', 1000), route('echo', 8)].map(unlimitedFaulty) };
}

/** The faulty upstream has to be asked often enough. */
function unlimitedFaulty(route: { path: string; user_rate_limit: object }): object {
  return route.path === '/faulty' ? { ...route, user_rate_limit: { capacity: 1000, refill_rate: 1 } } : route;
}

let upstreams: DemoUpstreams;
let gateway: Gateway;
let http: string;

beforeAll(async () => {
  upstreams = await startUpstreams({ ports: { fast: 0, slow: 0, faulty: 0, echo: 0 }, delay: 1 });
  const yaml = importFluxgate(JSON.stringify(demo(upstreams.addresses)), 'routes.json');
  expect(yaml).not.toContain('not in this version: circuit');
  const settings = '\nserver: { http_addr: "127.0.0.1:0" }\nadmin: { addr: "127.0.0.1:0" }\nlog: { level: fatal }\n';
  gateway = createGateway(checkText(yaml + settings, 'sluice.yaml', {}));
  await gateway.start();
  http = gateway.http[0] ?? '';
});
afterAll(async () => {
  await gateway.close();
  await upstreams.close();
});

const ask = (path: string, client: string) =>
  fetch(`http://${http}${path}`, { headers: { 'X-User-ID': 'demo', 'X-Client': client } });

async function statuses(count: number, path: string, client: (at: number) => string): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at++) all.push((await ask(path, client(at))).status);
  return all;
}

describe("seed claim: FluxGate's demo runs, and", () => {
  test('its routes are for its user alone', async () => {
    expect((await fetch(`http://${http}/echo`)).status).toBe(404);
    expect((await ask('/echo', 'nobody')).status).toBe(200);
  });

  test('the limit of a user refuses the user, and not the others', async () => {
    expect(await statuses(6, '/slow', () => 'greedy')).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await ask('/slow', 'modest')).status).toBe(200);
  });

  test('the limit of a route refuses whoever comes then', async () => {
    const all = await statuses(10, '/fast', (at) => `client-${at}`);
    expect(all).toEqual([...Array<number>(8).fill(200), 429, 429]);
  });

  test('who is refused by one limit takes nothing from the other', async () => {
    const refused = await ask('/fast', 'client-0');
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(refused.headers.get('ratelimit')).toMatch(/"route";r=0.*"user";r=4/);
  });

  test('the breaker of an upstream that fails opens, without a retry, and says when to come again', async () => {
    const all = await statuses(8, '/faulty?fail=error', () => 'any');
    expect(all).toEqual([...Array<number>(5).fill(500), 503, 503, 503]);
    const reply = await ask('/faulty', 'any');
    expect([reply.status, (await reply.json()) as object]).toEqual([503, expect.objectContaining({ code: 'circuit_open' })]);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(20);
  });
});
