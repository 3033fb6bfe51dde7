import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, type FrameTerms } from '../../../src/layers/web-socket/frame-reader.ts';
import { Counter } from '../../../src/lib/cell.ts';
import { CLOSE, closing, type Frame, frame, framesIn } from '../../support/web-socket-frames.ts';

const codes = fc.oneof(fc.constant(undefined), fc.integer({ min: 990, max: 1020 }), fc.constantFrom(3000, 4999, 5000));
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc
    .record({
      opcode: fc.constantFrom(0, 1, 2, 1, 2, 9, 10, 3, 15),
      payload: fc.integer({ min: 0, max: 200 }).map((length) => 'x'.repeat(length)),
      fin: fc.boolean(),
      rsv: fc.constantFrom(0, 0, 0, 0, 0x40, 0x20),
      bits: fc.constantFrom(undefined, undefined, undefined, 64 as const),
    })
    .map(({ bits, ...rest }) => (bits === undefined ? rest : { ...rest, bits })),
  fc.record({ opcode: fc.constant(2), payload: fc.constantFrom(65_535, 65_536).map((length) => 'y'.repeat(length)) }),
  fc.tuple(codes, fc.string({ maxLength: 20 })).map(([code, reason]) => closing(code, code === undefined ? '' : reason)),
);

const streams = fc.record({
  frames: fc.array(anyFrame, { maxLength: 8 }),
  tail: fc.uint8Array({ maxLength: 20 }),
  masked: fc.boolean(),
  maxMessage: fc.constantFrom(0, 150, 100_000),
  extensions: fc.constantFrom('none' as const, 'deflate' as const, 'unknown' as const),
});

interface Told {
  passed: Buffer;
  messages: number;
  code: number;
  broken: unknown;
}

function read(pieces: readonly Uint8Array[], terms: FrameTerms): Told {
  const messages = new Counter();
  const reader = new FrameReader(terms, messages);
  const passed: Uint8Array[] = [];
  for (const piece of pieces) {
    const { held } = reader;
    const length = reader.read(piece);
    if (length > 0 && held !== undefined) passed.push(held);
    passed.push(piece.subarray(0, length));
  }
  return { passed: Buffer.concat(passed), messages: messages.value, code: reader.closeCode, broken: reader.broken };
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

test('However the bytes are split, the same ones pass and the same is told', () => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat(), { maxLength: 30 }), ({ frames, tail, ...terms }, places) => {
      const bytes = Buffer.concat([...frames.map((one) => frame(one, terms.masked)), tail]);
      const whole = read([bytes], terms);
      expect(read(cut(bytes, places), terms)).toEqual(whole);
      if (bytes.length < 400)
        expect(
          read(
            [...bytes].map((byte) => Buffer.of(byte)),
            terms,
          ),
        ).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

test('Whatever comes, what passes is the beginning of it: valid frames of which the last may not be whole', () => {
  fc.assert(
    fc.property(streams, fc.uint8Array({ maxLength: 100 }), fc.boolean(), ({ frames, ...terms }, noise, first) => {
      const good = frames.map((one) => frame(one, terms.masked));
      const bytes = Buffer.concat(first ? [noise, ...good] : [...good, noise]);
      const { passed, broken } = read([bytes], terms);
      expect(bytes.subarray(0, passed.length).equals(passed)).toBe(true);
      const seen = framesIn(passed);
      if (broken !== undefined) expect(seen.rest).toHaveLength(0);
      expect(seen.frames.every((one) => one.masked === terms.masked)).toBe(true);
      const at = seen.frames.findIndex(({ opcode }) => opcode === CLOSE);
      if (at >= 0) expect([at, seen.rest.length]).toEqual([seen.frames.length - 1, 0]);
    }),
    { numRuns: 300 },
  );
});
