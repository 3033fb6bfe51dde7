import { describe, expect, test } from 'vitest';
import { EMPTY, type Source } from '../../src/http/body.ts';
import { HIGH_WATER } from '../../src/wire/body-writer.ts';
import { RequestSending } from '../../src/wire/request-sending.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { ManualSource } from '../support/manual-source.ts';

function setUp() {
  const fake = new FakeSocket();
  const told: string[] = [];
  const sending = new RequestSending({
    requestSent: () => void told.push('sent'),
    requestBroken: (error) => void told.push(error.message),
    requestBlocked: (blocked) => void told.push(blocked ? 'blocked' : 'going on'),
  });
  const start = (body: Source, upgrade?: string) =>
    sending.start({ head: 'HEAD\r\n', isHead: false, upgrade, body }, fake.socket);
  return { fake, told, sending, start };
}

describe('A request', () => {
  test.each([
    ['without a body', undefined, 'HEAD\r\n\r\n'],
    ['that asks for an upgrade', 'websocket', 'HEAD\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ])('%s leaves in one write', (_, upgrade, text) => {
    const { fake, told, sending, start } = setUp();
    start(EMPTY, upgrade);
    expect([fake.writes, told, sending.done]).toEqual([[text], ['sent'], true]);
  });

  test('whose body is here takes the head along', () => {
    const { fake, told, sending, start } = setUp();
    const body = new ManualSource(3);
    body.onPipe = () => {
      body.send('abc');
      body.end();
    };
    start(body);
    expect([fake.writes, told, sending.done]).toEqual([['HEAD\r\n\r\nabc'], ['sent'], true]);
  });

  test('whose body is late sends its head first, and a body of unknown length in chunks', () => {
    const { fake, told, sending, start } = setUp();
    const body = new ManualSource();
    start(body);
    expect([fake.writes, told, sending.done]).toEqual([['HEAD\r\nTransfer-Encoding: chunked\r\n\r\n'], [], false]);
    body.send('abc');
    body.end();
    expect([fake.writes.slice(1), told, sending.done]).toEqual([['3\r\nabc\r\n', '0\r\n\r\n'], ['sent'], true]);
  });

  test('that an upstream takes slowly has its body wait, and says so', () => {
    const { fake, told, sending, start } = setUp();
    const body = new ManualSource();
    start(body);
    fake.writableLength = HIGH_WATER + 1;
    expect(body.send('abc')).toBe(false);
    expect(told).toEqual(['blocked']);
    fake.writableLength = 0;
    sending.drained();
    expect([told, body.asked]).toEqual([
      ['blocked', 'going on'],
      ['pipe', 'resume'],
    ]);
  });

  test('whose body breaks off is broken', () => {
    const { told, start } = setUp();
    const body = new ManualSource(3);
    start(body);
    body.fail(new Error('broken'));
    expect(told).toEqual(['broken']);
  });

  test('that is handed over while the upstream takes no more says when it does', () => {
    const { fake, told, sending, start } = setUp();
    const body = new ManualSource(3);
    start(body);
    fake.writableLength = HIGH_WATER + 1;
    body.send('abc');
    body.end();
    sending.drained();
    expect([told, body.resumes]).toEqual([['blocked', 'sent', 'going on'], 0]);
  });
});

describe('A request that is given up', () => {
  test.each([
    ['has its body cancelled', false, true],
    ['keeps its body when that is to be sent elsewhere', true, false],
  ])('%s', (_, keep, cancelled) => {
    const { fake, told, sending, start } = setUp();
    const body = new ManualSource();
    start(body);
    const sink = body.sink;
    sending.abandon(keep);
    sink?.chunk(Buffer.from('late'));
    sink?.end();
    expect([body.cancelled, sending.done, told, fake.text]).toEqual([
      cancelled,
      true,
      [],
      'HEAD\r\nTransfer-Encoding: chunked\r\n\r\n',
    ]);
  });

  test('inside the first bytes of its body sends nothing at all', () => {
    const { fake, sending, start } = setUp();
    const body = new ManualSource();
    body.onPipe = () => sending.abandon(false);
    start(body);
    expect([fake.writes, body.cancelled]).toEqual([[], true]);
  });

  test('before it began is nothing', () => {
    const { sending } = setUp();
    sending.abandon(false);
    expect(sending.done).toBe(true);
  });
});

test('after an upgrade the bytes go out as they are, and their end is told as that of a request', () => {
  const { fake, told, sending, start } = setUp();
  start(EMPTY, 'x');
  const writer = sending.tunnel(fake.socket);
  let drains = 0;
  writer.onDrain = () => drains++;
  writer.chunk(Buffer.from('raw'));
  sending.drained();
  writer.end();
  sending.drained();
  expect([fake.writes.at(-1), drains, told]).toEqual(['raw', 1, ['sent', 'going on', 'sent', 'going on']]);
});
