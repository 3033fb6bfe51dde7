import { afterEach, describe, expect, test } from 'vitest';
import { Reply } from '../../src/http/reply.ts';
import { soon } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;

afterEach(() => rig.close());

const hello = { routes: [{ id: 'hello', path: '/**', respond: { body: 'hello' } }] };
const most = (max_connections: number, more: object = {}) => ({ ...hello, server: { max_connections, ...more } });

/** A connection that has had one reply and is idle since. */
async function idle(): Promise<RawPeer> {
  const client = rig.connect(get('/'));
  await client.endsWith('hello');
  // Times are told apart by the wheel's clock.
  rig.clock.advance(10);
  return client;
}

describe('When there are as many connections as there may be', () => {
  test('the one that is idle for longest gives way to a new one', async () => {
    rig = await ServerRig.open(most(3));
    const [first, second, busy] = [await idle(), await idle(), rig.connect('GET / HTTP/1.1\r\n')];
    await rig.open(3);
    const fourth = await idle();
    await first.gone();
    expect([first.left, second.left, busy.left, fourth.left]).toEqual(['ended', 'open', 'open', 'open']);
    expect([rig.server.open, rig.metrics.evicted.value, rig.metrics.overLimit.value]).toEqual([3, 1, 0]);
    second.send(get('/'));
    await second.until(/hello.*hello/s);
  });

  test('and none is idle, a new one is told so and closed', async () => {
    rig = await ServerRig.open(most(2));
    const [fresh, begun] = [rig.connect(), rig.connect('GET / HT')];
    await rig.open(2);
    const third = rig.connect(get('/'));
    await third.gone();
    expect(third.text).toMatch(
      /^HTTP\/1\.1 503 [^\r]*\r\n.*\r\nConnection: close\r\n\r\n\{.*"code":"too_many_connections".*\}\n$/s,
    );
    expect(third.text).toMatch(/\r\nRetry-After: 1\r\n/);
    expect(third.text).toMatch(/\r\nX-Request-ID: [0-9A-Z]{22}\r\n/);
    expect([third.left, rig.server.open, rig.metrics.overLimit.value]).toEqual(['ended', 2, 1]);
    begun.send('TP/1.1\r\nHost: a\r\n\r\n');
    await begun.endsWith('hello');
    fresh.send(get('/'));
    await fresh.endsWith('hello');
  });

  test('one that waits for its answer does not give way', async () => {
    const answers: ((reply: Reply) => void)[] = [];
    const handler = () => new Promise<Reply>((resolve) => void answers.push(resolve));
    rig = await ServerRig.open({ server: { max_connections: 1 } }, { handler });
    const first = rig.connect(get('/'));
    await soon(() => answers.length === 1);
    const second = rig.connect(get('/'));
    await second.until('503');
    answers[0]?.(new Reply(200, undefined, 'done'));
    await first.endsWith('done');
  });

  test('a client that sends on still gets to read why it was refused, for a while', async () => {
    rig = await ServerRig.open(most(1));
    const first = rig.connect();
    await rig.open(1);
    const refused = rig.connect(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(500_000)}`);
    await refused.until('too_many_connections');
    await refused.sent('x'.repeat(500_000));
    await refused.gone();
    expect(refused.left).toBe('ended');
    first.socket.destroy();
    await rig.open(0);
    // Then it is cut, and nothing of it is left.
    rig.clock.advance(40_000);
    await soon(() => rig.compiled.tools.wheel.size === 0);
  });

  test('only so many are told at a time, further ones are just closed', async () => {
    rig = await ServerRig.open(most(1));
    rig.connect();
    await rig.open(1);
    const many = Array.from({ length: 140 }, () => rig.connect('GET / HTTP/1.1\r\n'));
    await Promise.all(many.map((client) => client.gone()));
    const told = many.filter(({ text }) => text.startsWith('HTTP/1.1 503'));
    expect([told.length, rig.metrics.overLimit.value]).toEqual([128, 140]);
    for (const client of told) client.socket.destroy();
  });

  test('and one leaves, there is room again', async () => {
    rig = await ServerRig.open(most(1));
    const first = rig.connect();
    await rig.open(1);
    first.socket.destroy();
    await rig.open(0);
    expect((await rig.ask(get('/'))).body).toBe('hello');
  });

  test('connections that have not said who they are count as well, and do not give way', async () => {
    rig = await ServerRig.open(most(2, { proxy_protocol: { from: ['127.0.0.1'] } }));
    const [first] = [rig.connect('PROXY TCP4 '), rig.connect()];
    await rig.open(2);
    const third = rig.connect('PROXY UNKNOWN\r\n', get('/'));
    await third.until('too_many_connections');
    first.send('192.0.2.1 10.0.0.1 1 2\r\n', get('/'));
    await first.endsWith('hello');
  });
});

test('a fleet of idle connections is looked at in turns, so that any of them may give way', async () => {
  rig = await ServerRig.open(most(40));
  const busy = Array.from({ length: 39 }, () => rig.connect('GET'));
  await rig.open(39);
  const last = await idle();
  const tries = [rig.connect(get('/')), rig.connect(get('/'))];
  await last.gone();
  await Promise.all(tries.map((client) => client.until(/hello|503/)));
  expect(rig.metrics.evicted.value).toBe(1);
  for (const client of busy) client.socket.destroy();
});
