import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SMALL_BODY } from '../../src/http/body.ts';
import { isSource } from '../../src/http/reply.ts';
import { bodyOf, ChannelRig, dialing, turns } from '../support/channels.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { closedPort, RawServer } from '../support/raw-server.ts';

let server: RawServer;
let rig: ChannelRig;

beforeEach(async () => {
  server = await RawServer.open();
  rig = new ChannelRig(dialing(server.port));
});
afterEach(async () => {
  rig.channel.close();
  await server.close();
});

const OK = 'HTTP/1.1 200 OK\r\n';

/** Sends a request and has it answered by these bytes, each in a packet of its own. */
async function ask(...pieces: string[]) {
  const caller = rig.send();
  const peer = await server.next();
  await peer.until('\r\n\r\n');
  for (const piece of pieces) {
    await peer.sent(piece);
    await turns(3);
  }
  return { caller, peer };
}

async function again(peer: RawPeer, reply: string): Promise<string> {
  const caller = rig.send({ head: 'GET /again HTTP/1.1\r\nHost: a\r\n' });
  await peer.until('/again');
  peer.send(reply);
  return bodyOf(await caller.reply());
}

describe('A reply', () => {
  test.each([
    ['of no bytes', 'Content-Length: 0\r\n\r\n', ''],
    ['of a few bytes', 'Content-Length: 3\r\n\r\nabc', 'abc'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n', 'abc'],
    ['in chunks, of no bytes', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', ''],
  ])('%s that comes at once is here as a whole, and the channel is free', async (_, rest, body) => {
    const { caller } = await ask(OK + rest);
    const reply = await caller.reply();
    expect([reply.status, isSource(reply.body), await bodyOf(reply)]).toEqual([200, false, body]);
    expect([rig.frees, rig.closes]).toEqual([1, 0]);
  });

  test('comes in whatever pieces', async () => {
    const { caller } = await ask(...`${OK}X-A: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-T: 1\r\n\r\n`);
    const reply = await caller.reply();
    expect([reply.headers.get('x-a'), await bodyOf(reply)]).toEqual(['b', 'ab']);
    await rig.freed();
  });

  test.each([
    ['of a known length', `Content-Length: ${2 * SMALL_BODY}\r\n\r\n`, 'x'.repeat(2 * SMALL_BODY)],
    ['of a length that is not all here', 'Content-Length: 6\r\n\r\nabc', 'def'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', '3\r\ndef\r\n0\r\n\r\n'],
  ])('%s streams, and frees the channel at its end', async (_, first, second) => {
    const { caller, peer } = await ask(OK + first);
    const reply = await caller.reply();
    expect(isSource(reply.body)).toBe(true);
    expect(rig.frees).toBe(0);
    peer.send(second);
    await bodyOf(reply);
    await rig.freed();
    expect(await again(peer, `${OK}Content-Length: 2\r\n\r\nok`)).toBe('ok');
  });

  test('until the connection closes streams, and closes the channel at its end', async () => {
    const { caller, peer } = await ask(`${OK}\r\nabc`);
    const body = bodyOf(await caller.reply());
    peer.send('def');
    peer.socket.end();
    expect(await body).toBe('abcdef');
    await rig.ended();
    expect(rig.frees).toBe(0);
  });

  test('has its trailers', async () => {
    const { caller } = await ask(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX-T: 1\r\n\r\n`);
    const { body } = await caller.reply();
    let trailers: string | undefined;
    if (isSource(body)) body.pipe({ chunk: () => true, end: (fields) => (trailers = fields?.lines()), fail: () => {} });
    expect(trailers).toBe('X-T: 1\r\n');
    expect(rig.frees).toBe(1);
  });

  test.each([
    ['a 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', false],
    ['a 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', false],
    ['a 304 in chunks', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', false],
    ['one to HEAD', `${OK}Content-Length: 5\r\n\r\n`, true],
    ['one to HEAD without a length', `${OK}\r\n`, true],
  ])('has no body when it is %s, whatever it says', async (_, text, isHead) => {
    const caller = rig.send({ isHead });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send(text);
    expect((await caller.reply()).body).toBeUndefined();
    expect(rig.frees).toBe(1);
  });

  test.each(['Content-Length: 5', 'Transfer-Encoding: chunked'])(
    'of status 204 with %s is doubtful: the channel closes',
    async (field) => {
      const { caller } = await ask(`HTTP/1.1 204 No Content\r\n${field}\r\n\r\n`);
      expect((await caller.reply()).body).toBeUndefined();
      expect([rig.frees, rig.closes]).toEqual([0, 1]);
    },
  );

  test('says through whom it came', async () => {
    const { caller, peer } = await ask(`${OK}Via: 1.1 b\r\nContent-Length: 0\r\n\r\n`);
    expect((await caller.reply()).headers.get('via')).toBe('1.1 b, 1.1 sluice');
    const second = rig.send();
    await peer.until(() => peer.text.split('\r\n\r\n').length > 2);
    peer.send('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect((await second.reply()).headers.get('via')).toBe('1.0 sluice');
  });
});

describe('Interim replies', () => {
  test('are passed on, but for 100, and the final one follows', async () => {
    const { caller } = await ask(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n',
      'HTTP/1.1 102 Processing\r\n\r\n',
      `${OK}Content-Length: 0\r\n\r\n`,
    );
    expect((await caller.reply()).status).toBe(200);
    expect(caller.interim.map(([status, headers]) => [status, headers.get('link')])).toEqual([
      [103, 'a'],
      [102, undefined],
    ]);
  });

  test('are at most 32', async () => {
    const { caller } = await ask('HTTP/1.1 103 x\r\n\r\n'.repeat(32), `${OK}Content-Length: 0\r\n\r\n`);
    expect((await caller.reply()).status).toBe(200);
    expect(caller.interim).toHaveLength(32);
  });

  test('without end are no reply', async () => {
    const { caller } = await ask('HTTP/1.1 103 x\r\n\r\n'.repeat(33));
    expect(await caller.failure()).toEqual({ code: 'upstream_invalid_reply', unanswered: false });
  });

  test('are counted for each request anew', async () => {
    const many = 'HTTP/1.1 103 x\r\n\r\n'.repeat(20);
    const { caller, peer } = await ask(`${many}${OK}Content-Length: 0\r\n\r\n`);
    await caller.reply();
    expect(await again(peer, `${many}${OK}Content-Length: 2\r\n\r\nok`)).toBe('ok');
  });
});

describe('What is no reply', () => {
  test.each([
    ['garbage', 'SSH-2.0-OpenSSH\r\n'],
    ['another protocol', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a field that is none', `${OK}A B: c\r\n\r\n`],
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ['a head without end', `${OK}X: ${'y'.repeat(8192)}`],
    ['a chunk that is none, with the head', `${OK}Transfer-Encoding: chunked\r\n\r\nx`],
    ['a 101 nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('fails and closes the channel: %s', async (_, text) => {
    const { caller, peer } = await ask(text);
    expect(await caller.failure()).toEqual({ code: 'upstream_invalid_reply', unanswered: false });
    expect([rig.closes, rig.frees]).toEqual([1, 0]);
    await peer.gone();
  });

  test('in the middle of a body breaks the body', async () => {
    const { caller, peer } = await ask(`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
    const body = bodyOf(await caller.reply());
    peer.send('x');
    await expect(body).rejects.toMatchObject({ code: 'upstream_invalid_reply' });
    expect(rig.closes).toBe(1);
  });
});

describe('An upstream that is not there', () => {
  test('fails its request', async () => {
    const lost = new ChannelRig(dialing(await closedPort()));
    const caller = lost.send();
    expect(await caller.failure()).toEqual({ code: 'upstream_connect', unanswered: false });
    expect([lost.closes, caller.told]).toEqual([1, 1]);
  });

  test('because its name is none fails its request too', async () => {
    const lost = new ChannelRig(dialing(1, { host: 'sluice.invalid' }));
    expect((await lost.send().failure()).code).toBe('upstream_connect');
  });
});

describe('An upstream that leaves', () => {
  test.each(['end', 'resetAndDestroy'] as const)(
    'before its reply (%s) has reset a request that nobody may repeat',
    async (way) => {
      const { caller, peer } = await ask();
      peer.socket[way]();
      expect(await caller.failure()).toEqual({ code: 'upstream_reset', unanswered: false });
      expect(rig.closes).toBe(1);
    },
  );

  test.each(['end', 'resetAndDestroy'] as const)('a used connection (%s) leaves the request unanswered', async (way) => {
    const { caller, peer } = await ask(`${OK}Content-Length: 0\r\n\r\n`);
    await caller.reply();
    const second = rig.send({ head: 'GET /again HTTP/1.1\r\n' });
    await peer.until('/again');
    peer.socket[way]();
    expect(await second.failure()).toEqual({ code: 'upstream_reset', unanswered: true });
  });

  test('a used connection inside a head has answered, if badly', async () => {
    const { caller, peer } = await ask(`${OK}Content-Length: 0\r\n\r\n`);
    await caller.reply();
    const second = rig.send({ head: 'GET /again HTTP/1.1\r\n' });
    await peer.until('/again');
    await peer.sent('HTTP/1.1 2');
    await turns();
    peer.socket.end();
    expect(await second.failure()).toEqual({ code: 'upstream_reset', unanswered: false });
  });

  test.each(['end', 'resetAndDestroy'] as const)('inside a body (%s) breaks it', async (way) => {
    const { caller, peer } = await ask(`${OK}Content-Length: 9\r\n\r\nabc`);
    const body = bodyOf(await caller.reply());
    peer.socket[way]();
    await expect(body).rejects.toMatchObject({ code: 'upstream_reset' });
    await rig.ended();
  });

  test('before anybody reads the body breaks it for the one who comes', async () => {
    const { caller, peer } = await ask(`${OK}Content-Length: 9\r\n\r\nabc`);
    const reply = await caller.reply();
    peer.socket.end();
    await rig.ended();
    await expect(bodyOf(reply)).rejects.toMatchObject({ code: 'upstream_reset' });
  });
});
