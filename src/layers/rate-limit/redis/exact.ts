import { StoreError } from '../../../redis/store.ts';
import type { Demand } from '../limiter.ts';
import type { RedisLimiterTools } from './limiter-tools.ts';
import { argumentsOf, isStrict, readReply, type TakeReply } from './take-call.ts';
import { TAKE } from './take-script.ts';

/**
 * Asks for all of some demands in one call, all or none. An answer that is older than the timeout when it comes to be used is
 * thrown away: tokens of long ago would be spent beside those of now (FLEET.md A5).
 * @param id unique to the call. Rejects with `StoreError`
 */
export async function exactly(demands: readonly Demand[], id: string, tools: RedisLimiterTools): Promise<TakeReply> {
  const { store, keys, clock, commandTimeout } = tools;
  const buckets = demands.map(({ limit, key }) => keys.bucket(limit, key));
  const lives = buckets.filter((_, at) => isStrict((demands[at] as Demand).policy)).map((bucket) => keys.life(bucket));
  const sentAt = clock.now();
  const answer = await store.run(TAKE, [...buckets, ...lives], [id, ...demands.flatMap((demand) => argumentsOf(demand, 0, 0))]);
  if (clock.now() - sentAt > commandTimeout) throw new StoreError('late', 'the answer was too old to be used');
  const reply = readReply(answer, demands);
  if (reply === undefined) throw new StoreError('refused', 'not a reply of the script');
  return reply;
}
