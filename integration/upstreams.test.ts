import { describe, expect, test } from 'vitest';
import { Load } from './support/load.ts';
import { OriginProcess } from './support/origin-process.ts';
import { document, SluiceProcess } from './support/sluice-process.ts';

const HEALTH = { path: '/health', interval: '200ms', timeout: '300ms', failure_threshold: 2, success_threshold: 1 };

async function startThree(more: Record<string, object>) {
  const origins = await Promise.all(['a', 'b', 'c'].map((name) => OriginProcess.start(name)));
  const sluice = await SluiceProcess.start(
    document(
      origins.map(({ address }) => address),
      more,
    ),
  );
  return { origins: origins as [OriginProcess, OriginProcess, OriginProcess], sluice };
}

async function upstream(sluice: SluiceProcess, at: number) {
  return (await sluice.stats()).backends['origin']?.upstreams[at];
}

/** Waits until it gets its share of new requests. */
async function served(sluice: SluiceProcess, at: number): Promise<void> {
  const before = (await upstream(sluice, at))?.requests ?? 0;
  await expect.poll(async () => (await upstream(sluice, at))?.requests, { timeout: 20_000 }).toBeGreaterThan(before + 20);
}

/** Status and how long it took. */
async function timed(address: string): Promise<{ status: number; ms: number }> {
  const begun = performance.now();
  const { status } = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(20_000) });
  return { status, ms: performance.now() - begun };
}

describe('Three upstream processes under load', () => {
  test.each([
    ['with health checks', { backend: { health_check: HEALTH }, route: { retries: 3 } }],
    ['without health checks', { route: { retries: 3 } }],
  ])('of which one is killed, %s: no GET fails, and it is used again when it is back', async (_, more) => {
    const { origins, sluice } = await startThree(more);
    const load = new Load(sluice.address, { clients: 16, pause: 2 });
    await load.more(500);
    for (const origin of origins.slice(1)) {
      await origin.kill();
      await load.more(1000);
      await origin.revive();
      await served(sluice, origins.indexOf(origin));
    }
    await load.end();
    expect([load.wrong, load.connections]).toEqual([[], 16]);
    expect((await upstream(sluice, 1))?.ready).toBe(true);
  });

  test('of which one hangs: its requests are tried elsewhere, its checks take it out, and it comes back', async () => {
    const retry = { max_retries: 3, per_try_timeout: '300ms', on: ['connect', 'reset', 'timeout', '502', '503', '504'] };
    // Every request that hangs is one more try.
    const backend = { health_check: HEALTH, retry_budget: { ratio: 1, min_per_second: 100 } };
    const { origins, sluice } = await startThree({ backend, route: { retry } });
    const load = new Load(sluice.address, { clients: 8, pause: 5 });
    await load.more(200);
    origins[0].signal('SIGSTOP');
    await expect.poll(async () => (await upstream(sluice, 0))?.ready, { timeout: 10_000 }).toBe(false);
    expect((await upstream(sluice, 0))?.reason).toBe('http /health: no answer within 300ms');
    await load.more(200);
    await expect.poll(async () => (await upstream(sluice, 0))?.active).toBe(0);
    const before = await upstream(sluice, 0);
    await load.more(200);
    expect((await upstream(sluice, 0))?.requests).toBe(before?.requests);
    expect(load.longest).toBeLessThan(2000);
    origins[0].signal('SIGCONT');
    await served(sluice, 0);
    await load.end();
    expect([load.wrong, load.connections]).toEqual([[], 8]);
  });

  test('that all die: clients are told so quickly, nothing piles up, and it recovers by itself', async () => {
    const { origins, sluice } = await startThree({ backend: { health_check: HEALTH }, route: { retries: 2 } });
    expect((await timed(sluice.address)).status).toBe(200);
    await Promise.all(origins.map((origin) => origin.kill()));
    const begun = performance.now();
    let slowest = 0;
    const seen = new Map<number, number>();
    while (performance.now() - begun < 3000) {
      for (const { status, ms } of await Promise.all(Array.from({ length: 20 }, () => timed(sluice.address)))) {
        slowest = Math.max(slowest, ms);
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].filter((status) => status !== 502 && status !== 503)).toEqual([]);
    expect(slowest).toBeLessThan(3000);
    const { backends } = await sluice.stats();
    const sum = (of: 'active' | 'queued' | 'connections') => backends['origin']?.upstreams.reduce((all, one) => all + one[of], 0);
    expect([sum('active'), sum('queued'), sum('connections')]).toEqual([0, 0, 0]);
    await Promise.all(origins.map((origin) => origin.revive()));
    await expect.poll(async () => (await timed(sluice.address)).status, { timeout: 10_000 }).toBe(200);
    for (const at of [0, 1, 2]) {
      await expect.poll(async () => (await upstream(sluice, at))?.ready, { timeout: 10_000 }).toBe(true);
    }
    const load = new Load(sluice.address);
    await load.more(200);
    await load.end();
    expect(load.wrong).toEqual([]);
  });
});

describe('Upstreams that are slow', () => {
  test('get fewer requests with least_connections than those that are fast', async () => {
    const slow = await OriginProcess.start('slow', 200);
    const fast = await OriginProcess.start('fast', 10);
    const backend = { algorithm: 'least_connections' };
    const sluice = await SluiceProcess.start(document([slow.address, fast.address], { backend }));
    const load = new Load(sluice.address, { clients: 16 });
    await load.more(1000);
    await load.end();
    const [few = 0, many = 0] = (await sluice.stats()).backends['origin']?.upstreams.map(({ requests }) => requests) ?? [];
    expect(load.wrong).toEqual([]);
    expect(many / few).toBeGreaterThan(5);
  });

  test('have no more connections than they may, a queue of its size behind them, and the others are told at once', async () => {
    const origin = await OriginProcess.start('slow', 400);
    const upstreams = [{ address: origin.address, max_connections: 2 }];
    const backend = { upstreams, pool: { queue: 4, queue_timeout: '5s' } };
    const sluice = await SluiceProcess.start(document([], { backend }));
    const answers = Promise.all(Array.from({ length: 20 }, () => timed(sluice.address)));
    await expect.poll(() => upstream(sluice, 0), { interval: 10 }).toMatchObject({ connections: 2, queued: 4 });
    const all = await answers;
    const of = (status: number) => all.filter((one) => one.status === status);
    expect([of(200).length, of(503).length]).toEqual([6, 14]);
    expect(Math.max(...of(503).map(({ ms }) => ms))).toBeLessThan(390);
    expect(await upstream(sluice, 0)).toMatchObject({ active: 0, queued: 0 });
  });

  test('answer nobody who has waited in the queue for too long', async () => {
    const origin = await OriginProcess.start('slow', 1500);
    const upstreams = [{ address: origin.address, max_connections: 1 }];
    const backend = { upstreams, pool: { queue: 10, queue_timeout: '300ms' } };
    const sluice = await SluiceProcess.start(document([], { backend }));
    const all = await Promise.all(Array.from({ length: 5 }, () => timed(sluice.address)));
    const statuses = all.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 503, 503, 503, 503]);
    const waits = all.filter(({ status }) => status === 503).map(({ ms }) => ms);
    expect(Math.min(...waits)).toBeGreaterThan(250);
    expect(Math.max(...waits)).toBeLessThan(1200);
  });
});
