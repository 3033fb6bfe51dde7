import { describe, expect, test } from 'vitest';
import { BodyReader, UNTIL_CLOSE } from '../../src/wire/body-reader.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp(framing: 'chunked' | number) {
  const owner = {
    asked: [] as string[],
    bodyWanted() {
      this.asked.push('wanted');
    },
    bodyAbandoned() {
      this.asked.push('abandoned');
    },
  };
  const body = new BodyReader(owner, framing);
  const feed = (text: string) => body.feed(Buffer.from(text, 'latin1'), 0, text.length);
  const prefeed = (text: string) => body.prefeed(Buffer.from(text, 'latin1'), 0, text.length);
  return { body, sink: new RecordingSink(), asked: owner.asked, feed, prefeed };
}

const broken = new Error('broken');

describe('A body of known length', () => {
  test('takes its bytes, ends, and leaves what is not its', () => {
    const { body, sink, asked, feed } = setUp(5);
    body.pipe(sink);
    expect(asked).toEqual(['wanted']);
    expect([body.length, body.missing, feed('ab')]).toEqual([5, 5, 2]);
    expect([body.missing, body.done, sink.ends]).toEqual([3, false, []]);
    expect(feed('cdeXY')).toBe(3);
    expect([body.missing, body.done, sink.text, sink.ends]).toEqual([0, true, 'abcde', ['end']]);
  });

  test('that the connection cuts short has failed', () => {
    const { body, sink, feed } = setUp(5);
    body.pipe(sink);
    feed('ab');
    body.finish(broken);
    expect([body.done, sink.text, sink.ends]).toEqual([true, 'ab', ['broken']]);
  });

  test('is given on without a copy when it is a whole buffer', () => {
    const { body, feed } = setUp(5);
    let got: Uint8Array | undefined;
    const chunk = (bytes: Uint8Array) => {
      got = bytes;
      return true;
    };
    body.pipe({ chunk, end: () => {}, fail: () => {} });
    const buf = Buffer.from('abc');
    body.feed(buf, 0, 3);
    expect(got).toBe(buf);
    feed('de');
  });
});

describe('A chunked body', () => {
  test('takes its chunks and trailers, ends, and leaves what is not its', () => {
    const { body, sink, feed } = setUp('chunked');
    body.pipe(sink);
    expect([body.length, body.missing]).toEqual([-1, -1]);
    expect(feed('2\r\nab\r\n1\r')).toBe(9);
    expect(feed('\nc\r\n0\r\nX: y\r\n\r\nrest')).toBe(15);
    expect([body.done, body.missing, sink.chunks, sink.ends]).toEqual([true, 0, ['ab', 'c'], ['end']]);
    expect(sink.trailers?.lines()).toBe('X: y\r\n');
  });

  test('whose framing is broken says why, and its consumer hears it from the connection', () => {
    const { body, sink, feed } = setUp('chunked');
    body.pipe(sink);
    expect(body.problem).toBe('');
    expect(feed('x')).toBe(-2);
    expect([body.problem, body.done, sink.ends]).toEqual(['a chunk without a size', false, []]);
    body.fail(broken);
    expect(sink.ends).toEqual(['broken']);
  });

  test('that the connection cuts short has failed', () => {
    const { body, sink, feed } = setUp('chunked');
    body.pipe(sink);
    feed('1\r\na\r\n');
    body.finish(broken);
    expect(sink.ends).toEqual(['broken']);
  });
});

describe('A body until the connection closes', () => {
  test('takes everything and ends with it', () => {
    const { body, sink, feed } = setUp(UNTIL_CLOSE);
    body.pipe(sink);
    expect([feed('abc'), feed('de'), body.done, body.missing]).toEqual([3, 2, false, -1]);
    body.finish(broken);
    expect([sink.text, sink.ends]).toEqual(['abcde', ['end']]);
  });

  test('that breaks off has failed', () => {
    const { body, sink, feed } = setUp(UNTIL_CLOSE);
    body.pipe(sink);
    feed('abc');
    body.fail(broken);
    body.finish(broken);
    expect(sink.ends).toEqual(['broken']);
  });

  test('that closed before anyone read is whole', () => {
    const { body, sink, prefeed } = setUp(UNTIL_CLOSE);
    prefeed('abc');
    body.finish(broken);
    body.pipe(sink);
    expect([sink.text, sink.ends]).toEqual(['abc', ['end']]);
  });
});

describe('What came before anyone read', () => {
  test('is the whole body, when it is', () => {
    expect(setUp(3).body.whole()).toBeUndefined();
    const { body, prefeed } = setUp(3);
    expect(prefeed('abcX')).toBe(3);
    expect(body.whole()?.toString()).toBe('abc');
    const empty = setUp('chunked');
    empty.prefeed('0\r\n\r\n');
    expect(empty.body.whole()?.length).toBe(0);
  });

  test.each([
    ['a part', '2\r\nab\r\n'],
    ['whole with trailers', '2\r\nab\r\n0\r\nX: y\r\n\r\n'],
  ])('is not when it is %s', (_, text) => {
    const { body, prefeed } = setUp('chunked');
    prefeed(text);
    expect(body.whole()).toBeUndefined();
  });

  test('is not when it failed, or when somebody reads', () => {
    const failed = setUp(3);
    failed.prefeed('a');
    failed.body.fail(broken);
    expect(failed.body.whole()).toBeUndefined();
    const read = setUp(3);
    read.prefeed('abc');
    read.body.pipe(read.sink);
    expect(read.body.whole()).toBeUndefined();
  });

  test('comes first to the one who reads, then the end and the trailers', () => {
    const { body, sink, asked, prefeed } = setUp('chunked');
    prefeed('2\r\nab\r\n0\r\nX: y\r\n\r\n');
    body.pipe(sink);
    expect([sink.text, sink.ends, sink.trailers?.lines(), asked]).toEqual(['ab', ['end'], 'X: y\r\n', []]);
  });

  test('comes first, then what follows', () => {
    const { body, sink, asked, feed, prefeed } = setUp(4);
    prefeed('ab');
    body.pipe(sink);
    expect(asked).toEqual(['wanted']);
    feed('cd');
    expect([sink.text, sink.ends]).toEqual(['abcd', ['end']]);
  });

  test('comes first, then that it broke off', () => {
    const { body, sink, prefeed } = setUp(4);
    prefeed('ab');
    body.fail(broken);
    body.pipe(sink);
    expect([sink.text, sink.ends]).toEqual(['ab', ['broken']]);
  });

  test('may fill a slow reader: the rest is wanted when it goes on', () => {
    const { body, sink, asked, prefeed } = setUp(4);
    prefeed('ab');
    sink.open = false;
    body.pipe(sink);
    expect([body.flowing, asked]).toEqual([false, []]);
    body.resume();
    expect([body.flowing, asked]).toEqual([true, ['wanted']]);
  });

  test('may be enough: who cancels in it hears no end and no error', () => {
    for (const then of ['nothing', 'the end', 'a failure']) {
      const { body, sink, asked, prefeed } = setUp(then === 'the end' ? 2 : 4);
      prefeed('ab');
      if (then === 'a failure') body.fail(broken);
      sink.onChunk = () => body.cancel();
      body.pipe(sink);
      expect(sink.ends).toEqual([]);
      expect(asked).toEqual(then === 'nothing' ? ['abandoned'] : []);
    }
  });
});

describe('A consumer', () => {
  test('is the only one', () => {
    const { body, sink } = setUp(3);
    body.pipe(sink);
    expect(() => body.pipe(sink)).toThrow('a body can be read once');
  });

  test('is waited for', () => {
    const { body, sink, asked, feed } = setUp(9);
    expect([body.flowing, body.piped]).toEqual([false, false]);
    body.pipe(sink);
    expect([body.flowing, body.piped]).toEqual([true, true]);
    sink.open = false;
    feed('ab');
    expect(body.flowing).toBe(false);
    body.resume();
    body.resume();
    expect([body.flowing, asked]).toEqual([true, ['wanted', 'wanted']]);
  });

  test('that was asked to wait and goes on after the end wakes nobody', () => {
    const { body, sink, asked, feed } = setUp(2);
    body.pipe(sink);
    sink.open = false;
    feed('ab');
    body.resume();
    expect([asked, sink.ends]).toEqual([['wanted'], ['end']]);
  });

  test('that cancels hears nothing further, while the body still finds its end', () => {
    const { body, sink, asked, feed } = setUp(4);
    body.pipe(sink);
    feed('a');
    body.cancel();
    body.cancel();
    expect([asked, body.flowing, body.abandoned]).toEqual([['wanted', 'abandoned'], false, true]);
    expect(feed('bcdX')).toBe(3);
    expect([body.done, sink.text, sink.ends]).toEqual([true, 'a', []]);
    body.resume();
    expect(asked).toHaveLength(2);
  });

  test.each(['finish', 'fail'] as const)('that has cancelled does not hear of a %s', (how) => {
    const { body, sink } = setUp(4);
    body.pipe(sink);
    body.cancel();
    body[how](broken);
    expect([body.done, sink.ends]).toEqual([true, []]);
  });

  test('that cancels a chunked body leaves it to be read to its end', () => {
    const { body, sink, feed } = setUp('chunked');
    body.pipe(sink);
    body.cancel();
    feed('2\r\nab\r\n0\r\nX: y\r\n\r\n');
    expect([body.done, sink.text, sink.ends]).toEqual([true, '', []]);
  });

  test('that cancels what is done bothers nobody', () => {
    const { body, sink, asked, feed } = setUp(1);
    body.pipe(sink);
    feed('a');
    body.cancel();
    body.fail(broken);
    body.finish(broken);
    expect([asked, sink.ends]).toEqual([['wanted'], ['end']]);
  });

  test('that cancels with the last bytes hears no end', () => {
    const { body, sink, asked, feed } = setUp(2);
    sink.onChunk = () => body.cancel();
    body.pipe(sink);
    expect(feed('abX')).toBe(2);
    expect([sink.ends, asked]).toEqual([[], ['wanted']]);
  });

  test('says whether it is done with the bytes it got', () => {
    const { body } = setUp(4);
    expect(body.released).toBe(false);
    body.pipe({ chunk: () => true, end: () => {}, fail: () => {}, released: true });
    expect(body.released).toBe(true);
  });
});
