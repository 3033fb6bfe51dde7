import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/http/body.ts';
import { Replay } from '../../src/http/replay.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp(limit = 10) {
  const source = new ManualSource(7);
  return { source, replay: new Replay(source, limit), first: new RecordingSink(), second: new RecordingSink() };
}

const turn = (replay: Replay) => replay.again() as Source;

describe('A body that is handed from one consumer to the next', () => {
  test('is as long as it was, and the next one gets it from its start', () => {
    const { source, replay, first, second } = setUp();
    turn(replay).pipe(first);
    source.send('abc');
    const next = turn(replay);
    expect(next.length).toBe(7);
    next.pipe(second);
    source.send('defg');
    source.end();
    expect([first.text, first.ends, second.text, second.ends]).toEqual(['abc', [], 'abcdefg', ['end']]);
  });

  test('does not mind what the one before does with it', () => {
    const { source, replay, first, second } = setUp();
    const before = turn(replay);
    before.pipe(first);
    second.open = false;
    turn(replay).pipe(second);
    source.send('abc');
    before.resume();
    before.cancel();
    before.pipe(first);
    source.send('d');
    expect([first.text, second.text, source.asked]).toEqual(['', 'abcd', ['pipe']]);
  });

  test('is resumed and cancelled by the one whose turn it is', () => {
    const { source, replay, second } = setUp(0);
    const now = turn(replay);
    second.open = false;
    now.pipe(second);
    source.send('abc');
    now.resume();
    now.cancel();
    expect(source.asked).toEqual(['pipe', 'resume', 'cancel']);
  });

  test('stops between two turns, and keeps what comes all the same', () => {
    const { source, replay, first, second } = setUp(4);
    turn(replay).pipe(first);
    expect(source.send('abc')).toBe(true);
    const next = turn(replay);
    expect([source.send('def'), replay.known]).toEqual([false, true]);
    next.pipe(second);
    expect([second.text, source.resumes, replay.known]).toEqual(['abcdef', 1, false]);
  });

  test('has no further turn once more than the limit has passed, or it broke off', () => {
    const long = setUp(2);
    turn(long.replay).pipe(long.first);
    long.source.send('abc');
    expect([long.replay.known, long.replay.again()]).toEqual([false, undefined]);
    const broken = setUp();
    turn(broken.replay).pipe(broken.first);
    broken.source.fail(new Error('gone'));
    expect([broken.replay.known, broken.replay.again()]).toEqual([false, undefined]);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), text: fc.string({ maxLength: 5, unit: 'binary-ascii' }) }),
  fc.record({ do: fc.constantFrom('turn' as const, 'pipe' as const, 'old' as const, 'block' as const, 'end' as const) }),
);

test('Whenever it changes hands, each consumer gets a beginning of it, the last one all, and no two at a time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(30), (steps, limit) => {
      const source = new ManualSource();
      const replay = new Replay(source, limit);
      const takers: { pass: Source; sink: RecordingSink; piped: boolean }[] = [];
      const next = () => {
        const pass = replay.again();
        expect(pass === undefined).toBe(!replay.known);
        if (pass !== undefined) takers.push({ pass, sink: new RecordingSink(), piped: false });
      };
      const pipe = () => {
        const taker = takers.at(-1);
        if (taker === undefined || taker.piped) return;
        taker.piped = true;
        taker.pass.pipe(taker.sink);
      };
      let text = '';
      let ended = false;
      next();
      for (const one of steps) {
        const sizes = takers.map(({ sink }) => sink.size + sink.ends.length);
        const current = takers.length - 1;
        if (one.do === 'send' && source.sink !== undefined && !ended) {
          text += one.text;
          source.send(one.text);
        } else if (one.do === 'turn') next();
        else if (one.do === 'pipe') pipe();
        else if (one.do === 'end' && source.sink !== undefined) {
          if (!ended) source.end();
          ended = true;
        } else if (one.do === 'block') for (const { sink } of takers.slice(-1)) sink.open = !sink.open;
        else if (one.do === 'old') {
          for (const { pass } of takers.slice(0, -1)) {
            pass.resume();
            pass.cancel();
          }
        }
        for (const [at, { sink }] of takers.entries()) {
          expect(text.startsWith(sink.text)).toBe(true);
          if (at < current) expect(sink.size + sink.ends.length).toBe(sizes[at]);
        }
      }
      pipe();
      if (!ended) source.end();
      const last = takers.at(-1);
      expect([last?.sink.text, last?.sink.ends]).toEqual([text, ['end']]);
    }),
    { numRuns: 500 },
  );
});
