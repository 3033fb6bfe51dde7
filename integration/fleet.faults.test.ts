import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Cable } from './support/cable.ts';
import { freePort, RedisServer, redisIsMissing } from './support/redis-server.ts';
import { LISTEN, SluiceProcess } from './support/sluice-process.ts';
import { Storm } from './support/storm.ts';

const why = redisIsMissing ? ' (SKIPPED: redis-server is not installed)' : '';
const RATE = 200;
const BURST = 200;

function config(redis: string, id: string): Record<string, unknown> {
  const limit = { name: 'all', key: 'global', requests_per_second: RATE, burst: BURST };
  return {
    ...LISTEN,
    redis: { url: `redis://${redis}` },
    fleet: { name: 'faults', instance_id: id, expected_members: 3 },
    routes: [
      { id: 'all', path: '/all', respond: {}, rate_limits: [limit], access_log: false },
      {
        id: 'strict',
        path: '/strict',
        respond: {},
        rate_limits: [{ ...limit, name: 'strict', after_lost_data: 'strict' }],
        access_log: false,
      },
    ],
  };
}

const members = async (one: SluiceProcess) =>
  ((await one.stats()) as unknown as { fleet: { members: string[] } }).fleet.members.length;
const conditionOf = async (one: SluiceProcess) =>
  ((await one.stats()) as unknown as { redis: { condition: string; reason?: string } }).redis;

async function start(addresses: readonly string[]): Promise<SluiceProcess[]> {
  const fleet = await Promise.all(addresses.map((address, at) => SluiceProcess.start(config(address, `g${at}`))));
  for (const one of fleet) await expect.poll(() => members(one), { timeout: 5000 }).toBe(addresses.length);
  return fleet;
}

const urls = (fleet: readonly SluiceProcess[], path = 'all') => fleet.map(({ address }) => `http://${address}/${path}`);

function expectNoErrors(storm: Storm): void {
  const { 200: _admitted, 429: _refused, ...others } = storm.statuses;
  expect([others, storm.errors]).toEqual([{}, []]);
}

describe.skipIf(redisIsMissing)(`Faults under load${why}`, () => {
  test('a gateway whose way to Redis is cut goes by its share, and the others go on together', async () => {
    const redis = await RedisServer.start();
    const cable = await Cable.to(redis.port);
    const fleet = await start([cable.address, redis.address, redis.address]);
    const storm = new Storm(urls(fleet), 3);
    await sleep(1000);
    cable.cut();
    await sleep(2500);
    expect((await conditionOf(fleet[0] as SluiceProcess)).condition).toBe('down');
    cable.mend();
    await expect.poll(async () => (await conditionOf(fleet[0] as SluiceProcess)).condition, { timeout: 4000 }).not.toBe('down');
    await sleep(1000);
    storm.stop();
    expectNoErrors(storm);
    // One of three cut off: (1 + 1/3)·(burst + rate·t).
    expect(storm.excess((4 / 3) * RATE)).toBeLessThanOrEqual((4 / 3) * BURST + RATE * 0.2);
    // Nobody waits for a whole time limit again and again.
    expect(storm.answers.filter(({ took }) => took > 300).length).toBeLessThan(60);
  });

  test('a gateway that stands still and goes on spends nothing that it held before', async () => {
    const redis = await RedisServer.start();
    const fleet = await start([redis.address, redis.address, redis.address]);
    const storm = new Storm(urls(fleet), 3);
    for (let time = 0; time < 3; time++) {
      await sleep(500);
      fleet[time]?.kill('SIGSTOP');
      await sleep(900);
      fleet[time]?.kill('SIGCONT');
    }
    await sleep(500);
    storm.stop();
    expectNoErrors(storm);
    expect(storm.excess(RATE)).toBeLessThanOrEqual(BURST + RATE * 0.15);
  });

  test('a Redis that is full says so, and limits are shares until it has room', async () => {
    const redis = await RedisServer.start();
    const fleet = await start([redis.address]);
    const [one] = fleet as [SluiceProcess];
    const storm = new Storm(urls(fleet), 3);
    await sleep(500);
    await redis.ask('CONFIG', 'SET', 'maxmemory', '1mb');
    await expect.poll(async () => (await conditionOf(one)).reason ?? '', { timeout: 5000 }).toMatch(/OOM|memory/i);
    await redis.ask('CONFIG', 'SET', 'maxmemory', '0');
    await expect.poll(async () => (await conditionOf(one)).condition, { timeout: 5000 }).not.toBe('down');
    storm.stop();
    expectNoErrors(storm);
  });

  test('a strict limit begins from empty when Redis has lost its data', async () => {
    const redis = await RedisServer.start();
    const fleet = await start([redis.address, redis.address]);
    const storm = new Storm(urls(fleet, 'strict'), 3);
    await sleep(2500);
    await redis.ask('FLUSHALL');
    await sleep(2000);
    storm.stop();
    expectNoErrors(storm);
    expect(storm.excess(RATE)).toBeLessThanOrEqual(BURST + RATE * 0.15);
    expect(storm.statuses[200]).toBeGreaterThan(300);
  });

  const noProxy = spawnSync('haproxy', ['-v'], { env: { PATH: `${process.env['PATH']}:/usr/sbin` } }).error !== undefined;
  test.skipIf(noProxy)(
    `three gateways behind HAProxy lose one and Redis, and clients see no 500${noProxy ? ' (SKIPPED: haproxy is not installed)' : ''}`,
    async () => {
      const redis = await RedisServer.start();
      const fleet = await start([redis.address, redis.address, redis.address]);
      const [directory, port] = [mkdtempSync(join(tmpdir(), 'sluice-haproxy-')), await freePort()];
      const servers = fleet.map(({ address }, at) => `  server g${at} ${address} check inter 100ms fall 1 rise 1`);
      const text = `defaults
  mode tcp
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  retries 2
  option redispatch
listen front
  bind 127.0.0.1:${port}
  balance roundrobin
${servers.join('\n')}
`;
      writeFileSync(join(directory, 'haproxy.cfg'), text);
      const env = { PATH: `${process.env['PATH']}:/usr/sbin` };
      const proxy = spawn('haproxy', ['-db', '-f', join(directory, 'haproxy.cfg')], { stdio: 'ignore', env });
      onTestFinished(() => {
        proxy.kill('SIGKILL');
        rmSync(directory, { recursive: true });
      });
      await expect
        .poll(
          () =>
            fetch(`http://127.0.0.1:${port}/all`).then(
              () => true,
              () => false,
            ),
          { timeout: 5000 },
        )
        .toBe(true);
      const storm = new Storm([`http://127.0.0.1:${port}/all`], 9);
      await sleep(800);
      fleet[0]?.kill('SIGKILL');
      await sleep(800);
      await redis.kill();
      await sleep(1000);
      await redis.start();
      await sleep(1500);
      storm.stop();
      const { 200: admitted = 0, 429: refused = 0, ...others } = storm.statuses;
      expect(others).toEqual({});
      // Connections to the one that died, no more.
      expect(storm.errors.length).toBeLessThan(20);
      expect(admitted).toBeGreaterThan(BURST);
      expect(refused).toBeGreaterThan(0);
    },
  );
});
