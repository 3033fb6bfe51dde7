import { describe, expect, test } from 'vitest';
import { FrameReader, type FrameTerms } from '../../../src/layers/web-socket/frame-reader.ts';
import { Counter } from '../../../src/lib/cell.ts';
import { BINARY, CLOSE, closing, type Frame, frame, masked, PING, PONG, plain, TEXT } from '../../support/web-socket-frames.ts';

const TERMS: FrameTerms = { masked: true, maxMessage: 0, extensions: 'none' };

function reading(terms: Partial<FrameTerms> = {}) {
  const messages = new Counter();
  return { messages, reader: new FrameReader({ ...TERMS, ...terms }, messages) };
}

const fragment = (opcode: number, payload = '', more: Partial<Frame> = {}): Frame => ({ opcode, payload, fin: false, ...more });
const long = (length: number) => 'x'.repeat(length);

describe('What is right passes whole', () => {
  test.each<[string, Frame[], number, Partial<FrameTerms>?]>([
    ['a text', [{ opcode: TEXT, payload: 'hello' }], 1],
    ['an empty message', [{ opcode: BINARY }], 1],
    [
      'the longest of 7, 16 and more bits',
      [125, 126, 65535, 65536].map((length) => ({ opcode: BINARY, payload: long(length) })),
      4,
    ],
    ['fragments', [fragment(TEXT, 'a'), fragment(0, 'b'), { opcode: 0, payload: 'c' }, { opcode: TEXT, payload: 'next' }], 2],
    [
      'pings and pongs, between fragments too',
      [fragment(TEXT, 'a'), { opcode: PING, payload: long(125) }, { opcode: PONG }, { opcode: 0 }],
      1,
    ],
    ['a close frame without a code', [closing(undefined)], 0],
    ['a close frame with a code', [closing(1000)], 0],
    ['a close frame with a reason', [closing(4999, long(123))], 0],
    ['a close frame between fragments', [fragment(TEXT, 'a'), closing(1001)], 0],
    [
      'compressed messages, where that was agreed on',
      [{ opcode: TEXT, rsv: 0x40 }, fragment(BINARY, 'a', { rsv: 0x40 }), { opcode: 0 }],
      2,
      { extensions: 'deflate' },
    ],
    [
      'anything an unknown extension may do',
      [{ opcode: 3, rsv: 0x70 }, fragment(TEXT, 'a'), { opcode: 0, rsv: 0x20 }, { opcode: 11, rsv: 0x10 }],
      2,
      { extensions: 'unknown' },
    ],
    [
      'a message of as many bytes as it may have',
      [fragment(TEXT, 'abc'), { opcode: PING, payload: long(50) }, { opcode: 0, payload: 'de' }],
      1,
      { maxMessage: 5 },
    ],
    ['a thousand empty fragments', [fragment(TEXT), ...Array.from({ length: 999 }, () => fragment(0)), { opcode: 0 }], 1],
  ])('%s', (_, frames, count, terms = {}) => {
    const { reader, messages } = reading(terms);
    const bytes = masked(...frames);
    expect(reader.read(bytes)).toBe(bytes.length);
    expect([reader.broken, reader.remaining, reader.held, messages.value]).toEqual([undefined, 0, undefined, count]);
  });

  test('what servers send, without masks', () => {
    const { reader, messages } = reading({ masked: false });
    const bytes = plain({ opcode: TEXT, payload: long(70_000) }, closing(1000, 'done'));
    expect([reader.read(bytes), reader.closeCode, messages.value]).toEqual([bytes.length, 1000, 1]);
  });

  test.each([[1000], [1001], [1002], [1003], [1007], [1011], [1012], [1013], [1014], [3000], [3999], [4000], [4999]])(
    'close code %i',
    (code) => {
      const { reader } = reading();
      reader.read(masked(closing(code)));
      expect([reader.closeCode, reader.closed, reader.broken]).toEqual([code, true, undefined]);
    },
  );
});

describe('What is wrong is broken at the head that says it', () => {
  test.each<[string, number, Frame[], Partial<FrameTerms>?]>([
    ['the first reserved bit', 1002, [{ opcode: TEXT, rsv: 0x40 }]],
    ['the second reserved bit', 1002, [{ opcode: TEXT, rsv: 0x20 }], { extensions: 'deflate' }],
    ['the third reserved bit', 1002, [{ opcode: TEXT, rsv: 0x10 }], { extensions: 'deflate' }],
    [
      'a compressed fragment that is not the first',
      1002,
      [fragment(TEXT, '', { rsv: 0x40 }), { opcode: 0, rsv: 0x40 }],
      { extensions: 'deflate' },
    ],
    ['a compressed ping', 1002, [{ opcode: PING, rsv: 0x40 }], { extensions: 'deflate' }],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number, Frame[]] => [`opcode ${opcode}`, 1002, [{ opcode }]]),
    ['a fragmented ping', 1002, [fragment(PING)]],
    ['a fragmented close', 1002, [fragment(CLOSE)]],
    ['a ping of 126 bytes', 1002, [{ opcode: PING, payload: long(126) }]],
    ['a pong of 70,000 bytes', 1002, [{ opcode: PONG, length: 70_000, bits: 64 }]],
    ['a close frame of 126 bytes', 1002, [closing(1000, long(124))]],
    ['a fragment that continues nothing', 1002, [{ opcode: 0, payload: 'a' }]],
    ['a fragment behind a whole message', 1002, [{ opcode: TEXT }, fragment(0, 'a')]],
    ['a message within another', 1002, [fragment(TEXT, 'a'), { opcode: TEXT, payload: 'b' }]],
    ['125 bytes in 16 bits', 1002, [{ opcode: TEXT, payload: long(125), bits: 16 }]],
    ['125 bytes in 64 bits', 1002, [{ opcode: TEXT, payload: long(125), bits: 64 }]],
    ['65,535 bytes in 64 bits', 1002, [{ opcode: TEXT, payload: long(65_535), bits: 64 }]],
    ['a length with the top bit', 1002, [{ opcode: TEXT, length: 2n ** 63n, bits: 64 }]],
    ['a length beyond all memory', 1009, [{ opcode: TEXT, length: 2n ** 63n - 1n, bits: 64 }]],
    ['half a close code', 1002, [{ opcode: CLOSE, payload: 'a' }]],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): [string, number, Frame[]] => [
      `close code ${code}`,
      1002,
      [closing(code)],
    ]),
    ['a message that is too large', 1009, [{ opcode: TEXT, payload: 'abcdef' }], { maxMessage: 5 }],
    ['a message that is said to be large', 1009, [{ opcode: BINARY, length: 2 ** 40, bits: 64 }], { maxMessage: 2 ** 20 }],
    ['fragments that are too large together', 1009, [fragment(TEXT, 'abc'), fragment(0, 'def')], { maxMessage: 5 }],
    [
      'fragments without end',
      1009,
      [fragment(TEXT, 'a'), ...Array.from({ length: 5 }, () => fragment(0, 'a'))],
      { maxMessage: 5 },
    ],
    ['empty fragments without end', 1008, [fragment(TEXT, 'a'), ...Array.from({ length: 1001 }, () => fragment(0))]],
  ])('%s', (_, code, frames, terms = {}) => {
    const { reader } = reading(terms);
    const good = masked(...frames.slice(0, -1));
    const bytes = Buffer.concat([good, masked(...frames.slice(-1)), masked({ opcode: TEXT, payload: 'behind' })]);
    expect([reader.read(bytes), reader.broken?.code, reader.remaining]).toEqual([good.length, code, 0]);
    expect(reader.broken?.reason).toMatch(/^[ -~]{5,123}$/);
    expect([reader.over, reader.read(masked({ opcode: TEXT }))]).toEqual([true, 0]);
  });

  test('what a client does not mask, and what a server masks', () => {
    const [client, server] = [reading().reader, reading({ masked: false }).reader];
    expect([client.read(plain({ opcode: TEXT, payload: 'a' })), client.broken?.code]).toEqual([0, 1002]);
    expect([server.read(masked({ opcode: TEXT, payload: 'a' })), server.broken?.code]).toEqual([0, 1002]);
  });
});

test('What stands behind a close frame is for nobody', () => {
  const { reader, messages } = reading();
  const bytes = Buffer.concat([masked(closing(1000, 'bye')), Buffer.alloc(1000, 0xff)]);
  expect(reader.read(bytes)).toBe(masked(closing(1000, 'bye')).length);
  expect([reader.read(bytes), reader.closed, reader.broken, messages.value]).toEqual([0, true, undefined, 0]);
});

test('A head that is cut in two is held, and no byte of a payload', () => {
  const { reader } = reading();
  const whole = frame({ opcode: TEXT, payload: long(200) }, true);
  expect([reader.read(whole.subarray(0, 5)), reader.held?.length]).toEqual([0, 5]);
  expect([reader.read(whole.subarray(5, 6)), reader.held?.length]).toEqual([0, 6]);
  expect([reader.read(whole.subarray(6, 50)), reader.held, reader.remaining]).toEqual([44, undefined, 158]);
  expect([reader.read(whole.subarray(50)), reader.held, reader.remaining]).toEqual([158, undefined, 0]);
});
