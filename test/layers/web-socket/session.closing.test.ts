import { describe, expect, test } from 'vitest';
import { CLOSE, closing, framesIn, masked, plain, TEXT } from '../../support/web-socket-frames.ts';
import { bytesOf, SessionRig } from './session-rig.ts';

const HELLO = { opcode: TEXT, payload: 'hello' };

describe('A time limit', () => {
  test('in all ends it with 1008, whatever goes on', () => {
    const rig = SessionRig.open({ timeout: 10_000, idleTimeout: 3000 });
    for (let second = 0; second < 9; second++) {
      rig.clock.advance(1000);
      rig.client(masked(HELLO));
    }
    expect(rig.codes).toEqual([[], []]);
    rig.clock.advance(1200);
    expect(rig.codes).toEqual([[1008], [1008]]);
    expect(rig.seenByClient.at(-1)).toMatchObject({ masked: false, reason: 'open for longer than this route allows' });
    expect(rig.seenByUpstream.at(-1)).toMatchObject({ masked: true, reason: 'open for longer than this route allows' });
  });

  test('of silence begins anew with any byte of either end', () => {
    const rig = SessionRig.open({ idleTimeout: 1000 });
    const bytes = [masked(HELLO), plain(HELLO)] as const;
    for (let at = 0; at < 6; at++) {
      rig.clock.advance(900);
      rig.client(bytes[0].subarray(at, at + 1));
      rig.clock.advance(900);
      rig.upstream(bytes[1].subarray(at, at + 1));
    }
    rig.clock.advance(900);
    expect([rig.codes, rig.wheel.size]).toEqual([[[], []], 1]);
  });

  test('of silence ends it with 1008', () => {
    const rig = SessionRig.open({ idleTimeout: 1000 });
    rig.clock.advance(500);
    rig.client(masked(HELLO));
    rig.clock.advance(950);
    expect(rig.codes).toEqual([[], []]);
    rig.clock.advance(150);
    expect(rig.codes).toEqual([[1008], [1008]]);
    expect(rig.seenByClient.at(-1)).toMatchObject({ reason: 'idle for longer than this route allows' });
  });

  test('of silence holds while a slow reader empties what was sent to it', () => {
    const rig = SessionRig.open({ idleTimeout: 1000 });
    for (let at = 0; at < 5; at++) {
      rig.clock.advance(900);
      if (at % 2 === 0) rig.session.tunnel.fromUpstream.resume();
      else rig.toUpstream.onDrain?.();
    }
    expect(rig.codes).toEqual([[], []]);
  });
});

describe('A shutdown', () => {
  test('is told to both ends as 1001', () => {
    const rig = SessionRig.open();
    rig.draining.announce();
    expect(rig.codes).toEqual([[1001], [1001]]);
    expect(rig.series('gateway_websocket_closes_total')).toEqual([]);
    rig.client(masked(closing(1001)));
    rig.upstream(plain(closing(1001)));
    expect(rig.toUpstream.ends).toEqual(['end']);
    rig.fromUpstream.end();
    expect(rig.toClient.ends).toEqual(['end']);
    rig.clientEnd();
    expect([rig.ending, rig.codes, rig.wheel.size]).toEqual([{ by: 'gateway', code: 1001 }, [[1001], [1001]], 0]);
  });

  test('is told to who opens a connection behind it', () => {
    const rig = new SessionRig();
    rig.draining.announce();
    rig.begin();
    expect(rig.codes).toEqual([[1001], [1001]]);
  });

  test('is told to nobody whose connection is over', () => {
    const rig = SessionRig.open();
    rig.clientGone();
    rig.draining.announce();
    expect(rig.codes).toEqual([[], []]);
  });
});

describe('A close frame of the gateway', () => {
  test.each([1, 4, 7, 11])('waits for the end of a frame under way that has %i of its bytes', (sent) => {
    const rig = SessionRig.open();
    const [up, down] = [masked(HELLO), plain(HELLO)];
    // The client is in the middle of a payload; of a head that has begun nothing has passed.
    rig.client(up.subarray(0, sent));
    rig.draining.announce();
    const inPayload = sent >= 6 && sent < up.length;
    expect(rig.codes).toEqual([[1001], inPayload ? [] : [1001]]);
    rig.client(Buffer.concat([up.subarray(sent), masked(HELLO)]));
    rig.upstream(down);
    const { frames, rest } = framesIn(bytesOf(rig.toUpstream));
    expect(rest).toHaveLength(0);
    expect(frames.map(({ opcode }) => opcode)).toEqual(sent >= 6 ? [TEXT, CLOSE] : [CLOSE]);
    expect(frames.at(-1)).toMatchObject({ code: 1001, masked: true });
  });

  test('is not said behind that of the end itself, which was under way', () => {
    const rig = SessionRig.open();
    const bytes = plain(closing(4001, 'bye'));
    rig.upstream(bytes.subarray(0, 5));
    rig.draining.announce();
    rig.upstream(bytes.subarray(5));
    expect(rig.codes).toEqual([[4001], [1001]]);
    expect(bytesOf(rig.toClient).equals(bytes)).toBe(true);
  });

  test('is answered by a client whose upstream has broken off: the client gets its end', () => {
    const rig = SessionRig.open();
    rig.draining.announce();
    rig.fromUpstream.fail(new Error('reset'));
    rig.client(masked(closing(1001)));
    expect([rig.toClient.ends, rig.toUpstream.ends, rig.cutBy]).toEqual([['end'], [], undefined]);
    rig.clientEnd();
    expect([rig.ending?.code, rig.wheel.size]).toEqual([1001, 0]);
  });

  test('is answered by an upstream whose client has broken off: it gets its end, and its time', () => {
    const [first, second] = [SessionRig.open(), SessionRig.open()];
    for (const rig of [first, second]) {
      rig.upstream(plain(HELLO).subarray(0, 4));
      rig.draining.announce();
      rig.clientGone();
      expect([rig.ending?.code, rig.fromUpstream.cancelled, rig.toUpstream.ends]).toEqual([1001, false, []]);
    }
    first.upstream(Buffer.concat([plain(HELLO).subarray(4), plain(closing(1001))]));
    expect(first.toUpstream.ends).toEqual(['end']);
    first.fromUpstream.end();
    expect([first.fromUpstream.cancelled, first.wheel.size, first.toClient.size]).toEqual([false, 0, 4]);
    second.clock.advance(2200);
    expect([second.fromUpstream.cancelled, second.wheel.size, second.cutBy]).toEqual([true, 0, undefined]);
  });

  test('is followed by the end of the half of whoever has answered, or broken the protocol', () => {
    const [first, second] = [SessionRig.open(), SessionRig.open()];
    first.draining.announce();
    first.client(masked(closing(1001)));
    second.client(masked({ opcode: 7 }));
    // The upstreams have not answered yet.
    for (const rig of [first, second]) expect([rig.toClient.ends, rig.toUpstream.ends]).toEqual([['end'], []]);
  });

  test('is for nobody to wait for: an end that does not answer has two seconds', () => {
    const rig = SessionRig.open();
    rig.draining.announce();
    rig.clock.advance(1900);
    expect([rig.toUpstream.ends, rig.toClient.ends, rig.fromUpstream.cancelled]).toEqual([[], [], false]);
    rig.clock.advance(200);
    expect([rig.toClient.ends, rig.fromUpstream.cancelled, rig.drains]).toEqual([['end'], true, 1]);
    rig.clock.advance(2200);
    expect([rig.cutBy?.code, rig.wheel.size]).toEqual(['request_timeout', 0]);
  });

  test('cannot be said in the middle of a frame: the end is cut off after two seconds', () => {
    const rig = SessionRig.open();
    rig.upstream(plain(HELLO).subarray(0, 4));
    rig.draining.announce();
    expect(rig.codes).toEqual([[], [1001]]);
    rig.clock.advance(2200);
    expect([rig.cutBy?.code, rig.toClient.ends, rig.fromUpstream.cancelled, rig.wheel.size]).toEqual([
      'request_timeout',
      [],
      true,
      0,
    ]);
    expect(framesIn(bytesOf(rig.toClient)).frames).toEqual([]);
  });

  test('is given up when the frame under way ends half-way', () => {
    const rig = SessionRig.open();
    rig.client(masked(HELLO).subarray(0, 8));
    rig.upstream(plain(HELLO).subarray(0, 4));
    rig.draining.announce();
    rig.clientEnd();
    expect(rig.toUpstream.ends).toEqual([]);
    rig.fromUpstream.end();
    expect([rig.toUpstream.ends, rig.toClient.ends, rig.codes]).toEqual([['end'], ['end'], [[], []]]);
    expect([rig.ending?.code, rig.wheel.size]).toEqual([1001, 0]);
  });

  test('reaches the half that is still open', () => {
    const [first, second] = [SessionRig.open(), SessionRig.open()];
    first.clientEnd();
    first.draining.announce();
    expect(first.codes).toEqual([[1001], []]);
    second.fromUpstream.end();
    second.draining.announce();
    expect(second.codes).toEqual([[], [1001]]);
    for (const rig of [first, second]) rig.clock.advance(5000);
    expect([first, second].map(({ wheel, ending }) => [wheel.size, ending?.code])).toEqual([
      [0, 1001],
      [0, 1001],
    ]);
  });
});

test('When nobody takes anything any more it ends all the same', () => {
  const rig = SessionRig.open({ idleTimeout: 1000 });
  rig.toClient.open = rig.toUpstream.open = false;
  rig.client(masked({ opcode: TEXT, payload: 'x'.repeat(100_000) }).subarray(0, 60_000));
  rig.upstream(plain({ opcode: TEXT, payload: 'x'.repeat(100_000) }).subarray(0, 60_000));
  rig.clock.advance(5000);
  expect([rig.cutBy?.code, rig.wheel.size]).toEqual(['request_timeout', 0]);
});
