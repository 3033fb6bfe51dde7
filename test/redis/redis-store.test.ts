import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { redisSchema } from '../../src/redis/config.ts';
import { RedisStore } from '../../src/redis/redis-store.ts';
import { script } from '../../src/redis/script.ts';
import { StoreError } from '../../src/redis/store.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { Recorder } from '../support/recorder.ts';
import { type Answer, bulk, FakeRedis, INFO, wellAnswer } from './fake-redis.ts';

const SCRIPT = script('test', '#!lua\nreturn 1');

function storeOf(config: object) {
  const recorder = new Recorder();
  const metrics = new Metrics();
  const store = new RedisStore({
    config: redisSchema.parse(config),
    probeKey: 'sluice:{probe:a}',
    clock: systemClock,
    logger: recorder.logger,
    metrics,
  });
  onTestFinished(() => store.close());
  const outcome = () => store.run(SCRIPT, ['{a}k'], [1]).catch((error) => (error instanceof StoreError ? error.kind : error));
  return { store, recorder, metrics, outcome };
}

const answering =
  (name: string, answer: string | undefined): Answer =>
  (command) =>
    command[0]?.toUpperCase() === name ? answer : wellAnswer(command);

describe('A Redis is down with a reason', () => {
  test.each<[string, Answer, RegExp]>([
    ['an old one', answering('INFO', bulk(INFO.replace('7.0.15', '6.2.1'))), /^its version 6.2.1 is too old: 7.0 or newer/],
    ['another server', answering('INFO', bulk('pong')), /INFO is not that of a Redis/],
    ['a number for INFO', answering('INFO', ':1\r\n'), /INFO is not that of a Redis/],
    ['a Sentinel', answering('INFO', bulk(INFO.replace('standalone', 'sentinel'))), /redis\.sentinel\.nodes/],
    ['a node of a cluster', answering('INFO', bulk(INFO.replace('standalone', 'cluster'))), /redis\.cluster\.nodes/],
    ['one that reads its data', answering('INFO', '-LOADING Redis is loading the dataset in memory\r\n'), /^LOADING /],
    ['one that wants a password', answering('INFO', '-NOAUTH Authentication required.\r\n'), /^NOAUTH /],
    [
      'one that may not be asked',
      answering('INFO', "-NOPERM this user has no permissions to run the 'info' command\r\n"),
      /^NOPERM /,
    ],
    ['a wrong SHA', answering('SCRIPT', bulk('x')), /SCRIPT LOAD of look was answered with something else/],
    ['a wrong answer', answering('EVALSHA', ':7\r\n'), /something else than the script/],
    ['a script that is never there', answering('EVALSHA', '-NOSCRIPT No matching script.\r\n'), /^NOSCRIPT/],
    ['one that may not write', answering('EVALSHA', "-READONLY You can't write against a read only replica.\r\n"), /^READONLY/],
    ['a web server', () => 'HTTP/1.1 400 Bad Request\r\n\r\n', /^it does not speak the Redis protocol/],
    ['silence', () => undefined, /^no answer within 250 ms$/],
    ['one that hangs up', (_, socket) => void socket.destroy(), /ECONNRESET|closed/],
  ])('%s', async (_, answer, reason) => {
    const fake = await FakeRedis.start(answer);
    const { store, recorder, outcome } = storeOf({ url: fake.url });
    await store.open();
    expect(store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(reason) });
    expect(await outcome()).toBe('down');
    expect(recorder.entries[0]).toEqual([
      'warn',
      { redis: `127.0.0.1:${fake.port}`, reason: store.state.reason },
      'redis is down',
    ]);
  });

  test('nobody there', async () => {
    const { store } = storeOf({ url: 'redis://127.0.0.1:1' });
    await store.open();
    expect(store.state.reason).toContain('ECONNREFUSED');
  });

  test('a password that the server repeats is told nowhere', async () => {
    const fake = await FakeRedis.start(
      ([name = '', ...args]) => `-ERR unknown command '${name}', with args: '${args.join("' '")}'\r\n`,
    );
    const { store, recorder } = storeOf({ url: `redis://me:open%20sesame@127.0.0.1:${fake.port}` });
    await store.open();
    expect(store.state.reason).toContain("unknown command 'auth', with args: 'me' '***'");
    expect(JSON.stringify(recorder.entries)).not.toContain('sesame');
  });
});

test('Commands are answered, and counted', async () => {
  const fake = await FakeRedis.start(answering('EVALSHA', bulk('ok')));
  const { store, metrics, outcome } = storeOf({ url: fake.url });
  expect(await outcome()).toBe('down');
  await store.open();
  expect(await Promise.all([outcome(), outcome(), outcome()])).toEqual(['ok', 'ok', 'ok']);
  const read = (name: string) => [
    ...(metrics
      .all()
      .find((one) => one.name === name)
      ?.read() ?? []),
  ];
  expect(read('gateway_redis_up')).toEqual([[{}, 1]]);
  expect(Object.fromEntries(read('gateway_redis_commands_total').map(([{ outcome = '' }, value]) => [outcome, value]))).toEqual({
    ...{ ok: 3, late: 0, refused: 0, lost: 0, down: 1 },
  });
  store.close();
  expect(read('gateway_redis_up')).toEqual([[{}, 0]]);
  expect(await outcome()).toBe('down');
});

test('An answer that comes too late is thrown away', async () => {
  let delay = 0;
  const fake = await FakeRedis.start(async (command) => {
    if (command[1] === SCRIPT.sha) await pause(delay);
    return wellAnswer(command);
  });
  const { store, outcome } = storeOf({ url: fake.url, command_timeout: '50ms' });
  await store.open();
  expect(await outcome()).toBe('ok');
  delay = 80;
  expect([await outcome(), await outcome()]).toEqual(['late', 'late']);
  expect(store.state.condition).not.toBe('down');
  expect(await outcome()).toBe('late');
  expect(store.state.condition).toBe('down');
});

test('An event loop that stands still makes late what waits, and Redis not down', async () => {
  const fake = await FakeRedis.start();
  const { store, outcome } = storeOf({ url: fake.url, command_timeout: '50ms' });
  await store.open();
  await outcome();
  const running = Array.from({ length: 10 }, outcome);
  // Sent, and not answered yet.
  await new Promise(setImmediate);
  for (const end = performance.now() + 150; performance.now() < end; );
  expect(new Set(await Promise.all(running))).toEqual(new Set(['late']));
  expect(store.state.condition).toBe('up');
  expect(await outcome()).toBe('ok');
});

test('A command that a node of a cluster takes, and hangs up, is not sent to anybody again', async () => {
  let slots = '';
  const node = (hangsUp: boolean) =>
    FakeRedis.start((command, socket) => {
      if (command[0]?.toLowerCase() === 'cluster') return slots;
      if (command[0]?.toLowerCase() === 'info') return bulk(INFO.replace('standalone', 'cluster'));
      if (command[1] !== SCRIPT.sha || !hangsUp) return wellAnswer(command);
      socket.destroy();
      return undefined;
    });
  const nodes = [await node(false), await node(true)];
  const range = ({ port }: FakeRedis, from: number) =>
    `*3\r\n:${from}\r\n:${from + 8191}\r\n*3\r\n${bulk('127.0.0.1')}:${port}\r\n${bulk(String(port))}`;
  // {a} is in slot 15495.
  slots = `*2\r\n${nodes.map((one, at) => range(one, at * 8192)).join('')}`;
  const { store, outcome } = storeOf({ cluster: { nodes: nodes.map(({ port }) => `127.0.0.1:${port}`) } });
  await store.open();
  expect(store.state).toMatchObject({ condition: 'up', reason: '' });
  expect(await outcome()).toBe('lost');
  await pause(300);
  expect(nodes.map((one) => one.count('EVALSHA', SCRIPT.sha))).toEqual([0, 1]);
});

test('Whoever listens is told that it listens, and that it did not', async () => {
  const subscribers: { destroy(): void }[] = [];
  const fake = await FakeRedis.start((command, socket) => {
    if (command[0]?.toLowerCase() !== 'subscribe') return wellAnswer(command);
    subscribers.push(socket);
    const channels = command.slice(1);
    return channels.map((channel, at) => `*3\r\n${bulk('subscribe')}${bulk(channel)}:${at + 1}\r\n`).join('');
  });
  const { store, recorder } = storeOf({ url: fake.url });
  const heard: string[] = [];
  const listener = (name: string) => ({ gap: () => void heard.push(`${name} gap`), message: () => void heard.push(name) });
  store.listen('a', listener('first'));
  await store.open();
  await expect.poll(() => heard).toEqual(['first gap']);
  store.listen('a', listener('second'));
  store.listen('b', { ...listener('third'), gap: () => heard.push('third gap') > 0 && JSON.parse('{') });
  await expect.poll(() => heard).toEqual(['first gap', 'second gap', 'third gap']);
  expect(recorder.entries).toContainEqual([
    'error',
    { err: expect.any(SyntaxError) },
    'a listener to a redis channel has thrown',
  ]);
  heard.length = 0;
  for (const socket of subscribers) socket.destroy();
  await expect.poll(() => heard, { timeout: 3000 }).toEqual(['first gap', 'second gap', 'third gap']);
});

test('A cluster of which nobody is there is down with a reason too', async () => {
  const { store } = storeOf({ cluster: { nodes: ['127.0.0.1:1', '127.0.0.1:2'] } });
  await store.open();
  expect(store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(/nobody answers there|ECONNREFUSED/) });
});
