import { expect, test } from 'vitest';
import { embedded } from '../../src/shared/embedded.ts';
import { ManualClock } from '../support/manual-clock.ts';

test('all that is counted in is there, each once for an instance, and goes with it', async () => {
  const state = embedded(new ManualClock());
  const demand = {
    limit: 'a',
    key: 'b',
    cost: 1,
    policy: {
      ...({ algorithm: 'token_bucket', limit: 1, rate: 1, window: 1000 } as const),
      ...({ mode: 'lease', when_redis_is_down: 'local', after_lost_data: 'full' } as const),
    },
  };
  expect([(await state.limiter.take([demand])).admitted, (await state.limiter.take([demand])).admitted]).toEqual([true, false]);
  const permit = state.concurrency.enter('a', 1);
  expect([permit !== undefined, state.concurrency.enter('a', 1)]).toEqual([true, undefined]);
  state.close();
});
