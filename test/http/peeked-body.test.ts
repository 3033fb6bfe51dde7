import { describe, expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import { type Peeked, PeekedBody } from '../../src/http/peeked-body.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp(length = -1, limit = 10) {
  const source = new ManualSource(length);
  const body = new PeekedBody(source, limit);
  const seen: Peeked[] = [];
  body.peek((peeked) => seen.push(peeked));
  const texts = () => seen.map((peeked) => ('whole' in peeked ? peeked.whole?.toString() : peeked.broken.message));
  return { source, body, seen, texts, sink: new RecordingSink() };
}

describe('A body that is looked at', () => {
  test('is seen when it is whole, and goes on byte for byte, with its trailers', () => {
    const { source, body, texts, sink } = setUp();
    expect(source.send('12345')).toBe(true);
    source.send('67890');
    expect(texts()).toEqual([]);
    source.end(Headers.from([['X', 'y']]));
    expect(texts()).toEqual(['1234567890']);
    body.pipe(sink);
    expect([sink.chunks, sink.ends, sink.trailers?.get('x')]).toEqual([['12345', '67890'], ['end'], 'y']);
    body.resume();
    expect(source.asked).toEqual(['pipe']);
  });

  test('keeps its length', () => {
    expect(setUp(7).body.length).toBe(7);
    expect(setUp(-1).body.length).toBe(-1);
  });

  test('that is longer is not seen, waits for its consumer, and goes on as it comes', () => {
    const { source, body, texts, sink } = setUp();
    source.send('12345');
    expect(source.send('678901')).toBe(false);
    expect(texts()).toEqual([undefined]);
    expect(source.send('late')).toBe(false);
    body.pipe(sink);
    expect(source.resumes).toBe(1);
    expect(source.send('more')).toBe(true);
    source.end();
    expect([sink.text, sink.ends, texts()]).toEqual(['12345678901latemore', ['end'], [undefined]]);
  });

  test('that is longer and ends before its consumer comes is whole for that', () => {
    const { source, body, texts, sink } = setUp();
    source.send('12345678901');
    source.end();
    expect(texts()).toEqual([undefined]);
    body.pipe(sink);
    expect([sink.text, sink.ends]).toEqual(['12345678901', ['end']]);
  });

  test('waits when its consumer asks for it', () => {
    const { source, body, sink } = setUp();
    sink.open = false;
    source.send('12345678901');
    body.pipe(sink);
    expect([sink.text, source.resumes]).toEqual(['12345678901', 0]);
    body.resume();
    expect(source.resumes).toBe(1);
    expect(source.send('x')).toBe(false);
  });

  test('that breaks off says so, to who looks and to who consumes', () => {
    const { source, body, texts, sink } = setUp();
    source.send('1');
    source.fail(new Error('gone'));
    expect(texts()).toEqual(['gone']);
    body.pipe(sink);
    expect([sink.text, sink.ends]).toEqual(['1', ['gone']]);
  });

  test('may break off later as well', () => {
    const { source, body, sink } = setUp();
    source.send('12345678901');
    body.pipe(sink);
    source.fail(new Error('gone'));
    expect(sink.ends).toEqual(['gone']);
  });

  test('is given up at any moment', () => {
    for (const after of ['nothing', 'a piece', 'too much', 'consumer']) {
      const { source, body, texts, sink } = setUp();
      if (after !== 'nothing') source.send(after === 'a piece' ? '1' : '12345678901');
      if (after === 'consumer') body.pipe(sink);
      const said = texts().length;
      const inner = source.sink;
      body.cancel();
      inner?.chunk(Buffer.from('x'));
      expect([source.cancelled, texts().length, sink.ends], after).toEqual([true, said, []]);
    }
  });

  test('that its consumer gives up on a piece is given no further', () => {
    const { source, body, sink } = setUp();
    source.send('1');
    source.send('2');
    source.end();
    sink.onChunk = () => body.cancel();
    body.pipe(sink);
    expect([sink.text, sink.ends]).toEqual(['1', []]);
  });

  test('may be whole at once', () => {
    const source = new ManualSource(2);
    source.onPipe = () => {
      source.send('ab');
      source.end();
    };
    let whole: Buffer | undefined;
    new PeekedBody(source, 10).peek((peeked) => {
      if ('whole' in peeked) whole = peeked.whole;
    });
    expect(whole?.toString()).toBe('ab');
  });
});
