import { describe, expect, test } from 'vitest';
import { REPLAY_LIMIT, Replay } from '../../src/http/replay.ts';
import { arrived } from '../support/arrived.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp(limit = 10, length = -1) {
  const source = new ManualSource(length);
  return { source, replay: new Replay(source, limit), first: new RecordingSink(), second: new RecordingSink() };
}

describe('A body that may be sent again', () => {
  test('is as long as the one it keeps, and starts it only when somebody reads', () => {
    const { source, replay, first } = setUp(10, 42);
    expect(replay.length).toBe(42);
    expect(source.asked).toEqual([]);
    replay.pipe(first);
    expect(source.asked).toEqual(['pipe']);
  });

  test('passes on bytes, trailers and the end as they come', () => {
    const { source, replay, first } = setUp();
    const trailers = arrived('a: 1');
    replay.pipe(first);
    expect(source.send('ab')).toBe(true);
    first.open = false;
    expect(source.send('cd')).toBe(false);
    source.end(trailers);
    expect(first.chunks).toEqual(['ab', 'cd']);
    expect(first.ends).toEqual(['end']);
    expect(first.trailers).toBe(trailers);
  });

  test('passes on that it broke off, and cannot be sent again then', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('ab');
    source.fail(new Error('broken'));
    expect(first.ends).toEqual(['broken']);
    expect(replay.rewind()).toBe(false);
    replay.pipe(second);
    expect([second.text, second.ends]).toEqual(['ab', ['broken']]);
  });

  test('asks its source to go on only after it was told to wait', () => {
    const { source, replay, first } = setUp();
    replay.pipe(first);
    replay.resume();
    source.send('a');
    replay.resume();
    expect(source.asked).toEqual(['pipe']);
    first.open = false;
    source.send('b');
    replay.resume();
    replay.resume();
    expect(source.asked).toEqual(['pipe', 'resume']);
  });
});

describe('A rewind', () => {
  test('gives the next consumer all from the start, then the rest as it comes', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('ab');
    expect(replay.rewind()).toBe(true);
    replay.pipe(second);
    expect(second.text).toBe('ab');
    source.send('cd');
    source.end();
    expect(first.chunks).toEqual(['ab']);
    expect(first.ends).toEqual([]);
    expect(second.chunks).toEqual(['ab', 'cd']);
    expect(second.ends).toEqual(['end']);
  });

  test('before anything came gives the next consumer everything', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    expect(replay.rewind()).toBe(true);
    replay.pipe(second);
    expect(source.asked).toEqual(['pipe']);
    source.send('ab');
    source.end();
    expect([first.text, second.text, second.ends]).toEqual(['', 'ab', ['end']]);
  });

  test('after the end gives the whole again, trailers too', () => {
    const { source, replay, first, second } = setUp();
    const trailers = arrived('a: 1');
    replay.pipe(first);
    source.send('ab');
    source.end(trailers);
    expect(replay.rewind()).toBe(true);
    replay.pipe(second);
    expect(second.chunks).toEqual(['ab']);
    expect(second.ends).toEqual(['end']);
    expect(second.trailers).toBe(trailers);
  });

  test('keeps what comes while nobody reads, and has the source wait until somebody does', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('ab');
    replay.rewind();
    expect(source.send('cd')).toBe(false);
    expect(source.asked).toEqual(['pipe']);
    replay.pipe(second);
    expect(second.text).toBe('abcd');
    expect(source.asked).toEqual(['pipe', 'resume']);
  });

  test('promises the beginning to whoever reads next, however much comes before', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('12345678');
    expect(replay.rewind()).toBe(true);
    expect(source.send('90abc')).toBe(false);
    replay.pipe(second);
    expect(second.text).toBe('1234567890abc');
    expect(replay.rewind()).toBe(false);
  });

  test('lets a slow consumer of what is kept catch up before the source goes on', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    first.open = false;
    source.send('ab');
    replay.rewind();
    second.open = false;
    replay.pipe(second);
    expect(source.asked).toEqual(['pipe']);
    replay.resume();
    expect(source.asked).toEqual(['pipe', 'resume']);
  });

  test('is possible again and again', () => {
    const { source, replay } = setUp();
    for (let turn = 1; turn <= 3; turn++) {
      const sink = new RecordingSink();
      replay.pipe(sink);
      source.send('a');
      expect(sink.text).toBe('a'.repeat(turn));
      expect(replay.rewind()).toBe(true);
    }
  });

  test.each([
    [10, true],
    [11, false],
  ])('after %d bytes of at most 10 is possible: %s', (bytes, possible) => {
    const { source, replay, first } = setUp();
    replay.pipe(first);
    for (let sent = 0; sent < bytes; sent++) source.send('x');
    expect(first.size).toBe(bytes);
    expect(replay.rewind()).toBe(possible);
  });

  test('is not possible once the limit was passed, however little comes then', () => {
    const { source, replay, first } = setUp(REPLAY_LIMIT);
    replay.pipe(first);
    source.send('x'.repeat(REPLAY_LIMIT + 1));
    source.send('y');
    expect(replay.rewind()).toBe(false);
  });

  test('is not possible once nobody will ask for it', () => {
    const { source, replay, first } = setUp();
    replay.pipe(first);
    source.send('a');
    replay.seal();
    source.send('b');
    expect(replay.rewind()).toBe(false);
    expect(first.text).toBe('ab');
  });
});

describe('A consumer that cancels', () => {
  test('hears nothing further; the source waits for the next one', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('ab');
    replay.cancel();
    expect(source.send('cd')).toBe(false);
    expect([first.text, source.cancelled]).toEqual(['ab', false]);
    replay.pipe(second);
    expect(second.text).toBe('abcd');
  });

  test('in the middle of what is kept gets neither the end nor more of the source', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('ab');
    source.end();
    replay.rewind();
    second.onChunk = () => replay.cancel();
    replay.pipe(second);
    expect(second.ends).toEqual([]);
  });

  test('in the middle of what is kept gets no second piece of it', () => {
    const { source, replay, first, second } = setUp();
    replay.pipe(first);
    source.send('ab');
    source.send('cd');
    replay.rewind();
    second.onChunk = () => replay.cancel();
    replay.pipe(second);
    expect(second.chunks).toEqual(['ab']);
  });

  test('after the limit was passed cancels the source: nobody can follow', () => {
    const { source, replay, first } = setUp();
    replay.pipe(first);
    source.send('x'.repeat(11));
    replay.cancel();
    expect(source.cancelled).toBe(true);
  });

  test('when nobody can follow cancels the source, in either order', () => {
    for (const order of [
      ['seal', 'cancel'],
      ['cancel', 'seal'],
    ] as const) {
      const { source, replay, first } = setUp();
      replay.pipe(first);
      for (const step of order) replay[step]();
      expect(source.cancelled).toBe(true);
    }
  });

  test('leaves the source alone while one reads and it is only sealed', () => {
    const { source, replay, first } = setUp();
    replay.pipe(first);
    replay.seal();
    expect(source.cancelled).toBe(false);
  });
});
