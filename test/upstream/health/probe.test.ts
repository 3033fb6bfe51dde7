import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { turns } from '../../support/channels.ts';
import { ProbeRig } from '../../support/probes.ts';
import { closedPort } from '../../support/raw-server.ts';

let rig: ProbeRig;

beforeEach(async () => {
  rig = await ProbeRig.open();
});
afterEach(() => rig.close());

describe('A tcp probe', () => {
  test('is content with a connection, and closes it', async () => {
    expect(await rig.probe()).toBeUndefined();
    const peer = await rig.server.next();
    await peer.gone();
    expect([peer.size, rig.clock.pending]).toEqual([0, 0]);
  });

  test('says when the connection is refused', async () => {
    rig.target = { ...rig.target, port: await closedPort() };
    expect(await rig.probe()).toBe('connection refused');
    expect(rig.clock.pending).toBe(0);
  });

  test('goes to the port of the check, if that has one', async () => {
    const { port } = rig.server;
    rig.target = { ...rig.target, port: await closedPort() };
    expect(await rig.probe({ port })).toBeUndefined();
  });

  test('does not speak TLS, whatever requests do', async () => {
    rig.target = { ...rig.target, secure: true };
    expect(await rig.probe()).toBeUndefined();
    const peer = await rig.server.next();
    await peer.gone();
    expect(peer.size).toBe(0);
  });

  test('of a name asks the resolver it is given, and says when there is no answer', async () => {
    rig.target = { ...rig.target, host: 'users.internal' };
    const found = await rig.probe(
      {},
      { lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]) },
    );
    expect(found).toBeUndefined();
    const missing = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    expect(await rig.probe({}, { lookup: (_host, _options, callback) => callback(missing, '') })).toBe('name not found');
  });

  test('that comes to nothing ends when its time is over', async () => {
    rig.target = { ...rig.target, host: 'users.internal' };
    const found = rig.probe({ timeout: 800 }, { lookup: () => {} });
    await turns(2);
    rig.clock.advance(799);
    expect(await Promise.race([found, turns(2).then(() => 'waits')])).toBe('waits');
    rig.clock.advance(1);
    expect(await found).toBe('no answer within 800ms');
  });
});

describe('Any probe', () => {
  test('is given up at once, and the connection with it', async () => {
    const found = rig.probe({ path: '/' });
    const peer = await rig.asked();
    rig.giveUp.abort();
    expect(await found).toBe('given up');
    await peer.gone();
    expect(rig.clock.pending).toBe(0);
  });

  test('that was given up before it began makes no connection', async () => {
    rig.giveUp.abort();
    expect(await rig.probe()).toBe('given up');
    await turns();
    expect(rig.server.peers).toHaveLength(0);
  });
});
