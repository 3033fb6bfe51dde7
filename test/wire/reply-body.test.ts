import { describe, expect, test } from 'vitest';
import { UNTIL_CLOSE } from '../../src/wire/body-reader.ts';
import { ReplyBody } from '../../src/wire/reply-body.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp(framing: 'chunked' | number) {
  const told: string[] = [];
  const body = new ReplyBody(
    {
      bodyAwaited: (waiting) => void told.push(waiting ? 'awaited' : 'enough'),
      bodyResumed: () => void told.push('resumed'),
      bodyRefused: (problem) => void told.push(problem),
      bodyAbandoned: () => void told.push('abandoned'),
      bodyDone: (exact) => void told.push(exact ? 'done' : 'done, not exactly'),
    },
    framing,
  );
  const read = (text: string) => body.read(Buffer.from(text, 'latin1'));
  return { told, body, read, sink: new RecordingSink() };
}

describe('The body of a reply', () => {
  test('asks for more until it is done', () => {
    const { told, body, read, sink } = setUp(4);
    body.source.pipe(sink);
    expect(told).toEqual(['resumed']);
    expect(read('ab')).toBe(true);
    expect([read('cd'), sink.text, sink.ends, told]).toEqual([true, 'abcd', ['end'], ['resumed', 'awaited', 'done']]);
  });

  test('gives first what came with the head', () => {
    const { body, read, sink } = setUp(4);
    expect(body.prefeed(Buffer.from('ab'))).toBe(2);
    body.source.pipe(sink);
    read('cd');
    expect([sink.text, sink.ends]).toEqual(['abcd', ['end']]);
  });

  test('is not exact when something comes after it', () => {
    const { told, body, read, sink } = setUp(2);
    body.source.pipe(sink);
    read('abX');
    expect([sink.text, sink.ends, told.at(-1)]).toEqual(['ab', ['end'], 'done, not exactly']);
  });

  test('that is not framed as it says is refused', () => {
    const { told, body, read, sink } = setUp('chunked');
    body.source.pipe(sink);
    expect(read('1\r\nab')).toBe(false);
    expect([sink.ends, told.at(-1)]).toEqual([[], 'chunk data longer than its size']);
  });

  test('is kept, and reading stops, until somebody reads it', () => {
    const { told, body, read, sink } = setUp(6);
    expect([read('ab'), read('cd'), told, body.released]).toEqual([false, false, [], false]);
    body.source.pipe(sink);
    expect([sink.text, told]).toEqual(['abcd', ['resumed', 'awaited']]);
  });

  test('is kept, and reading stops, while its reader is slow', () => {
    const { told, body, read, sink } = setUp(6);
    body.source.pipe(sink);
    sink.open = false;
    expect([read('ab'), told.at(-1)]).toEqual([false, 'enough']);
    expect(read('cd')).toBe(false);
    body.source.resume();
    expect([sink.text, told.at(-1)]).toEqual(['abcd', 'enough']);
    sink.open = true;
    body.source.resume();
    expect(told.at(-1)).toBe('resumed');
  });

  test('ends with what was kept, when that was all', () => {
    const { told, body, read, sink } = setUp(4);
    body.source.pipe(sink);
    sink.open = false;
    read('ab');
    read('cd');
    body.source.resume();
    expect([sink.text, sink.ends, told.at(-1)]).toEqual(['abcd', ['end'], 'done']);
  });

  test('that nobody wants is told, and reading stops', () => {
    const { told, body, read, sink } = setUp(4);
    body.source.pipe(sink);
    sink.onChunk = () => body.source.cancel();
    expect(read('ab')).toBe(false);
    expect([sink.ends, told.at(-1)]).toEqual([[], 'abandoned']);
  });

  test('says whether its reader is done with the last bytes', () => {
    const { body, read } = setUp(9);
    const sink = Object.assign(new RecordingSink(), { released: true });
    body.source.pipe(sink);
    read('ab');
    expect(body.released).toBe(true);
    sink.open = false;
    read('cd');
    read('ef');
    expect(body.released).toBe(false);
  });
});

describe('An upstream that sends no more', () => {
  test('ends a body that ends so', () => {
    const { told, body, read, sink } = setUp(UNTIL_CLOSE);
    body.source.pipe(sink);
    read('ab');
    body.finish();
    expect([sink.text, sink.ends, told.at(-1)]).toEqual(['ab', ['end'], 'done, not exactly']);
  });

  test.each([4, 'chunked'] as const)('breaks one framed by %s', (framing) => {
    const { told, body, sink } = setUp(framing);
    body.source.pipe(sink);
    body.finish();
    expect([sink.error, told.at(-1)]).toMatchObject([{ code: 'upstream_reset' }, 'done, not exactly']);
  });

  test('ends it only after what is kept, whoever reads it and whenever', () => {
    const { told, body, read, sink } = setUp(UNTIL_CLOSE);
    read('ab');
    body.finish();
    expect(told).toEqual([]);
    body.source.pipe(sink);
    expect([sink.text, sink.ends, told.at(-1)]).toEqual(['ab', ['end'], 'done, not exactly']);
  });

  test('ends it only after what is kept for a slow reader', () => {
    const { body, read, sink } = setUp(UNTIL_CLOSE);
    body.source.pipe(sink);
    sink.open = false;
    read('ab');
    read('cd');
    body.finish();
    body.source.resume();
    expect([sink.text, sink.ends]).toEqual(['abcd', []]);
    body.source.resume();
    expect(sink.ends).toEqual(['end']);
  });

  test('after a whole body that was kept leaves it whole', () => {
    const { told, body, read, sink } = setUp(4);
    body.source.pipe(sink);
    sink.open = false;
    read('ab');
    read('cd');
    body.finish();
    body.source.resume();
    expect([sink.text, sink.ends, told.filter((one) => one.startsWith('done'))]).toEqual(['abcd', ['end'], ['done']]);
  });
});
