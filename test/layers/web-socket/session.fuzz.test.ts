import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLOSE, closing, type Frame, frame, framesIn } from '../../support/web-socket-frames.ts';
import { bytesOf, SessionRig } from './session-rig.ts';

type Step =
  | { readonly from: 'client' | 'upstream'; readonly bytes: Uint8Array }
  | { readonly ms: number }
  | { readonly act: 'drain' | 'client ends' | 'client breaks' | 'upstream ends' | 'upstream breaks' };

const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 1, 2, 9, 10),
    payload: fc.integer({ min: 0, max: 150 }).map((length) => 'x'.repeat(length)),
    fin: fc.boolean(),
  }),
  fc.constantFrom(1000, 1001, 4000, undefined).map((code) => closing(code)),
);

const from = fc.constantFrom('client' as const, 'upstream' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(from, frames, fc.nat(60)).map(([by, one, cut]) => part(by, one, cut)) },
  { weight: 2, arbitrary: fc.record({ from, bytes: fc.uint8Array({ maxLength: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 1500 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constantFrom('drain', 'client ends', 'client breaks', 'upstream ends', 'upstream breaks') }),
  },
);

/** Most frames come whole. */
function part(by: 'client' | 'upstream', one: Frame, cut: number): Step {
  const bytes = frame(one, by === 'client');
  return { from: by, bytes: cut < 5 ? bytes.subarray(0, cut) : bytes };
}

interface Sent {
  client: Buffer;
  upstream: Buffer;
}

/** Plays what two ends may do, as the server would let them. @returns what they sent */
function play(rig: SessionRig, steps: readonly Step[]): Sent {
  const sent = { client: Buffer.alloc(0), upstream: Buffer.alloc(0) };
  const over = { client: false, upstream: false };
  for (const one of steps) {
    if (rig.ending !== undefined) break;
    if ('ms' in one) rig.clock.advance(one.ms);
    else if ('bytes' in one) {
      const upstreamLeft = rig.fromUpstream.sink === undefined;
      if (over[one.from] || (one.from === 'upstream' && upstreamLeft)) continue;
      sent[one.from] = Buffer.concat([sent[one.from], one.bytes]);
      if (one.from === 'client') rig.client(Buffer.from(one.bytes));
      else rig.upstream(Buffer.from(one.bytes));
    } else if (one.act === 'drain') rig.draining.announce();
    else if (one.act.startsWith('client') && !over.client) {
      over.client = true;
      if (one.act === 'client ends') rig.clientEnd();
      else rig.clientGone();
    } else if (one.act.startsWith('upstream') && !over.upstream) {
      over.upstream = true;
      if (one.act === 'upstream ends') rig.fromUpstream.end();
      else rig.fromUpstream.fail(new Error('reset'));
    }
  }
  return sent;
}

/** Whole frames of the sender, then at most the beginning of one; or a close frame of the gateway as the last of all. */
function expectInOrder(got: Buffer, sent: Buffer): void {
  const { frames: seen, rest } = framesIn(got);
  const closes = seen.filter(({ opcode }) => opcode === CLOSE);
  expect(closes.length).toBeLessThan(2);
  if (closes.length === 1) expect([seen.at(-1)?.opcode, rest.length]).toEqual([CLOSE, 0]);
  const isPrefix = (bytes: Buffer) => sent.subarray(0, bytes.length).equals(bytes);
  if (isPrefix(got)) return;
  const last = framesIn(got).frames.at(-1);
  expect(last?.opcode).toBe(CLOSE);
  const length = 2 + (last?.masked === true ? 4 : 0) + (last?.payload.length ?? 0);
  expect(isPrefix(got.subarray(0, got.length - length))).toBe(true);
}

test('Whatever both ends do, close frames stand between frames, nothing follows them, and it ends', () => {
  const terms = fc.record({
    timeout: fc.constantFrom(0, 4000),
    idleTimeout: fc.constantFrom(0, 1000),
    maxMessage: fc.constantFrom(0, 100),
    extensions: fc.constantFrom('none' as const, 'deflate' as const, 'unknown' as const),
  });
  fc.assert(
    fc.property(terms, fc.array(step, { maxLength: 25 }), (given, steps) => {
      const rig = SessionRig.open(given);
      const sent = play(rig, steps);
      expectInOrder(bytesOf(rig.toUpstream), sent.client);
      expectInOrder(bytesOf(rig.toClient), sent.upstream);
      rig.draining.announce();
      rig.clock.advance(10_000);
      expect([rig.ending === undefined, rig.wheel.size]).toEqual([false, 0]);
      expect([rig.toUpstream.ends.length, rig.toClient.ends.length].every((count) => count < 2)).toBe(true);
      expectInOrder(bytesOf(rig.toUpstream), sent.client);
      expectInOrder(bytesOf(rig.toClient), sent.upstream);
    }),
    { numRuns: 1500 },
  );
});
