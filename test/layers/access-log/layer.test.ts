import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { Reply } from '../../../src/http/reply.ts';
import { accessLog } from '../../../src/layers/access-log/layer.ts';
import { logSchema } from '../../../src/telemetry/config.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function setUp() {
  const lines: Record<string, unknown>[] = [];
  const sink = { add: (line: string) => void lines.push(JSON.parse(line)) };
  const layer = accessLog(logSchema.parse({}).access, sink, new ManualClock());
  return { lines, layer };
}

test('a request is logged once, when it has ended', async () => {
  const { lines, layer } = setUp();
  const reply = new Reply(200, undefined, 'abc');
  const exchange = exchangeOf();
  exchange.reply = await layer(async () => reply)(exchange);
  expect(exchange.reply).toBe(reply);
  expect(lines).toEqual([]);
  exchange.end({ status: 200, error: undefined });
  exchange.end({ status: 500, error: undefined });
  expect(lines).toMatchObject([{ status: 200, bytes: 3 }]);
});

test('an answer that is there at once stays at once', () => {
  const { lines, layer } = setUp();
  const reply = new Reply(204);
  const exchange = exchangeOf();
  exchange.reply = layer(() => reply)(exchange) as Reply;
  expect(exchange.reply).toBe(reply);
  exchange.end({ status: 204, error: undefined });
  expect(lines).toMatchObject([{ status: 204, bytes: 0 }]);
});

test.each(['throws', 'rejects'])('a request whose handler %s is logged, and the error goes on', async (how) => {
  const { lines, layer } = setUp();
  const error = new GatewayError('upstream_reset');
  const handler = layer(() => {
    if (how === 'throws') throw error;
    return Promise.reject(error);
  });
  const exchange = exchangeOf();
  await expect(async () => handler(exchange)).rejects.toBe(error);
  exchange.end({ status: 502, error });
  expect(lines).toMatchObject([{ status: 502, error: 'upstream_reset' }]);
  expect(lines[0]).not.toHaveProperty('bytes');
});

test('a request that left before its answer is logged as it was', () => {
  const { lines, layer } = setUp();
  const exchange = exchangeOf({ target: '/slow' });
  void layer(() => new Promise<Reply>(() => {}))(exchange);
  exchange.end({ status: 499, error: new GatewayError('client_gone') });
  expect(lines).toMatchObject([{ target: '/slow', status: 499, error: 'client_gone' }]);
});
