import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSource, type Reply } from '../../src/http/reply.ts';
import { bodyOf, ChannelRig, dialing, turns } from '../support/channels.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RawServer } from '../support/raw-server.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let server: RawServer;
let rig: ChannelRig;
/** What the wheel may be late. */
const LATE = 200;
const MB = 1024 * 1024;

beforeEach(async () => {
  server = await RawServer.open();
  rig = new ChannelRig(dialing(server.port));
});
afterEach(async () => {
  rig.channel.close();
  await server.close();
});

function pipe(reply: Reply): RecordingSink {
  const sink = new RecordingSink();
  if (!isSource(reply.body)) throw new Error('not a stream');
  reply.body.pipe(sink);
  return sink;
}

async function waiting(request = {}) {
  const caller = rig.send(request);
  const peer = await server.next();
  await peer.until('\r\n\r\n');
  return { caller, peer };
}

async function streaming() {
  const { caller, peer } = await waiting();
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
  return { caller, peer, reply: await caller.reply() };
}

describe('A channel waits', () => {
  test('so long for its connection', async () => {
    const caller = rig.send();
    rig.clock.advance(1000 + LATE);
    expect(await caller.failure()).toEqual({ code: 'upstream_connect_timeout', unanswered: false });
    expect(rig.closes).toBe(1);
  });

  test('so long for the beginning of a reply, and for each further piece of its head', async () => {
    const { caller, peer } = await waiting();
    rig.clock.advance(1900);
    await peer.sent('HTTP/1.1 200 OK\r\n');
    await turns();
    rig.clock.advance(1900);
    expect(caller.told).toBe(0);
    rig.clock.advance(100 + LATE);
    expect(await caller.failure()).toEqual({ code: 'upstream_timeout', unanswered: false });
    await peer.gone();
  });

  test('no longer after an interim reply than it says', async () => {
    const { caller, peer } = await waiting();
    rig.clock.advance(1900);
    peer.send('HTTP/1.1 103 x\r\n\r\n');
    await caller.informedOf(1);
    rig.clock.advance(1900);
    expect(caller.told).toBe(0);
    rig.clock.advance(100 + LATE);
    expect((await caller.failure()).code).toBe('upstream_timeout');
  });

  test('so long for each piece of a body that somebody reads', async () => {
    const { peer, reply } = await streaming();
    const sink = pipe(reply);
    rig.clock.advance(1900);
    peer.send('def');
    await sink.until(() => sink.text === 'abcdef');
    rig.clock.advance(1900);
    expect(sink.ends).toEqual([]);
    rig.clock.advance(100 + LATE);
    expect(sink.error).toMatchObject({ code: 'upstream_timeout' });
    expect(rig.closes).toBe(1);
  });

  test('for ever while nobody reads, or the reader is slow', async () => {
    const { peer, reply } = await streaming();
    rig.clock.advance(100_000);
    expect(rig.closes).toBe(0);
    const sink = new RecordingSink();
    sink.open = false;
    if (isSource(reply.body)) reply.body.pipe(sink);
    rig.clock.advance(100_000);
    expect(rig.closes).toBe(0);
    sink.open = true;
    if (isSource(reply.body)) reply.body.resume();
    peer.send('defghi');
    await sink.ended();
    expect([sink.text, sink.ends]).toEqual(['abcdefghi', ['end']]);
  });

  test('for ever between requests: that is for its keeper to say', async () => {
    const { caller, peer } = await waiting();
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await caller.reply();
    rig.clock.advance(1_000_000);
    expect(rig.closes).toBe(0);
  });

  test('for ever for the rest of a reply’s head while its client is slow to send the request', async () => {
    const body = new ManualSource();
    const { caller, peer } = await waiting({ body });
    await peer.sent('HTTP/1.1 2');
    await turns();
    rig.clock.advance(1_000_000);
    expect(caller.told).toBe(0);
    body.end();
    await peer.until('0\r\n\r\n');
    peer.send('00 OK\r\nContent-Length: 0\r\n\r\n');
    expect((await caller.reply()).status).toBe(200);
    expect([rig.frees, rig.closes]).toEqual([1, 0]);
  });

  test('for ever while its client is slow to send the request', async () => {
    const body = new ManualSource();
    const { caller, peer } = await waiting({ body });
    rig.clock.advance(1_000_000);
    expect(caller.told).toBe(0);
    body.end();
    await peer.until('0\r\n\r\n');
    rig.clock.advance(2000 + LATE);
    expect((await caller.failure()).code).toBe('upstream_timeout');
  });
});

describe('An upstream that does not read', () => {
  async function blocked() {
    const body = new ManualSource();
    server.onPeer = (peer) => peer.socket.pause();
    const caller = rig.send({ body });
    const peer = await server.next();
    await turns();
    let sent = 0;
    // Fills the kernel's buffers, turn by turn, until the channel says no and means it.
    for (let full = 0; full < 10; ) {
      if (body.send('x'.repeat(MB))) full = 0;
      else full += 1;
      sent += MB;
      await turns(2);
    }
    return { body, caller, peer, sent };
  }

  test('stops the client, and is given up after a while', async () => {
    const { body, caller } = await blocked();
    expect(body.asked.at(-1)).not.toBe('cancel');
    rig.clock.advance(2900);
    expect(caller.told).toBe(0);
    rig.clock.advance(100 + LATE);
    expect((await caller.failure()).code).toBe('upstream_timeout');
    expect(body.cancelled).toBe(true);
  });

  test('and then does has the client go on', async () => {
    const { body, caller, peer, sent } = await blocked();
    const before = body.resumes;
    peer.socket.resume();
    await peer.until(() => peer.size > sent);
    await turns();
    expect(body.resumes).toBe(before + 1);
    rig.clock.advance(100_000);
    expect(caller.told).toBe(0);
    body.end();
    await peer.endsWith('0\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect((await caller.reply()).status).toBe(200);
  });

  test('for a moment, with the last piece of a request, is forgiven when it has', async () => {
    const body = new ManualSource(8 * MB);
    const { caller, peer } = await waiting({ body });
    body.send('x'.repeat(8 * MB));
    body.end();
    await peer.until(() => peer.size > 8 * MB);
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await caller.reply();
    rig.clock.advance(100_000);
    expect([rig.frees, rig.closes]).toEqual([1, 0]);
  });

  test('but replies is waited for as long as for any reply once it reads on', async () => {
    const { body, caller, peer, sent } = await blocked();
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    const sink = pipe(await caller.reply());
    await sink.until(() => sink.text === 'abc');
    peer.socket.resume();
    await peer.until(() => peer.size > sent);
    await turns();
    expect(body.asked.at(-1)).toBe('resume');
    rig.clock.advance(3000 + LATE);
    expect(sink.error).toMatchObject({ code: 'upstream_timeout' });
  });
});

test('a fault of ours while a reply is read costs the channel, and its user hears of it', async () => {
  const { caller, peer } = await waiting();
  caller.informed = () => {
    throw new TypeError('a fault');
  };
  peer.send('HTTP/1.1 103 x\r\n\r\n');
  expect(await caller.failure()).toEqual({ code: 'internal', unanswered: false });
  expect(rig.closes).toBe(1);
});

test('a slow reader gets every byte, and never more at a time than one read', async () => {
  const { caller, peer } = await waiting();
  peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${4 * MB}\r\n\r\n`);
  const reply = await caller.reply();
  const sink = pipe(reply);
  sink.open = false;
  peer.send('y'.repeat(4 * MB));
  let before = 0;
  while (sink.ends.length === 0) {
    await sink.until(() => sink.size > before || sink.ends.length > 0);
    await turns(3);
    expect(sink.size - before).toBeLessThanOrEqual(128 * 1024);
    before = sink.size;
    if (isSource(reply.body)) reply.body.resume();
  }
  expect([sink.size, sink.ends]).toEqual([4 * MB, ['end']]);
  await rig.freed();
});

test('what a reply says later goes to nobody who was told already', async () => {
  const { caller, peer } = await waiting();
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  expect(await bodyOf(await caller.reply())).toBe('ok');
  peer.send('late');
  await rig.ended();
  expect(caller.told).toBe(1);
});
