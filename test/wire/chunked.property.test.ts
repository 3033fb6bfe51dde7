import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import { BodyWriter } from '../../src/wire/body-writer.ts';
import { ChunkedDecoder } from '../../src/wire/chunked.ts';
import { FakeSocket } from '../support/fake-socket.ts';

interface Decoded {
  data: string;
  used: number;
  problem: string;
  trailers: string;
}

/** Decodes bytes that come in pieces which end at these places. */
function decode(bytes: Buffer, ends: readonly number[]): Decoded {
  const decoder = new ChunkedDecoder();
  const out: Decoded = { data: '', used: 0, problem: '', trailers: '' };
  let from = 0;
  for (const end of [...new Set([...ends.map((end) => end % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)) {
    // Each piece in memory of its own, as a socket reads it; the decoder moves data about in it.
    const piece = Buffer.from(bytes.subarray(from, end));
    from = end;
    const stop = decoder.decode(piece, 0, piece.length);
    out.data += piece.toString('latin1', decoder.dataStart, decoder.dataEnd);
    if (stop < 0) {
      out.problem = decoder.problem;
      out.used = -1;
      break;
    }
    out.used += stop;
    if (decoder.done) break;
  }
  out.trailers = decoder.trailers?.lines() ?? '';
  return out;
}

const splits = fc.array(fc.nat(5000), { maxLength: 20 });
const data = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const extension = fc.constantFrom('', ';a', ' ; a=b', ';a="b;\\"c"', ';a\t=\tb;c');
const size = fc.constantFrom('', '0', '00');

const chunk = fc.tuple(data, extension, size, fc.boolean()).map(([data, extension, zeros, upper]) => {
  const digits = data.length.toString(16);
  return { data, text: `${zeros}${upper ? digits.toUpperCase() : digits}${extension}\r\n${data}\r\n` };
});
const trailer = fc.constantFrom('X-A: 1\r\n', 'X-B:\r\n', 'X-C: \xff \r\n');
const rest = fc.string({ maxLength: 10 });

test('any split of a body gives its data, its trailers and its end', () => {
  const body = fc.record({
    chunks: fc.array(chunk, { maxLength: 8 }),
    last: extension,
    trailers: fc.array(trailer, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(body, rest, splits, ({ chunks, last, trailers }, rest, ends) => {
      const full = chunks.filter(({ data }) => data !== '');
      const text = `${full.map((one) => one.text).join('')}0${last}\r\n${trailers.join('')}\r\n`;
      expect(decode(Buffer.from(text + rest, 'latin1'), ends)).toEqual({
        data: full.map((one) => one.data).join(''),
        used: text.length,
        problem: '',
        trailers: trailers.join(''),
      });
    }),
    { numRuns: 500 },
  );
});

test('any bytes at all are judged alike whole and in pieces, without an exception', () => {
  const soup = fc
    .array(fc.constantFrom('0', '1', '3', 'a', 'f', ';', '=', '"', '\\', ' ', '\r', '\n', '\r\n', '\r\n', 'x', 'A: b', '\0'), {
      maxLength: 40,
    })
    .map((parts) => Buffer.from(parts.join(''), 'latin1'));
  fc.assert(
    fc.property(soup, splits, (bytes, ends) => {
      expect(decode(bytes, ends)).toEqual(decode(bytes, []));
    }),
    { numRuns: 2000 },
  );
});

test('what the writer writes is what the decoder reads', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 6 }),
      fc.boolean(),
      splits,
      (pieces, withTrailers, ends) => {
        const fake = new FakeSocket();
        const owner = { bodyWritten: () => {}, bodyBroken: () => {}, bodyBlocked: () => {} };
        const writer = new BodyWriter(fake.socket, owner, 'HEAD', 'chunked');
        for (const piece of pieces) writer.chunk(piece);
        writer.end(withTrailers ? Headers.from([['X-A', '1']]) : undefined);
        expect(fake.text.startsWith('HEAD')).toBe(true);
        const bytes = Buffer.from(fake.text.slice(4), 'latin1');
        expect(decode(bytes, ends)).toEqual({
          data: Buffer.concat(pieces).toString('latin1'),
          used: bytes.length,
          problem: '',
          trailers: withTrailers ? 'X-A: 1\r\n' : '',
        });
      },
    ),
    { numRuns: 100 },
  );
});
