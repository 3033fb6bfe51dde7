import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCluster, startSentinels } from './support/redis-groups.ts';
import { RedisServer, redisIsMissing } from './support/redis-server.ts';
import { LISTEN, SluiceProcess } from './support/sluice-process.ts';
import { Storm } from './support/storm.ts';

const why = redisIsMissing ? ' (SKIPPED: redis-server is not installed)' : '';
const RATE = 200;
const BURST = 200;

function config(redis: string | object, id: string): Record<string, unknown> {
  const limit = (name: string, more: object) => [{ name, key: 'global', ...more }];
  const route = (name: string, more: object) => ({ id: name, path: `/${name}`, respond: {}, rate_limits: limit(name, more) });
  return {
    ...LISTEN,
    log: { level: 'info' },
    redis: typeof redis === 'string' ? { url: `redis://${redis}` } : redis,
    fleet: { name: 'it', instance_id: id },
    routes: [
      { ...route('lease', { requests_per_second: RATE, burst: BURST }), access_log: false },
      { ...route('exact', { limit: 30, window: '1h', mode: 'exact' }), access_log: false },
      { ...route('closed', { limit: 30, window: '1h', when_redis_is_down: 'closed' }), access_log: false },
      { ...route('open', { limit: 3, window: '1h', when_redis_is_down: 'open' }), access_log: false },
    ],
  };
}

interface FleetStats {
  readonly redis: { readonly condition: string; readonly reason?: string };
  readonly fleet: { readonly members: readonly string[]; readonly most_lately: number };
}

const statsOf = async (one: SluiceProcess) => (await one.stats()) as unknown as FleetStats;
const membersOf = async (one: SluiceProcess) => (await statsOf(one)).fleet.members.map((id) => id.split('/')[0]);

async function start(count: number): Promise<{ redis: RedisServer; fleet: SluiceProcess[] }> {
  const redis = await RedisServer.start();
  const fleet = await Promise.all(Array.from({ length: count }, (_, at) => SluiceProcess.start(config(redis.address, `g${at}`))));
  for (const one of fleet) await expect.poll(() => membersOf(one), { timeout: 5000 }).toHaveLength(count);
  return { redis, fleet };
}

const urls = (fleet: readonly SluiceProcess[], path: string) => fleet.map(({ address }) => `http://${address}/${path}`);

describe.skipIf(redisIsMissing)(`Three gateways and Redis${why}`, () => {
  test('share a bucket: never more than burst + rate·t, and nearly all of it', async () => {
    const { fleet } = await start(3);
    const storm = new Storm(urls(fleet, 'lease'), 4);
    await sleep(4000);
    storm.stop();
    const { 200: admitted = 0, 429: refused = 0, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
    expect(refused).toBeGreaterThan(0);
    // When an answer is seen is a little later than when it was decided.
    expect(storm.excess(RATE)).toBeLessThanOrEqual(BURST + RATE * 0.1);
    expect(admitted).toBeGreaterThanOrEqual(BURST + RATE * (4 - 0.75 - 0.2));
  });

  test('share an exact limit to the last request', async () => {
    const { fleet } = await start(3);
    const storm = new Storm(urls(fleet, 'exact'), 4);
    await expect.poll(() => storm.answers.length, { timeout: 10_000 }).toBeGreaterThan(500);
    storm.stop();
    expect(storm.statuses[200]).toBe(30);
  });

  test.each<[string, (redis: RedisServer) => Promise<void>, (redis: RedisServer) => Promise<void>, number]>([
    // What is lost is one burst more, once.
    ['is killed and comes back empty', (redis) => redis.kill(), (redis) => redis.start(), 1],
    ['stands still', async (redis) => redis.signal('SIGSTOP'), async (redis) => redis.signal('SIGCONT'), 0],
  ])('go on by shares while Redis %s, without an error, and together again afterwards', async (_, down, up, lost) => {
    const { redis, fleet } = await start(3);
    const storm = new Storm(urls(fleet, 'lease'), 4);
    await sleep(1500);
    await down(redis);
    await sleep(2500);
    const back = performance.now();
    await up(redis);
    await sleep(2500);
    storm.stop();
    const { 200: _admitted, 429: _refused, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
    expect(storm.answers.some(({ without }) => without === 'local')).toBe(true);
    const last = Math.max(...storm.answers.filter(({ without }) => without !== '').map(({ at }) => at));
    expect(last - back).toBeLessThan(2000);
    // Three instances that divide by three: the bound twice, and what was lost.
    expect(storm.excess(2 * RATE)).toBeLessThanOrEqual(2 * BURST + lost * BURST + RATE * 0.2);
    // Nobody waits for an outage but those who asked in the moment when it began.
    const slow = storm.answers.filter(({ took }) => took > 600);
    expect(slow.length).toBeLessThan(storm.answers.length * 0.01);
    expect(Math.max(...storm.answers.map(({ took }) => took))).toBeLessThan(2000);
  });

  test('let in as many at a time as the limit, together', async () => {
    const redis = await RedisServer.start();
    let [inside, most, served] = [0, 0, 0];
    const origin = createServer((_, reply) => {
      inside += 1;
      most = Math.max(most, inside);
      setTimeout(() => {
        inside -= 1;
        served += 1;
        reply.end('done');
      }, 40);
    }).listen(0, '127.0.0.1');
    await once(origin, 'listening');
    onTestFinished(() => void origin.close());
    const address = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
    const slow = {
      load_balancing: { backends: { slow: { upstreams: [{ address }] } } },
      routes: [{ id: 'slow', path: '/slow', backend: 'slow', concurrency: { limit: 6, key: 'global' }, access_log: false }],
    };
    const fleet = await Promise.all([0, 1, 2].map((at) => SluiceProcess.start({ ...config(redis.address, `g${at}`), ...slow })));
    const storm = new Storm(urls(fleet, 'slow'), 6, 5);
    await sleep(3000);
    storm.stop();
    const { 200: _admitted, 429: refused = 0, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
    expect(refused).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(6);
    // Six at a time, 40 ms each: 450 would be all there is.
    expect(served).toBeGreaterThan(200);
  });

  test('do what each limit says where Redis is away', async () => {
    const { redis, fleet } = await start(2);
    await redis.kill();
    const [first] = fleet as [SluiceProcess];
    await expect.poll(async () => (await statsOf(first)).redis.condition, { timeout: 5000 }).toBe('down');
    const ask = async (path: string) => {
      const reply = await fetch(`http://${first.address}/${path}`);
      return [reply.status, reply.headers.get('sluice-limits'), reply.headers.get('retry-after')];
    };
    expect(await ask('closed')).toEqual([503, null, '1']);
    for (let time = 0; time < 6; time++) expect(await ask('open')).toEqual([200, 'open', null]);
    expect((await ask('lease'))[1]).toBe('local');
  });

  test('start and serve without Redis, and find it when it comes', async () => {
    const redis = await RedisServer.start();
    await redis.kill();
    const one = await SluiceProcess.start(config(redis.address, 'alone'));
    // Nobody knows how many share the limit.
    expect((await fetch(`http://${one.address}/lease`)).status).toBe(503);
    expect((await fetch(`http://${one.address}/open`)).status).toBe(200);
    await redis.start();
    await expect.poll(async () => (await fetch(`http://${one.address}/lease`)).status, { timeout: 5000 }).toBe(200);
    expect((await statsOf(one)).fleet.members).toHaveLength(1);
  });

  test('lose no request to FLUSHALL and SCRIPT FLUSH', async () => {
    const { redis, fleet } = await start(2);
    const storm = new Storm([...urls(fleet, 'lease'), ...urls(fleet, 'exact')], 2);
    for (let time = 0; time < 4; time++) {
      await sleep(300);
      await redis.ask('SCRIPT', 'FLUSH');
      await redis.ask('FLUSHALL');
    }
    await sleep(300);
    storm.stop();
    const { 200: _admitted, 429: _refused, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
    expect(storm.answers.every(({ without }) => without === '')).toBe(true);
  });

  test('know who is alive: who joins, who leaves, who dies, and through a restart of Redis', async () => {
    const { redis, fleet } = await start(2);
    const [first, second] = fleet as [SluiceProcess, SluiceProcess];
    const third = await SluiceProcess.start(config(redis.address, 'g2'));
    for (const one of fleet) await expect.poll(() => membersOf(one), { timeout: 2500 }).toEqual(['g0', 'g1', 'g2']);
    third.kill('SIGTERM');
    await third.exited;
    for (const one of fleet) await expect.poll(() => membersOf(one), { timeout: 2500 }).toEqual(['g0', 'g1']);
    await redis.kill();
    await redis.start();
    const from = performance.now();
    while (performance.now() - from < 7000) {
      expect(await membersOf(first)).toEqual(['g0', 'g1']);
      await sleep(200);
    }
    second.kill('SIGKILL');
    await expect.poll(() => membersOf(first), { timeout: 7500 }).toEqual(['g0']);
    expect((await statsOf(first)).fleet.most_lately).toBeGreaterThanOrEqual(2);
  });
});

describe.skipIf(redisIsMissing)(`Two gateways${why}`, () => {
  const startBoth = async (redis: object) => {
    const fleet = await Promise.all(['g0', 'g1'].map((id) => SluiceProcess.start(config(redis, id))));
    for (const one of fleet) await expect.poll(() => membersOf(one), { timeout: 8000 }).toHaveLength(2);
    return fleet;
  };

  test('share limits through a Cluster', async () => {
    const servers = await startCluster();
    const fleet = await startBoth({ cluster: { nodes: servers.map(({ address }) => address) } });
    const storm = new Storm([...urls(fleet, 'lease'), ...urls(fleet, 'exact')], 3);
    await sleep(3000);
    storm.stop();
    const { 200: admitted = 0, 429: _refused, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
    expect(storm.answers.every(({ without }) => without === '')).toBe(true);
    // Thirty of them of the exact limit.
    expect(admitted - 30).toBeLessThanOrEqual(BURST + RATE * 3.2);
    expect(admitted - 30).toBeGreaterThanOrEqual(BURST + RATE * (3 - 0.75 - 0.3));
  });

  test('go on through a failover of Sentinel, with no error', async () => {
    const { nodes, failOver } = await startSentinels();
    const fleet = await startBoth({ sentinel: { name: 'main', nodes } });
    const storm = new Storm(urls(fleet, 'lease'), 3);
    await sleep(1000);
    await failOver();
    await sleep(6000);
    storm.stop();
    const { 200: admitted = 0, 429: _refused, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
    // The bound twice, for the shares of two and for two masters, and a burst for writes that were lost.
    expect(storm.excess(2 * RATE)).toBeLessThanOrEqual(3 * BURST + RATE * 0.2);
    expect(admitted).toBeGreaterThan(BURST + RATE * 4);
    expect(storm.answers.at(-1)?.without).toBe('');
  });
});

test.skipIf(redisIsMissing)(`examples/fleet/fleet.sh shows what it says${why}`, async () => {
  const script = join(import.meta.dirname, '../examples/fleet/fleet.sh');
  const env = { ...process.env, FIRST_PORT: String(20_000 + (process.pid % 20_000)) };
  const { stdout } = await promisify(execFile)('bash', [script, '--show'], { env, timeout: 60_000 });
  const all = '200 '.repeat(12) + '429 '.repeat(3);
  expect(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('   '))
      .map((line) => line.trim()),
  ).toEqual([
    'members: gateway-1 gateway-2 gateway-3',
    all.trim(),
    '200 200 200 200 429 429',
    'Sluice-Limits: local',
    all.trim(),
    'members: gateway-1 gateway-3',
    'members: gateway-1 gateway-2 gateway-3',
  ]);
});
