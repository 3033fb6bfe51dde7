import { StoreError } from '../../../redis/store.ts';
import type { Demand } from '../limiter.ts';
import type { RedisLimiterTools } from './limiter-tools.ts';
import { argumentsOf, isStrict, readReply, type Taken, type TakeReply } from './take-call.ts';
import { TAKE } from './take-script.ts';

interface Asked {
  readonly demand: Demand;
  /** Its key in Redis. */
  readonly bucket: string;
}

/**
 * Asks for all of some demands, all or none: in one call, or in a Cluster in one for each slot, always in the same order, until one
 * refuses. What was taken in slots before stays taken then: that wastes tokens of a request which is refused, and never admits
 * one more (FLEET.md A6).
 * @param id unique to the request. Rejects with `StoreError`
 */
export async function exactly(demands: readonly Demand[], id: string, tools: RedisLimiterTools): Promise<TakeReply> {
  const { store, keys } = tools;
  const asked = demands.map((demand): Asked => ({ demand, bucket: keys.bucket(demand.limit, demand.key) }));
  const groups = store.isCluster ? Map.groupBy(asked, ({ bucket }) => keys.life(bucket)) : new Map([['', asked]]);
  const taken = new Map<Asked, Taken>();
  let admitted = true;
  const sentAt = tools.clock.now();
  for (const [, group] of [...groups].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const reply = await askGroup(group, id, sentAt, tools);
    for (const [at, one] of group.entries()) taken.set(one, reply.taken[at] as Taken);
    admitted = reply.admitted;
    if (!admitted) break;
  }
  return { admitted, taken: asked.map((one) => taken.get(one) ?? notAsked(one.demand)) };
}

/** An answer that is older than the timeout when it comes to be used is thrown away: tokens of long ago would be spent beside those of now (A5). */
async function askGroup(group: readonly Asked[], id: string, sentAt: number, tools: RedisLimiterTools): Promise<TakeReply> {
  const { store, keys, clock, commandTimeout } = tools;
  const demands = group.map(({ demand }) => demand);
  const lives = group.filter(({ demand }) => isStrict(demand.policy)).map(({ bucket }) => keys.life(bucket));
  const names = [...group.map(({ bucket }) => bucket), ...lives];
  const answer = await store.run(TAKE, names, [id, ...demands.flatMap((demand) => argumentsOf(demand, 0, 0))]);
  if (clock.now() - sentAt > commandTimeout) throw new StoreError('late', 'the answer was too old to be used');
  const reply = readReply(answer, demands);
  if (reply === undefined) throw new StoreError('refused', 'not a reply of the script');
  return reply;
}

/** Another had refused before. */
function notAsked({ policy: { limit } }: Demand): Taken {
  return { tokens: 0, expiry: 0, next: 0, standing: { admits: true, remaining: limit, wait: 0, reset: 0 } };
}
