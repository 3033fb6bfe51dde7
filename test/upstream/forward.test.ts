import { beforeEach, describe, expect, test } from 'vitest';
import type { Handler } from '../../src/http/layer.ts';
import { forward } from '../../src/upstream/forward.ts';
import { addresses, BackendRig } from '../support/backends.ts';
import { exchangeOf } from '../support/exchanges.ts';

let rig: BackendRig;
let handle: Handler;

beforeEach(() => {
  rig = new BackendRig();
  handle = forward(rig.apply({ upstreams: addresses('a') }), rig.clock);
});

const OK = { status: 200, error: undefined };

describe('The end of a chain', () => {
  test('sends to the endpoint that is picked, and says which', async () => {
    const exchange = exchangeOf();
    const answer = handle(exchange);
    expect(exchange.upstream).toBe('users/192.0.2.1:80');
    const reply = rig.last.reply();
    expect(await answer).toBe(reply);
    expect(exchange.attempts).toBe(1);
  });

  test('counts an attempt until the exchange ends, not only its head', async () => {
    const [one, two] = [exchangeOf(), exchangeOf()];
    const answers = [handle(one), handle(two)];
    for (const sent of rig.sent) sent.reply();
    await Promise.all(answers);
    expect(rig.active).toBe(2);
    one.end(OK);
    one.end(OK);
    expect(rig.active).toBe(1);
    two.end(OK);
    expect(rig.active).toBe(0);
  });

  test('passes on what goes wrong, and counts that too', async () => {
    const answer = handle(exchangeOf());
    const error = rig.last.fail('upstream_reset');
    await expect(answer).rejects.toBe(error);
    expect([rig.active, rig.endpoint('a').failures]).toEqual([0, 1]);
  });

  test('has no endpoint to send to when none is ready', async () => {
    rig.judge('a', false);
    const exchange = exchangeOf();
    await expect(handle(exchange)).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect([exchange.upstream, rig.active]).toEqual(['', 0]);
  });

  test('counts its requests for the budget, though it never spends it itself', async () => {
    const backend = rig.apply({ upstreams: addresses('a'), retry_budget: { ratio: 1, min_per_second: 0 } });
    expect(backend.budget.take()).toBe(false);
    void handle(exchangeOf({ startedAt: rig.clock.now() }));
    expect([backend.budget.take(), backend.budget.take()]).toEqual([true, false]);
  });
});
