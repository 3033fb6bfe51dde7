import { describe, expect, test } from 'vitest';
import { Reply } from '../../../src/http/reply.ts';
import { timeout } from '../../../src/layers/timeout/layer.ts';
import { Wheel } from '../../../src/lib/wheel.ts';
import { type Asking, exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function setUp(ms: number, status = 200, asking: Asking = {}) {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const exchange = exchangeOf(asking);
  const reply = Promise.resolve(timeout(ms, wheel)(() => Promise.resolve(new Reply(status)))(exchange));
  return { clock, wheel, exchange, reply };
}

describe('A route’s timeout', () => {
  test('cancels an exchange that takes longer', () => {
    const { clock, exchange } = setUp(1000);
    clock.advance(999);
    expect(exchange.cancelError).toBeUndefined();
    clock.advance(101);
    expect(exchange.cancelError?.code).toBe('route_timeout');
  });

  test('holds for the body as well as for the head', async () => {
    const { clock, exchange, reply } = setUp(1000);
    await reply;
    clock.advance(1100);
    expect(exchange.cancelError?.code).toBe('route_timeout');
  });

  test('leaves nothing behind an exchange that has ended', () => {
    const { clock, wheel, exchange } = setUp(1000);
    exchange.end({ status: 200, error: undefined });
    expect(wheel.size).toBe(0);
    clock.advance(10_000);
    expect(exchange.cancelError).toBeUndefined();
  });

  test('of 0 is none', () => {
    const { clock, exchange } = setUp(0);
    clock.advance(10_000_000);
    expect(exchange.cancelError).toBeUndefined();
  });

  test('does not hold for the tunnel that an upgrade opens', async () => {
    const { clock, wheel, exchange, reply } = setUp(1000, 101, { upgrade: 'websocket' });
    await reply;
    expect(wheel.size).toBe(0);
    clock.advance(10_000);
    expect(exchange.cancelError).toBeUndefined();
  });

  test('holds for an upgrade that is declined, and for one that is not answered', async () => {
    const declined = setUp(1000, 200, { upgrade: 'websocket' });
    await declined.reply;
    declined.clock.advance(1100);
    expect(declined.exchange.cancelError?.code).toBe('route_timeout');
    const silent = setUp(1000, 101, { upgrade: 'websocket' });
    silent.clock.advance(1100);
    expect(silent.exchange.cancelError?.code).toBe('route_timeout');
  });
});
