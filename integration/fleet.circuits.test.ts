import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RedisServer, redisIsMissing } from './support/redis-server.ts';
import { LISTEN, SluiceProcess } from './support/sluice-process.ts';
import { Storm } from './support/storm.ts';

const why = redisIsMissing ? ' (SKIPPED: redis-server is not installed)' : '';

/** An upstream that does well, 300 ms a request, or does not. */
async function upstream() {
  const state = { status: 200 };
  const server = createServer((_, reply) => setTimeout(() => reply.writeHead(state.status).end('x'), 300));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function config(redis: string, id: string, address: string, read_timeout = '5s'): object {
  const circuit_breaker = { consecutive_failures: 5, open_for: '2s', half_open_requests: 2, success_threshold: 2 };
  return {
    ...LISTEN,
    redis: { url: `redis://${redis}` },
    fleet: { name: 'circuits', instance_id: id },
    load_balancing: { backends: { u: { upstreams: [{ address, read_timeout }], circuit_breaker } } },
    routes: [{ id: 'all', path: '/**', backend: 'u', access_log: false }],
  };
}

interface Shown {
  readonly state: string;
  readonly reason?: string;
}

const circuitOf = async (one: SluiceProcess) =>
  Object.values(((await one.stats()) as unknown as { circuits: Record<string, Shown> }).circuits)[0] as Shown;
const states = (fleet: readonly SluiceProcess[]) => Promise.all(fleet.map(async (one) => (await circuitOf(one)).state));

describe.skipIf(redisIsMissing)(`Circuits of three gateways${why}`, () => {
  test('open together, on the votes of two machines at least, and close together when the upstream does well', async () => {
    const [redis, { state, address }] = [await RedisServer.start(), await upstream()];
    const fleet = await Promise.all(['g0', 'g1', 'g2'].map((id) => SluiceProcess.start(config(redis.address, id, address))));
    const storm = new Storm(
      fleet.map(({ address: own }) => `http://${own}/`),
      2,
      5,
    );
    // So long that it is known who has traffic.
    await sleep(6000);
    expect(await states(fleet)).toEqual(['closed', 'closed', 'closed']);
    state.status = 503;
    await expect.poll(() => states(fleet), { timeout: 6000 }).toEqual(['open', 'open', 'open']);
    await expect
      .poll(async () => (await circuitOf(fleet[2] as SluiceProcess)).reason ?? '', { timeout: 3000 })
      .toMatch(/machines/);
    state.status = 200;
    await expect.poll(() => states(fleet), { timeout: 12_000 }).toEqual(['closed', 'closed', 'closed']);
    storm.stop();
    const { 200: _good, 503: _open, ...others } = storm.statuses;
    expect([others, storm.errors]).toEqual([{}, []]);
  });

  test('stay closed for those who do well, where one of them fails with each request', async () => {
    const [redis, { address }] = [await RedisServer.start(), await upstream()];
    const fleet = [
      await SluiceProcess.start(config(redis.address, 'broken', address, '50ms')),
      await SluiceProcess.start(config(redis.address, 'g1', address)),
      await SluiceProcess.start(config(redis.address, 'g2', address)),
    ];
    const [broken, ...well] = fleet as [SluiceProcess, SluiceProcess, SluiceProcess];
    const bad = new Storm([`http://${broken.address}/`], 2, 5);
    const good = new Storm(
      well.map(({ address: own }) => `http://${own}/`),
      2,
      5,
    );
    await expect.poll(async () => (await circuitOf(broken)).state, { timeout: 6000 }).toBe('open');
    await sleep(6000);
    expect(await states(well)).toEqual(['closed', 'closed']);
    bad.stop();
    good.stop();
    const { 200: served = 0, ...others } = good.statuses;
    expect([others, good.errors]).toEqual([{}, []]);
    expect(served).toBeGreaterThan(40);
  });
});
