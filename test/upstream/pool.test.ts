import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PoolLimits } from '../../src/upstream/pool.ts';
import { soon, turns } from '../support/channels.ts';
import { PoolRig } from '../support/pools.ts';
import { closedPort } from '../support/raw-server.ts';

const LATE = 200;
let rig: PoolRig;

beforeEach(async () => {
  rig = await PoolRig.open();
});
afterEach(() => rig.close());

async function reopen(limits: Partial<PoolLimits>, port?: number): Promise<void> {
  await rig.close();
  rig = await PoolRig.open(limits, port);
}

describe('A pool', () => {
  test('has no connection before the first request, and as many as there are requests at once', async () => {
    expect(rig.pool.state).toEqual({ connections: 0, idle: 0, queued: 0 });
    const [first, second] = [rig.send('/1'), rig.send('/2')];
    expect(rig.pool.state).toEqual({ connections: 2, idle: 0, queued: 0 });
    await rig.answer('/1', first);
    await rig.answer('/2', second);
    expect(rig.pool.state).toEqual({ connections: 2, idle: 2, queued: 0 });
  });

  test('uses the connection that was used last', async () => {
    const [, last] = await rig.warm(2);
    for (let time = 0; time < 3; time++) expect(await rig.answer(`/again${time}`, rig.send(`/again${time}`))).toBe(last);
    expect(rig.pool.state).toEqual({ connections: 2, idle: 2, queued: 0 });
  });

  test('makes a new connection for a request that asks for one', async () => {
    const [old] = await rig.warm(1);
    expect(await rig.answer('/new', rig.send('/new', true))).not.toBe(old);
    expect(rig.pool.state).toEqual({ connections: 2, idle: 2, queued: 0 });
  });

  test('forgets a connection that the upstream closes', async () => {
    const [old] = await rig.warm(1);
    old?.socket.end();
    await soon(() => rig.pool.state.connections === 0);
    expect(rig.pool.state).toEqual({ connections: 0, idle: 0, queued: 0 });
    expect(await rig.answer('/new', rig.send('/new'))).not.toBe(old);
  });

  test('does not keep a connection that cannot be had', async () => {
    await reopen({}, await closedPort());
    expect((await rig.send().caller.failure()).code).toBe('upstream_connect');
    expect(rig.pool.state.connections).toBe(0);
  });
});

describe('Idle connections', () => {
  test('close when they have been idle for so long', async () => {
    await rig.warm(2);
    rig.clock.advance(29_000);
    expect(rig.pool.state.idle).toBe(2);
    rig.clock.advance(16_000 + LATE);
    expect(rig.pool.state).toEqual({ connections: 0, idle: 0, queued: 0 });
  });

  test('are not used again after that, swept or not', async () => {
    const [old] = await rig.warm(1);
    rig.clock.stall(30_000);
    expect(await rig.answer('/new', rig.send('/new'))).not.toBe(old);
    expect(rig.pool.state.connections).toBe(1);
  });

  test('are not used again when the upstream has said how long it keeps them', async () => {
    const first = rig.send('/1');
    const old = await rig.answer('/1', first, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n');
    rig.clock.advance(3900);
    expect(await rig.answer('/2', rig.send('/2'))).toBe(old);
    rig.clock.advance(4000);
    expect(await rig.answer('/3', rig.send('/3'))).not.toBe(old);
  });

  test('in excess close after a moment, those that were used last stay', async () => {
    await reopen({ maxIdle: 2 });
    const peers = await rig.warm(4);
    expect(rig.pool.state.idle).toBe(4);
    rig.clock.advance(2000 + 2 * LATE);
    expect(rig.pool.state).toEqual({ connections: 2, idle: 2, queued: 0 });
    await Promise.all(peers.slice(0, 2).map((peer) => peer.gone()));
    expect(peers.map((peer) => peer.left)).toEqual(['ended', 'ended', 'open', 'open']);
  });

  test('in excess close each after its own moment', async () => {
    await reopen({ maxIdle: 1 });
    const sent = Array.from({ length: 4 }, (_, at) => rig.send(`/${at}`));
    for (const [at, one] of sent.entries()) {
      await rig.answer(`/${at}`, one);
      rig.clock.advance(600);
    }
    expect(rig.pool.state.idle).toBeGreaterThan(1);
    rig.clock.advance(3000);
    expect(rig.pool.state.idle).toBe(1);
  });

  test('may be none', async () => {
    await reopen({ maxIdle: 0 });
    await rig.warm(1);
    rig.clock.advance(2000 + 2 * LATE);
    expect(rig.pool.state.connections).toBe(0);
  });

  test('close in time also while bursts go beyond their number again and again', async () => {
    await reopen({ maxIdle: 1 });
    const [oldest] = await rig.warm(2);
    for (let second = 0; second < 50; second++) {
      rig.clock.advance(900);
      await rig.answer(`/s${second}`, rig.send(`/s${second}`));
    }
    await turns();
    expect(oldest?.left).not.toBe('open');
  });

  test('leave nothing in the wheel when there are none any more', async () => {
    await rig.warm(2);
    rig.clock.advance(100_000);
    expect([rig.tools.wheel.size, rig.clock.pending]).toEqual([0, 0]);
  });
});
