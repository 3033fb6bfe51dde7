import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { soon } from '../support/channels.ts';
import { OK, PoolRig } from '../support/pools.ts';
import type { RawPeer } from '../support/raw-peer.ts';

const HERE = new Set(['127.0.0.1']);
const ELSEWHERE = new Set(['127.0.0.2']);
let rig: PoolRig;

beforeEach(async () => {
  rig = await PoolRig.open({ maxConnections: 2 });
});
afterEach(() => rig.close());

describe('When the addresses of an endpoint change', () => {
  test('idle connections to others are closed at once', async () => {
    const peers = await rig.warm(2);
    rig.pool.retire(ELSEWHERE);
    await Promise.all(peers.map((peer) => peer.gone()));
    expect(rig.pool.state).toEqual({ connections: 0, idle: 0, queued: 0 });
  });

  test('connections to those that stay are kept', async () => {
    const [peer] = await rig.warm(1);
    rig.pool.retire(HERE);
    expect(await rig.answer('/again', rig.send('/again'))).toBe(peer);
    expect(rig.pool.state.idle).toBe(1);
  });

  test('one in use serves its request to the end, and is closed then', async () => {
    const sent = rig.send('/1');
    const peer = await rig.peerOf('/1');
    rig.pool.retire(ELSEWHERE);
    await rig.answer('/1', sent);
    await peer.gone();
    expect(rig.pool.state).toEqual({ connections: 0, idle: 0, queued: 0 });
  });

  test('one that was being made is closed after its first request', async () => {
    const sent = rig.send('/1');
    rig.pool.retire(ELSEWHERE);
    const peer = await rig.answer('/1', sent);
    await peer.gone();
    expect(rig.pool.state.connections).toBe(0);
  });

  test('those who wait for one in use get a new one in its place', async () => {
    const busy = [rig.send('/1'), rig.send('/2')];
    const waiting = rig.send('/3');
    const first = await rig.peerOf('/1');
    rig.pool.retire(ELSEWHERE);
    for (const [at, sent] of busy.entries()) await rig.answer(`/${at + 1}`, sent);
    const last: RawPeer = await rig.peerOf('/3');
    expect(last).not.toBe(first);
    last.send(OK);
    expect((await waiting.caller.reply()).status).toBe(200);
    await soon(() => rig.pool.state.connections === 0);
  });

  test('and change back, connections are kept again', async () => {
    rig.pool.retire(ELSEWHERE);
    await rig.answer('/1', rig.send('/1'));
    expect(rig.pool.state.idle).toBe(0);
    rig.pool.retire(HERE);
    await rig.answer('/2', rig.send('/2'));
    expect(rig.pool.state.idle).toBe(1);
  });
});
