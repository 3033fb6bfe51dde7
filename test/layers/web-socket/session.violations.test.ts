import { describe, expect, test } from 'vitest';
import type { SessionTerms } from '../../../src/layers/web-socket/session.ts';
import { BINARY, CLOSE, closing, type Frame, frame, PING, TEXT } from '../../support/web-socket-frames.ts';
import { SessionRig } from './session-rig.ts';

const GOOD: Frame = { opcode: TEXT, payload: 'good' };

type Row = [name: string, code: number, frames: readonly Frame[], terms?: Partial<SessionTerms>];

const WRONG: readonly Row[] = [
  ['a reserved bit', 1002, [{ opcode: TEXT, rsv: 0x10 }]],
  ['a compressed message that nobody agreed on', 1002, [{ opcode: TEXT, rsv: 0x40, payload: 'x' }]],
  ['an opcode of nothing', 1002, [{ opcode: 7 }]],
  ['a control opcode of nothing', 1002, [{ opcode: 13 }]],
  ['a fragmented ping', 1002, [{ opcode: PING, fin: false }]],
  ['a ping too long', 1002, [{ opcode: PING, payload: 'x'.repeat(126) }]],
  ['a fragment of nothing', 1002, [{ opcode: 0, payload: 'x' }]],
  ['a message in a message', 1002, [{ opcode: TEXT, fin: false }, { opcode: BINARY }]],
  ['a length that wastes bytes', 1002, [{ opcode: TEXT, payload: 'x', bits: 64 }]],
  ['a negative length', 1002, [{ opcode: TEXT, length: 2n ** 64n - 1n, bits: 64 }]],
  ['half a close code', 1002, [{ opcode: CLOSE, payload: 'x' }]],
  ['a close code that is never sent', 1002, [closing(1006)]],
  ['a message too large', 1009, [{ opcode: TEXT, payload: 'x'.repeat(101) }], { maxMessage: 100 }],
  [
    'fragments too large',
    1009,
    [
      { opcode: TEXT, payload: 'x'.repeat(99), fin: false },
      { opcode: 0, payload: 'xx', fin: false },
    ],
    { maxMessage: 100 },
  ],
  [
    'endless empty fragments',
    1008,
    [{ opcode: TEXT, fin: false }, ...Array.from({ length: 1000 }, () => ({ opcode: 0, fin: false }))],
  ],
];

/** What the end that did nothing wrong hears. */
const innocent = (code: number, isClient: boolean) => (code !== 1002 ? code : isClient ? 1014 : 1001);

describe.each(['client', 'upstream'] as const)('The %s is told, and the other end too, what became of', (by) => {
  const isClient = by === 'client';
  const send = (rig: SessionRig, bytes: Buffer) => (isClient ? rig.client(bytes) : rig.upstream(bytes));

  test.each<Row>(WRONG)('%s: %i', (_, code, frames, terms = {}) => {
    for (const bytewise of [false, true]) {
      const rig = SessionRig.open(terms);
      const bytes = Buffer.concat([GOOD, ...frames, GOOD].map((one) => frame(one, isClient)));
      for (const piece of bytewise ? [...bytes].map((byte) => Buffer.of(byte)) : [bytes]) send(rig, piece);
      const expected = isClient ? [[code], [innocent(code, false)]] : [[innocent(code, true)], [code]];
      expect(rig.codes).toEqual(expected);
      // All that was right before it has come through, and nothing of what was wrong.
      const seen = isClient ? rig.seenByUpstream : rig.seenByClient;
      expect(seen.map(({ opcode }) => opcode)).toEqual([TEXT, ...frames.slice(0, -1).map(({ opcode }) => opcode), CLOSE]);
      expect(seen[0]?.payload.toString()).toBe('good');
      // The other end answers; the one to blame is not asked.
      const answer = frame(closing(1001), !isClient);
      if (isClient) {
        rig.upstream(answer);
        rig.fromUpstream.end();
      } else {
        rig.client(answer);
        rig.fromUpstream.end();
      }
      expect([rig.toUpstream.ends, rig.toClient.ends]).toEqual([['end'], ['end']]);
      rig.clientEnd();
      expect([rig.ending, rig.wheel.size, rig.cutBy]).toEqual([{ by: 'gateway', code }, 0, undefined]);
    }
  });

  test('a frame with the wrong mask', () => {
    const rig = SessionRig.open();
    send(rig, frame(GOOD, !isClient));
    expect(rig.codes).toEqual(isClient ? [[1002], [1001]] : [[1014], [1002]]);
  });
});

test('Reasons say what was wrong, and to the other end only that something was', () => {
  const rig = SessionRig.open();
  rig.client(frame({ opcode: 7 }, true));
  expect(rig.seenByClient.at(-1)?.reason).toBe('an opcode that means nothing');
  expect(rig.seenByUpstream.at(-1)?.reason).toBe('the client has broken the protocol');
});

test('Compressed messages pass where they were agreed on, and count as they are on the wire', () => {
  const rig = SessionRig.open({ extensions: 'deflate', maxMessage: 10 });
  rig.client(frame({ opcode: TEXT, rsv: 0x40, payload: 'x'.repeat(10) }, true));
  expect(rig.codes).toEqual([[], []]);
  rig.client(frame({ opcode: TEXT, rsv: 0x40, payload: 'x'.repeat(11) }, true));
  expect(rig.codes).toEqual([[1009], [1009]]);
});

test('Both ends break it at once: each is told, once', () => {
  const rig = SessionRig.open();
  rig.upstream(frame({ opcode: TEXT, payload: 'under way' }, false).subarray(0, 5));
  rig.client(frame({ opcode: 7 }, true));
  expect(rig.codes).toEqual([[], [1001]]);
  rig.upstream(Buffer.concat([frame({ opcode: TEXT, payload: 'under way' }, false).subarray(5), frame({ opcode: 7 }, false)]));
  expect(rig.codes).toEqual([[1002], [1001]]);
  expect(rig.toUpstream.ends).toEqual(['end']);
});

test('A client that breaks it before the 101 is out hears of it behind the 101', () => {
  const rig = new SessionRig();
  rig.client(frame({ opcode: 7 }, true));
  expect(rig.codes).toEqual([[], [1001]]);
  rig.begin();
  expect(rig.codes).toEqual([[1002], [1001]]);
});

test('What an end that broke it still sends is thrown away', () => {
  const rig = SessionRig.open();
  rig.client(frame({ opcode: 7 }, true));
  for (let count = 0; count < 100; count++) expect(rig.client(Buffer.alloc(1000, 0x81))).toBe(true);
  expect(rig.seenByUpstream).toHaveLength(1);
});
