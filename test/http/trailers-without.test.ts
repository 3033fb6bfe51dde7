import { describe, expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import { TrailersWithout } from '../../src/http/trailers-without.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp() {
  const source = new ManualSource(-1);
  const body = new TrailersWithout(source, ['x-user', 'x_user']);
  const sink = new RecordingSink();
  body.pipe(sink);
  return { source, body, sink };
}

describe('A body without some trailers', () => {
  test('passes all else on', () => {
    const { source, body, sink } = setUp();
    expect(body.length).toBe(-1);
    expect(source.send('hello')).toBe(true);
    sink.open = false;
    expect(source.send('more')).toBe(false);
    body.resume();
    source.end(
      Headers.from([
        ['X-User', 'root'],
        ['x_user', 'root'],
        ['X-Sum', '7'],
      ]),
    );
    expect([sink.text, sink.ends, sink.trailers?.flat()]).toEqual(['hellomore', ['end'], ['X-Sum', '7']]);
  });

  test('ends without any', () => {
    const { source, sink } = setUp();
    source.end();
    expect([sink.ends, sink.trailers]).toEqual([['end'], undefined]);
  });

  test('breaks off when what it reads does', () => {
    const { source, sink } = setUp();
    source.fail(new Error('gone'));
    expect(sink.ends).toEqual(['gone']);
  });

  test('says nothing more once nobody wants it', () => {
    const { source, body, sink } = setUp();
    body.cancel();
    expect(body.released).toBe(false);
    expect(source.asked).toContain('cancel');
    expect(sink.ends).toEqual([]);
  });
});
