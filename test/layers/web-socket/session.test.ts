import { describe, expect, test } from 'vitest';
import { BINARY, closing, masked, PING, PONG, plain, TEXT } from '../../support/web-socket-frames.ts';
import { bytesOf, SessionRig } from './session-rig.ts';

const HELLO = { opcode: TEXT, payload: 'hello' };

describe('What is right passes', () => {
  test('as it is, in the same buffers, both ways', () => {
    const rig = SessionRig.open();
    const up = masked(HELLO, { opcode: PING, payload: 'are you there' }, { opcode: BINARY, payload: 'x'.repeat(70_000) });
    const down = plain(HELLO, { opcode: PONG, payload: 'are you there' });
    const taken: Uint8Array[] = [];
    const { toUpstream } = rig;
    const chunk = toUpstream.chunk.bind(toUpstream);
    toUpstream.chunk = (bytes) => {
      taken.push(bytes);
      return chunk(bytes);
    };
    expect([rig.client(up), rig.upstream(down)]).toEqual([true, true]);
    expect(taken[0]).toBe(up);
    expect(bytesOf(toUpstream).equals(up)).toBe(true);
    expect(bytesOf(rig.toClient).equals(down)).toBe(true);
    expect(rig.series('gateway_websocket_messages_total')).toEqual([
      [{ route: 'chat', direction: 'to_upstream' }, 2],
      [{ route: 'chat', direction: 'to_client' }, 1],
    ]);
  });

  test('byte by byte', () => {
    const rig = SessionRig.open();
    const [up, down] = [masked(HELLO, closing(4000, 'why')), plain(HELLO, closing(4000, 'why'))];
    for (const byte of up) rig.client(Buffer.of(byte));
    for (const byte of down) rig.upstream(Buffer.of(byte));
    expect(bytesOf(rig.toUpstream).equals(up)).toBe(true);
    expect(bytesOf(rig.toClient).equals(down)).toBe(true);
  });

  test('before the server has begun to read the upstream', () => {
    const rig = new SessionRig();
    rig.client(masked(HELLO));
    rig.begin();
    rig.upstream(plain(HELLO));
    expect([rig.seenByUpstream.length, rig.seenByClient.length]).toEqual([1, 1]);
  });
});

describe('Backpressure', () => {
  test('of the upstream stops the client, until it has room', () => {
    const rig = SessionRig.open();
    rig.toUpstream.open = false;
    expect(rig.client(masked(HELLO))).toBe(false);
    expect(rig.drains).toBe(0);
    rig.toUpstream.onDrain?.();
    expect(rig.drains).toBe(1);
  });

  test('of the client stops the upstream, until it has room', () => {
    const rig = SessionRig.open();
    rig.toClient.open = false;
    expect(rig.upstream(plain(HELLO))).toBe(false);
    rig.session.tunnel.fromUpstream.resume();
    expect(rig.fromUpstream.asked).toEqual(['pipe', 'resume']);
  });
});

describe('The ends close it themselves', () => {
  test.each<[string, number | undefined, string]>([
    ['a code', 1000, ''],
    ['a code and a reason', 4123, 'enough'],
    ['no code', undefined, ''],
  ])('with %s, which comes through', (_, code, reason) => {
    const rig = SessionRig.open();
    rig.client(masked(closing(code, reason)));
    rig.client(masked({ opcode: TEXT, payload: 'for nobody' }));
    rig.upstream(plain(HELLO, closing(code, reason)));
    rig.fromUpstream.end();
    rig.clientEnd();
    const said = { opcode: 8, ...(code === undefined ? {} : { code, reason }) };
    expect(rig.seenByUpstream).toMatchObject([said]);
    expect(rig.seenByClient).toMatchObject([{ opcode: TEXT }, said]);
    expect([rig.toUpstream.ends, rig.toClient.ends, rig.cutBy, rig.wheel.size]).toEqual([['end'], ['end'], undefined, 0]);
    expect(rig.ending).toEqual({ by: 'client', code: code ?? 1005 });
  });

  test('the upstream first', () => {
    const rig = SessionRig.open();
    rig.upstream(plain(closing(1012)));
    rig.client(masked(closing(1012)));
    rig.fromUpstream.end();
    rig.clientEnd();
    expect(rig.ending).toEqual({ by: 'upstream', code: 1012 });
    expect(rig.wheel.size).toBe(0);
  });

  test('without a word: a half that is closed is passed on', () => {
    const rig = SessionRig.open();
    rig.clientEnd();
    expect([rig.toUpstream.ends, rig.toClient.ends]).toEqual([['end'], []]);
    rig.upstream(plain(HELLO));
    rig.fromUpstream.end();
    expect([rig.toClient.ends, rig.seenByClient.length, rig.ending]).toEqual([['end'], 1, { by: 'nobody', code: 1006 }]);
    expect(rig.wheel.size).toBe(0);
  });

  test('by breaking off', () => {
    const rigs = [SessionRig.open({ timeout: 5000 }), SessionRig.open({ idleTimeout: 5000 })] as const;
    rigs[0].fromUpstream.fail(new Error('reset'));
    rigs[1].clientGone();
    expect([rigs[0].toClient.ends, rigs[0].ending]).toEqual([['reset'], { by: 'nobody', code: 1006 }]);
    expect([rigs[1].fromUpstream.cancelled, rigs[1].toUpstream.ends]).toEqual([true, ['The client went away']]);
    expect(rigs.map(({ wheel }) => wheel.size)).toEqual([0, 0]);
  });

  test('and do not get for ever: after half a minute of silence both are told', () => {
    const rig = SessionRig.open();
    rig.client(masked(closing(1000)));
    rig.clock.advance(29_000);
    // The upstream has things to say yet.
    rig.upstream(plain(HELLO));
    rig.clock.advance(29_900);
    expect(rig.codes).toEqual([[], [1000]]);
    rig.clock.advance(200);
    expect(rig.codes).toEqual([[1008], [1000]]);
    rig.clock.advance(2200);
    expect([rig.fromUpstream.cancelled, rig.toClient.ends]).toEqual([true, ['end']]);
    rig.clock.advance(2200);
    expect(rig.cutBy?.code).toBe('request_timeout');
    expect(rig.wheel.size).toBe(0);
  });
});

test('A connection without limits is silent for as long as it likes', () => {
  const rig = SessionRig.open();
  rig.clock.advance(100_000_000);
  rig.client(masked(HELLO));
  expect([rig.wheel.size, rig.codes, rig.seenByUpstream.length]).toEqual([0, [[], []], 1]);
});
