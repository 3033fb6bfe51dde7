import { afterEach, describe, expect, test } from 'vitest';
import { Reply } from '../../src/http/reply.ts';
import { soon, turns } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;

afterEach(() => rig.close());

const hello = { routes: [{ id: 'hello', path: '/**', respond: { body: 'hello' } }] };

/** An exchange that is answered when the test says so. */
function held() {
  const answers: ((reply: Reply) => void)[] = [];
  return { answers, handler: () => new Promise<Reply>((resolve) => void answers.push(resolve)) };
}

describe('A server', () => {
  test('listens on every address, and counts all connections together', async () => {
    rig = await ServerRig.open({ ...hello, server: { http_addr: ['127.0.0.1:0', '127.0.0.1:0'] } });
    const { addresses } = rig.server;
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(await (await fetch(`http://${address}/`)).text()).toBe('hello');
  });

  test('listens on none when one cannot be had', async () => {
    rig = await ServerRig.open(hello);
    const [taken = ''] = rig.server.addresses;
    const failing = ServerRig.open({ ...hello, server: { http_addr: ['127.0.0.1:0', taken] } });
    await expect(failing).rejects.toThrow(`cannot listen on ${taken}`);
    await expect(failing).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
  });

  test('refuses heads beyond its limits', async () => {
    rig = await ServerRig.open({ ...hello, server: { limits: { header_bytes: 1024, header_count: 5, uri_bytes: 64 } } });
    expect((await rig.ask(get('/', `X: ${'y'.repeat(1024)}`))).status).toBe(431);
    expect((await rig.ask(get('/', ...Array.from({ length: 5 }, () => 'X: y')))).status).toBe(431);
    expect((await rig.ask(get(`/${'x'.repeat(64)}`))).status).toBe(414);
    expect((await rig.ask(get('/'))).status).toBe(200);
  });

  test('takes up its configured times', async () => {
    rig = await ServerRig.open({ ...hello, server: { timeouts: { header: '3s', keep_alive: '7s' } } });
    const [fresh, used] = [rig.connect(), rig.connect(get('/'))];
    await used.until('hello');
    await rig.open(2);
    rig.clock.advance(2900);
    expect(fresh.left).toBe('open');
    rig.clock.advance(300);
    await fresh.gone();
    expect(used.left).toBe('open');
    rig.clock.advance(4000);
    await used.gone();
  });
});

describe('A drain', () => {
  const drain = () => {
    const draining = { done: undefined as boolean | undefined };
    void rig.server.drain().then((clean) => {
      draining.done = clean;
    });
    return draining;
  };

  async function close(...clients: RawPeer[]): Promise<void> {
    for (const client of clients) {
      await client.gone();
      client.socket.end();
    }
  }

  test('of a server without connections is over at once, and nobody gets in any more', async () => {
    rig = await ServerRig.open(hello);
    expect(rig.server.draining).toBe(false);
    expect(await rig.server.drain()).toBe(true);
    expect(rig.server.draining).toBe(true);
    const late = rig.connect();
    await late.gone();
    expect(late.left).toBe('reset');
  });

  test('closes idle connections after a moment', async () => {
    rig = await ServerRig.open(hello);
    const [fresh, used] = [rig.connect(), rig.connect(get('/'))];
    await used.until('hello');
    await rig.open(2);
    const draining = drain();
    rig.clock.advance(1200);
    await close(fresh, used);
    await soon(() => draining.done !== undefined);
    expect([draining.done, fresh.left, used.left, rig.server.open]).toEqual([true, 'ended', 'ended', 0]);
  });

  test('lets busy connections finish, says so, and takes no further request', async () => {
    const { answers, handler } = held();
    rig = await ServerRig.open({}, { handler });
    const client = rig.connect(get('/1') + get('/2'));
    await soon(() => answers.length === 1);
    const draining = drain();
    rig.clock.advance(10_000);
    expect([draining.done, client.left]).toEqual([undefined, 'open']);
    answers[0]?.(new Reply(200, undefined, 'done'));
    await close(client);
    await soon(() => draining.done !== undefined);
    expect(client.text).toMatch(/\r\nConnection: close\r\n\r\ndone$/);
    expect([draining.done, answers.length]).toEqual([true, 1]);
  });

  test('lets a reply that streams finish, however long within the time', async () => {
    const source = new ManualSource();
    rig = await ServerRig.open({}, { handler: () => new Reply(200, undefined, source) });
    const client = rig.connect(get('/'));
    await client.until('chunked');
    const draining = drain();
    source.send('abc');
    rig.clock.advance(29_000);
    source.end();
    await close(client);
    await soon(() => draining.done !== undefined);
    expect([draining.done, client.text.endsWith('3\r\nabc\r\n0\r\n\r\n')]).toEqual([true, true]);
  });

  test('cuts what is left when its time is over', async () => {
    const { answers, handler } = held();
    const source = new ManualSource();
    rig = await ServerRig.open(
      { server: { timeouts: { drain: '5s' } } },
      { path: '/held', handler },
      { path: '/stream', handler: () => new Reply(200, undefined, source) },
    );
    const [waits, streams] = [rig.connect(get('/held')), rig.connect(get('/stream'))];
    await streams.until('chunked');
    await soon(() => answers.length === 1);
    const draining = drain();
    rig.clock.advance(4900);
    await turns();
    expect(draining.done).toBeUndefined();
    rig.clock.advance(100);
    await soon(() => draining.done !== undefined);
    await Promise.all([waits.gone(), streams.gone()]);
    expect([draining.done, waits.left, streams.left, source.cancelled, rig.server.open]).toEqual([
      false,
      'reset',
      'reset',
      true,
      0,
    ]);
  });

  test('without any time cuts at once', async () => {
    const { answers, handler } = held();
    rig = await ServerRig.open({ server: { timeouts: { drain: '0s' } } }, { handler });
    const client = rig.connect(get('/'));
    await soon(() => answers.length === 1);
    const draining = drain();
    rig.clock.advance(0);
    await soon(() => draining.done !== undefined);
    await client.gone();
    expect([draining.done, client.left]).toEqual([false, 'reset']);
  });

  test('leaves no timer', async () => {
    rig = await ServerRig.open(hello);
    const client = rig.connect(get('/'));
    await client.until('hello');
    const draining = drain();
    client.socket.end();
    await soon(() => draining.done !== undefined);
    rig.clock.advance(100);
    expect([rig.compiled.tools.wheel.size, rig.clock.pending]).toEqual([0, 0]);
  });
});

test('a close cuts everything, and nobody gets in any more', async () => {
  const { answers, handler } = held();
  rig = await ServerRig.open({}, { handler });
  const client = rig.connect(get('/'));
  await soon(() => answers.length === 1);
  rig.server.close();
  await client.gone();
  expect([client.left, rig.server.open]).toEqual(['reset', 0]);
  const late = rig.connect();
  await late.gone();
  expect(late.left).toBe('reset');
});
