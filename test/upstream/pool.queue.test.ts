import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import type { PoolLimits } from '../../src/upstream/pool.ts';
import { soon, turns } from '../support/channels.ts';
import { OK, PoolRig, type Sent } from '../support/pools.ts';
import { closedPort } from '../support/raw-server.ts';

const LATE = 200;
let rig: PoolRig;

beforeEach(async () => {
  rig = await PoolRig.open({ maxConnections: 1 });
});
afterEach(() => rig.close());

async function reopen(limits: Partial<PoolLimits>, port?: number): Promise<void> {
  await rig.close();
  rig = await PoolRig.open(limits, port);
}

describe('A pool of limited connections', () => {
  test('has requests wait for the one that is in use, in their order', async () => {
    const sent = [rig.send('/1'), rig.send('/2'), rig.send('/3')] as const;
    expect(rig.pool.state).toEqual({ connections: 1, idle: 0, queued: 2 });
    const peers = [];
    for (const [at, one] of sent.entries()) peers.push(await rig.answer(`/${at + 1}`, one));
    expect(new Set(peers).size).toBe(1);
    expect(rig.pool.state).toEqual({ connections: 1, idle: 1, queued: 0 });
  });

  test('refuses what there is no room to wait for', () => {
    const sent = Array.from({ length: 4 }, () => rig.send());
    expect(sent[3]?.caller.failures[0]).toMatchObject({ error: { code: 'upstream_queue_full' }, unanswered: false });
    expect(sent.slice(0, 3).map(({ caller }) => caller.told)).toEqual([0, 0, 0]);
    expect(rig.pool.state.queued).toBe(2);
  });

  test('refuses what has waited for so long, each in its own time', async () => {
    rig.send('/1');
    await rig.peerOf('/1');
    const second = rig.send('/2');
    rig.clock.advance(600);
    const third = rig.send('/3');
    rig.clock.advance(400 + LATE);
    expect(second.caller.failures[0]).toMatchObject({ error: { code: 'upstream_queue_timeout' } });
    expect(third.caller.told).toBe(0);
    rig.clock.advance(600 - LATE + LATE);
    expect(third.caller.failures[0]).toMatchObject({ error: { code: 'upstream_queue_timeout' } });
    expect(rig.pool.state).toEqual({ connections: 1, idle: 0, queued: 0 });
  });

  test('does not refuse what waited behind something that went away', async () => {
    const first = rig.send('/1');
    await rig.peerOf('/1');
    const second = rig.send('/2');
    rig.clock.advance(900);
    const third = rig.send('/3');
    rig.pool.cancel(second.lease, new GatewayError('client_gone'));
    rig.clock.advance(100 + LATE);
    expect(third.caller.told).toBe(0);
    await rig.answer('/1', first);
    await rig.answer('/3', third);
  });

  test('passes over what is called off while it waits', async () => {
    const [first, second, third] = [rig.send('/1'), rig.send('/2'), rig.send('/3')];
    const error = new GatewayError('client_gone');
    rig.pool.cancel(second.lease, error);
    rig.pool.cancel(second.lease, error);
    expect(second.caller.failures).toEqual([{ error, unanswered: false }]);
    await rig.answer('/1', first);
    await rig.answer('/3', third);
    expect(rig.server.peers.map((peer) => peer.text.includes('/2'))).toEqual([false]);
  });

  test('gives a new connection to who waits when the one in use dies', async () => {
    const [first, second] = [rig.send('/1'), rig.send('/2')];
    const peer = await rig.peerOf('/1');
    peer.socket.resetAndDestroy();
    expect((await first.caller.failure()).code).toBe('upstream_reset');
    expect(await rig.answer('/2', second)).not.toBe(peer);
    expect(rig.pool.state).toEqual({ connections: 1, idle: 1, queued: 0 });
  });

  test('gives a new connection to who waits when the one in use is called off', async () => {
    const [first, second] = [rig.send('/1'), rig.send('/2')];
    await rig.peerOf('/1');
    rig.pool.cancel(first.lease, new GatewayError('route_timeout'));
    expect((await first.caller.failure()).code).toBe('route_timeout');
    await rig.answer('/2', second);
  });

  test('gives a new connection to who waits when the one in use may not be used again', async () => {
    const [first, second] = [rig.send('/1'), rig.send('/2')];
    const old = await rig.answer('/1', first, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    expect(await rig.answer('/2', second)).not.toBe(old);
  });

  test('has each who waits find out that the upstream cannot be reached', async () => {
    await reopen({ maxConnections: 1 }, await closedPort());
    const sent = [rig.send(), rig.send(), rig.send()];
    for (const { caller } of sent) expect((await caller.failure()).code).toBe('upstream_connect');
    expect(rig.pool.state).toEqual({ connections: 0, idle: 0, queued: 0 });
  });

  test('has a place for a repeated request when its connection turns out to be closed', async () => {
    const [old] = await rig.warm(1);
    const stale = rig.send('/stale');
    let repeated: Sent | undefined;
    stale.caller.failed = (_, unanswered) => {
      if (unanswered) repeated = rig.send('/repeated', true);
    };
    await rig.peerOf('/stale');
    old?.socket.resetAndDestroy();
    await rig.peerOf('/repeated');
    await rig.answer('/repeated', repeated as Sent);
    expect(rig.pool.state).toEqual({ connections: 1, idle: 1, queued: 0 });
  });

  test('never has more connections than it may, whatever fails, and tells everyone once', async () => {
    await reopen({ maxConnections: 3, queue: 100, queueTimeout: 100_000 });
    // Every third request is answered, every third reset, every third called off.
    rig.server.onPeer = (peer) => {
      peer.socket.on('data', (bytes: Buffer) => {
        const number = Number(/ \/r(\d+) /.exec(bytes.toString('latin1'))?.[1]);
        if (number % 3 === 0) peer.send(OK);
        else if (number % 3 === 1) peer.socket.resetAndDestroy();
      });
    };
    const sent: Sent[] = [];
    for (let round = 0; round < 20; round++) {
      for (let each = 0; each < 3; each++) sent.push(rig.send(`/r${sent.length}`));
      expect(rig.pool.state.connections).toBeLessThanOrEqual(3);
      await turns(2);
      for (const [at, { caller, lease }] of sent.entries()) {
        if (at % 3 === 2 && caller.told === 0 && (lease.channel !== undefined || at % 2 === 0)) {
          rig.pool.cancel(lease, new GatewayError('client_gone'));
        }
      }
      expect(rig.pool.state.connections).toBeLessThanOrEqual(3);
    }
    await soon(() => {
      for (const [at, { caller, lease }] of sent.entries()) {
        if (at % 3 === 2 && caller.told === 0) rig.pool.cancel(lease, new GatewayError('client_gone'));
      }
      return sent.every(({ caller }) => caller.told > 0);
    });
    expect(sent.map(({ caller }) => caller.told)).toEqual(sent.map(() => 1));
    expect(rig.pool.state.queued).toBe(0);
    expect(rig.pool.state.idle).toBe(rig.pool.state.connections);
  });
});

describe('A pool that is closed', () => {
  test('closes what is idle, lets what goes on finish, and still sends what waits', async () => {
    await reopen({ maxConnections: 2 });
    const [first, second] = [rig.send('/1'), rig.send('/2')];
    await rig.answer('/2', second);
    await rig.peerOf('/1');
    rig.send('/3');
    const waits = rig.send('/4');
    await rig.peerOf('/3');
    rig.pool.close();
    await rig.answer('/1', first);
    await rig.answer('/4', waits);
    expect(rig.pool.state).toMatchObject({ connections: 1, idle: 0, queued: 0 });
  });

  test('lets nobody wait for longer than before', async () => {
    await reopen({ maxConnections: 1 });
    rig.send('/1');
    await rig.peerOf('/1');
    const waits = rig.send('/2');
    rig.pool.close();
    rig.clock.advance(1200);
    expect((await waits.caller.failure()).code).toBe('upstream_queue_timeout');
  });

  test('sends what waits on a connection of its own when the one before it breaks', async () => {
    await reopen({ maxConnections: 1 });
    rig.send('/1');
    const peer = await rig.peerOf('/1');
    const waits = rig.send('/2');
    rig.pool.close();
    peer.socket.resetAndDestroy();
    await rig.answer('/2', waits);
    expect(rig.pool.state).toMatchObject({ connections: 0, idle: 0, queued: 0 });
  });

  test('closes idle connections at once', async () => {
    const peers = await rig.warm(2);
    rig.pool.close();
    expect(rig.pool.state.connections).toBe(0);
    for (const peer of peers) await peer.gone();
    rig.clock.advance(1000);
    expect([rig.tools.wheel.size, rig.clock.pending]).toEqual([0, 0]);
  });
});
