import { describe, expect, test } from 'vitest';
import type { Sink } from '../../../src/http/body.ts';
import { Headers } from '../../../src/http/headers.ts';
import { CompressedBody } from '../../../src/layers/compression/compressed-body.ts';
import { CODINGS, type Coding, compressionSchema } from '../../../src/layers/compression/config.ts';
import { type Encoder, type Encoding, encodingOf } from '../../../src/layers/compression/encoders.ts';
import { Counter } from '../../../src/lib/cell.ts';
import { decoded, decodedSoFar } from '../../support/decoders.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';
import { MOST, SIZE, sendFor, sendUntilStill } from './sending.ts';

const { levels } = compressionSchema.parse({});
const PIECE = 'a piece of text that repeats itself. '.repeat(300);

/** A turn of the event loop, with all that was due in it. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp({ coding = 'gzip', length = -1 }: { coding?: Coding; length?: number } = {}) {
  const encoders: Encoder[] = [];
  const real = encodingOf(coding, levels);
  const stream = (prompt: boolean) => {
    const encoder = real.stream(prompt);
    encoders.push(encoder);
    return encoder;
  };
  const encoding: Encoding = { ...real, stream };
  const source = new ManualSource(length);
  const flow = { into: new Counter(), out: new Counter() };
  const body = new CompressedBody(source, encoding, length < 0, flow);
  const sink = new RecordingSink();
  const bytes = () => Buffer.from(sink.text, 'latin1');
  return { source, body, sink, flow, encoders, bytes, text: () => decoded(coding, bytes()).toString('latin1') };
}

/** All encoders have given back what they held. */
async function freed(encoders: readonly Encoder[]): Promise<boolean> {
  await Promise.all(encoders.map((one) => one.closed || new Promise((resolve) => one.once('close', resolve))));
  return encoders.every((one) => one.destroyed);
}

describe.each(CODINGS)('A body in %s', (coding) => {
  test('that is all there in one turn is compressed at once, without a stream', () => {
    const { source, body, sink, encoders, text } = setUp({ coding });
    body.pipe(sink);
    expect([source.send('one '), source.send('two')]).toEqual([true, true]);
    source.end();
    expect([text(), sink.ends, sink.chunks.length, encoders]).toEqual(['one two', ['end'], 1, []]);
  });

  test('that comes as things happen shows each at once', async () => {
    const { source, body, sink, bytes, encoders, text } = setUp({ coding });
    body.pipe(sink);
    let sent = '';
    for (const event of ['data: one\n\n', 'data: two\n\n', 'data: three\n\n']) {
      sent += event;
      source.send(event);
      await sink.until(() => sink.size > 0 && decodedSoFar(coding, bytes()).toString() === sent);
    }
    source.end();
    await sink.ended();
    expect([text(), sink.ends, encoders.length, await freed(encoders)]).toEqual([sent, ['end'], 1, true]);
  });

  test('that is long goes through a stream, in pieces', async () => {
    const { source, body, sink, flow, encoders, text } = setUp({ coding, length: PIECE.length * 20 });
    body.pipe(sink);
    for (let sent = 0; sent < 20; sent++) source.send(PIECE);
    source.end();
    await sink.ended();
    expect([text(), sink.ends, encoders.length]).toEqual([PIECE.repeat(20), ['end'], 1]);
    expect([flow.into.value, flow.out.value]).toEqual([PIECE.length * 20, sink.size]);
  });

  test.each([
    ['before its first byte', async () => {}],
    ['after a piece', async (source: ManualSource) => void source.send(PIECE)],
    [
      'while the encoder works',
      async (source: ManualSource) => {
        source.send(PIECE);
        await turn();
      },
    ],
    [
      'with its encoder full',
      async (source: ManualSource) => {
        for (let sent = 0; sent < 100; sent++) source.send(PIECE);
      },
    ],
    [
      'when the encoder works on its end',
      async (source: ManualSource) => {
        source.send(PIECE);
        await turn();
        source.end();
      },
    ],
  ])('that nobody wants any more, %s, is given up, with its memory', async (_, until) => {
    const { source, body, sink, encoders } = setUp({ coding });
    body.pipe(sink);
    const inner = source.sink as Sink;
    await until(source);
    body.cancel();
    body.cancel();
    const size = sink.size;
    for (let turns = 0; turns < 5; turns++) await turn();
    expect([inner.chunk(Buffer.from('x')), source.asked.filter((one) => one === 'cancel')]).toEqual([false, ['cancel']]);
    inner.end();
    inner.fail(new Error('late'));
    expect([await freed(encoders), sink.size, sink.ends]).toEqual([true, size, []]);
  });

  test.each([
    ['before its first byte', async () => {}],
    ['in its first turn', async (source: ManualSource) => void source.send(PIECE)],
    [
      'after some of it went out',
      async (source: ManualSource, sink: RecordingSink) => {
        source.send(PIECE);
        await sink.until(() => sink.size > 0);
      },
    ],
  ])('that breaks off, %s, breaks off and does not end', async (_, until) => {
    const { source, body, sink, bytes, encoders } = setUp({ coding });
    body.pipe(sink);
    await until(source, sink);
    const inner = source.sink as Sink;
    source.fail(new Error('gone'));
    inner.end();
    for (let turns = 0; turns < 5; turns++) await turn();
    expect([sink.ends, await freed(encoders)]).toEqual([['gone'], true]);
    expect(() => decoded(coding, bytes())).toThrow();
  });
});

test('A body of a known, small length waits for its end, however slowly it comes', async () => {
  const { source, body, sink, encoders, text } = setUp({ length: 8 });
  body.pipe(sink);
  source.send('1234');
  await turn();
  await turn();
  source.send('5678');
  expect([sink.size, encoders]).toEqual([0, []]);
  source.end();
  expect([text(), encoders]).toEqual(['12345678', []]);
});

test('A body without a byte is a whole one too', () => {
  const { source, body, sink, text } = setUp();
  body.pipe(sink);
  source.end();
  expect([text(), sink.ends]).toEqual(['', ['end']]);
});

test('A body that is piped to nobody holds nothing', () => {
  const { source, body, encoders } = setUp();
  expect(body.length).toBe(-1);
  body.resume();
  body.cancel();
  expect([source.asked, encoders]).toEqual([['cancel'], []]);
});

test('What comes in one turn, or while the encoder works, goes together', async () => {
  const { source, body, sink, encoders, bytes } = setUp();
  body.pipe(sink);
  source.send('one ');
  await turn();
  const [encoder] = encoders as [Encoder];
  const given: string[] = [];
  const { write } = encoder;
  encoder.write = (...args: unknown[]) => {
    given.push(String(args[0]));
    return Reflect.apply(write, encoder, args);
  };
  for (const piece of ['two ', 'three ', 'four']) source.send(piece);
  await sink.until(() => decodedSoFar('gzip', bytes()).toString() === 'one two three four');
  expect(given).toEqual(['two three four']);
  body.cancel();
});

test('Trailers come after the body, without sums over bytes that were never sent', () => {
  const { source, body, sink } = setUp();
  body.pipe(sink);
  source.send('x');
  source.end(
    Headers.from([
      ['Server-Timing', 'a'],
      ['Content-Digest', 'sha-256=:x:'],
      ['Repr-Digest', 'sha-256=:x:'],
    ]),
  );
  expect(sink.trailers?.flat()).toEqual(['Server-Timing', 'a']);
});

describe('A sink that wants no more', () => {
  test.each([-1, MOST * SIZE])('stops a source of length %i, and gets all once it goes on', async (length) => {
    const { source, body, sink, text } = setUp({ length });
    const state = { sent: 0, open: true, resumes: 0 };
    body.pipe(sink);
    sink.open = false;
    await sendUntilStill(source, state);
    expect(state.open).toBe(false);
    expect(state.sent * SIZE).toBeLessThan(300_000);
    expect([sink.chunks.length, sink.size <= 16 * 1024]).toEqual([1, true]);
    const { sent } = state;
    await sendUntilStill(source, state);
    expect([state.sent, sink.chunks.length]).toEqual([sent, 1]);
    sink.open = true;
    body.resume();
    while (state.sent < MOST) await sendFor(1, source, state);
    source.end();
    await sink.ended();
    expect(text()).toHaveLength(MOST * SIZE);
  });
});

describe('A fault', () => {
  test('of the encoder breaks the body off and stops its source', async () => {
    const { source, body, sink, encoders } = setUp();
    body.pipe(sink);
    source.send(PIECE);
    await turn();
    encoders[0]?.destroy(new Error('no memory'));
    await sink.ended();
    expect([sink.ends, source.cancelled]).toEqual([['no memory'], true]);
  });

  test('in making the encoder breaks the body off', async () => {
    const source = new ManualSource();
    const broken: Encoding = {
      ...encodingOf('gzip', levels),
      stream: () => {
        throw new Error('no memory');
      },
    };
    const sink = new RecordingSink();
    new CompressedBody(source, broken, true, { into: new Counter(), out: new Counter() }).pipe(sink);
    source.send('x');
    await sink.ended();
    expect([sink.ends, source.cancelled]).toEqual([['no memory'], true]);
  });

  test('of the sink costs this body alone', async () => {
    const { source, body, sink, encoders } = setUp();
    sink.onChunk = () => {
      throw new Error('a fault of ours');
    };
    body.pipe(sink);
    source.send(PIECE);
    await sink.ended();
    expect([sink.ends, source.cancelled, await freed(encoders)]).toEqual([['a fault of ours'], true, true]);
  });

  test('a sink that gives up inside its last piece hears no end', () => {
    const { source, body, sink } = setUp();
    sink.onChunk = () => body.cancel();
    body.pipe(sink);
    source.send('x');
    source.end();
    expect([sink.chunks.length, sink.ends]).toEqual([1, []]);
  });
});
