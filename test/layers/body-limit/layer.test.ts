import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/http/body.ts';
import type { GatewayError } from '../../../src/http/errors.ts';
import type { Exchange } from '../../../src/http/exchange.ts';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { bodyLimit } from '../../../src/layers/body-limit/layer.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';

function setUp(length: number, limit = 10) {
  const source = new ManualSource(length);
  const exchange = exchangeOf({ body: source });
  const sink = new RecordingSink();
  let passed: Source | undefined;
  const handle = () =>
    bodyLimit(limit)((one: Exchange) => {
      passed = one.body;
      passed.pipe(sink);
      return new Reply(200);
    })(exchange);
  return { source, exchange, sink, handle, passed: () => passed };
}

const codeOf = (error: Error | undefined) => (error as GatewayError | undefined)?.code;

describe('A body of a known length', () => {
  test('within the limit passes as it is', () => {
    const { source, handle, passed } = setUp(10);
    handle();
    expect(passed()).toBe(source);
  });

  test('beyond the limit is refused, and not read', () => {
    const { source, handle, passed } = setUp(11);
    expect(handle).toThrow(expect.objectContaining({ code: 'content_too_large' }));
    expect([source.asked, passed()]).toEqual([[], undefined]);
  });
});

describe('A body of unknown length', () => {
  test('within the limit passes, with its trailers', () => {
    const { source, exchange, sink, handle } = setUp(-1);
    handle();
    source.send('12345');
    source.send('67890');
    source.end(Headers.from([['X', 'y']]));
    expect([sink.chunks, sink.ends, sink.trailers?.get('x')]).toEqual([['12345', '67890'], ['end'], 'y']);
    expect(exchange.cancelError).toBeUndefined();
  });

  test('is cut by the byte that is too many, and so is the exchange', () => {
    const { source, exchange, sink, handle } = setUp(-1);
    handle();
    source.send('1234567890');
    expect(source.send('1')).toBe(false);
    expect([sink.text, codeOf(sink.error), exchange.cancelError?.code]).toEqual([
      '1234567890',
      'content_too_large',
      'content_too_large',
    ]);
    expect([source.cancelled, sink.ends]).toEqual([true, [expect.any(String)]]);
  });

  test('is given up before the exchange is cancelled, so that what answers knows that it is not read', () => {
    const { source, exchange, handle } = setUp(-1);
    let known: boolean | undefined;
    exchange.onCancel(() => {
      known = source.cancelled;
    });
    handle();
    source.send('12345678901');
    expect(known).toBe(true);
  });

  test('says when its consumer has enough, and goes on when it is told to', () => {
    const { source, sink, handle, passed } = setUp(-1);
    handle();
    sink.open = false;
    expect(source.send('1')).toBe(false);
    passed()?.resume();
    expect(source.resumes).toBe(1);
    expect(passed()?.length).toBe(-1);
  });

  test('that its consumer has given up is heard no more', () => {
    const { source, exchange, sink, handle, passed } = setUp(-1);
    handle();
    const inner = source.sink;
    passed()?.cancel();
    inner?.chunk(Buffer.from('1'));
    inner?.end();
    expect([source.cancelled, sink.text, sink.ends, exchange.cancelError]).toEqual([true, '', [], undefined]);
  });

  test('that breaks off by itself does so for its consumer', () => {
    const { source, sink, handle } = setUp(-1);
    handle();
    source.fail(new Error('gone'));
    expect(sink.ends).toEqual(['gone']);
  });
});
