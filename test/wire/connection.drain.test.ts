import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Reply } from '../../src/http/reply.ts';
import { DRAIN_GRACE } from '../../src/wire/connection-state.ts';
import { turns } from '../support/channels.ts';
import { ConnectionRig, get, LATE, post } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';

let rig: ConnectionRig;

beforeEach(async () => {
  rig = await ConnectionRig.open();
});
afterEach(() => rig.close());

describe('The end of a connection', () => {
  test('waits for a client that does not close its half, a while and no longer', async () => {
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.gone();
    await turns();
    expect(rig.closes).toBe(0);
    rig.clock.advance(2000 + LATE);
    expect(rig.closes).toBe(1);
  });

  test('is at once when both have closed', async () => {
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.gone();
    client.socket.end();
    await rig.closedAll();
    rig.clock.advance(1000);
    expect([rig.wheel.size, rig.clock.pending]).toEqual([0, 0]);
  });

  test('comes for a client that sends on and on as well', async () => {
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.gone();
    for (let second = 0; second < 40 && rig.closes === 0; second++) {
      client.send('more');
      await turns(3);
      rig.clock.advance(1000);
    }
    expect(rig.closes).toBe(1);
  });
});

describe('A drain', () => {
  const drain = () => {
    rig.draining = true;
    for (const connection of rig.connections) connection.drain();
  };

  test('closes an idle connection, used or fresh, after a moment for what is on its way', async () => {
    const idle = await rig.connect(get('/1'));
    await idle.until('/1');
    const fresh = await rig.connect();
    drain();
    rig.clock.advance(DRAIN_GRACE + LATE);
    await idle.gone();
    await fresh.gone();
    expect([idle.left, fresh.left]).toEqual(['ended', 'ended']);
  });

  test('serves a request that was on its way to an idle connection, and closes behind it', async () => {
    const client = await rig.connect(get('/1'));
    await client.until('/1');
    drain();
    client.send(get('/2'));
    await client.gone();
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/2$/);
  });

  test('lets a busy one finish, and says that it closes', async () => {
    const held: (() => void)[] = [];
    rig.onServe = (exchange, connection) => void held.push(() => connection.reply(exchange, new Reply(200, undefined, '/done')));
    const client = await rig.connect(get('/1') + get('/2'));
    await rig.exchange();
    drain();
    await turns();
    expect(client.left).toBe('open');
    held[0]?.();
    await client.gone();
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/done$/);
    expect([client.left, rig.exchanges.length]).toEqual(['ended', 1]);
  });

  test('lets a reply that streams finish', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    drain();
    source.send('abc');
    source.end();
    await client.gone();
    expect([client.left, client.text.endsWith('0\r\n\r\n')]).toEqual(['ended', true]);
  });

  test('serves a request whose head has begun, and closes behind it', async () => {
    const client = await rig.connect('GET /1 HTTP/1.1\r\n');
    await turns();
    drain();
    client.send('Host: a\r\n\r\n');
    await client.gone();
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/1$/);
  });

  test('closes one whose rest of a body is thrown away, as soon as that is done', async () => {
    const client = await rig.connect(post('/1', 9, 'abc'));
    await client.until('/1');
    drain();
    client.send('defghi');
    await client.gone();
    expect(client.left).toBe('ended');
  });
});
