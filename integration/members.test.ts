import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBeatReply } from '../src/fleet/beat-reply.ts';
import { BEAT, LEAVE } from '../src/fleet/beat-script.ts';
import { type Instance, newInstance, parseInstance } from '../src/fleet/instance.ts';
import { Members, type MembersChange } from '../src/fleet/members.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Keys } from '../src/redis/keys.ts';
import { BeatTwin } from '../test/fleet/beat-twin.ts';
import { noRedis, VirtualRedis } from './support/virtual-redis.ts';

const HISTORIES = 2000;
const MINUTE = 60_000_000;

type Step =
  | { readonly do: 'beat'; readonly who: number; readonly number: number; readonly seen: number }
  | { readonly do: 'leave'; readonly who: number }
  | { readonly do: 'wait'; readonly us: number }
  | { readonly do: 'lose' }
  | { readonly do: 'write'; readonly in: 'members' | 'counts'; readonly field: string; readonly text: string };

const garbage = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'left',
    'left ',
    'left x',
    'left -5',
    '5',
    '5 ',
    '5 x',
    '5  6',
    '-1 2',
    '1e3 4',
    '0x10 20',
    'nan nan',
    '\n5 6',
  ),
  fc.constantFrom('007 1800000000000', 'left 1800000000000 more', '9 1800000000000 7:abc', '9 1800000000000x', 'é 1800000000000'),
  fc.constantFrom('1234567890123456 1800000000000', '5 18000000000000000', '999999999999999 1800000000001'),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('beat' as const),
      who: fc.nat(5),
      number: fc.oneof(fc.nat(50), fc.constant(2 ** 49)),
      seen: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(5) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      us: fc.constantFrom(
        1,
        999,
        400_000,
        4_999_000,
        5_000_000,
        5_001_000,
        10 * MINUTE,
        10 * MINUTE + 1000,
        25 * MINUTE,
        61 * MINUTE,
        -MINUTE,
        -70 * MINUTE,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      in: fc.constantFrom('members' as const, 'counts' as const),
      field: fc.oneof(fc.constantFrom('0', '3000000', '3000001', '2999990', 'm0/0123456789abcdef/0'), garbage),
      text: fc.oneof(garbage, fc.constantFrom('4', '12', '3 1799999999000')),
    }),
  },
);

/** Redis lists a hash in any order. */
function sorted(reply: unknown): unknown {
  const [most, ...list] = reply as string[];
  const pairs = list.flatMap((id, at) => (at % 2 === 0 ? [[id, list[at + 1] as string] as const] : []));
  return [most, ...pairs.sort(([one], [other]) => (one < other ? -1 : 1))];
}

describe.skipIf(noRedis !== '')(`The scripts of a heartbeat${noRedis}`, () => {
  let redis: VirtualRedis;
  let history = 0;
  const ids = Array.from({ length: 6 }, (_, at) => newInstance(`m${at}`, at, '0123456789abcdef').id);

  beforeAll(async () => {
    redis = await VirtualRedis.start();
  });
  afterAll(() => redis?.stop());

  test(`do the same as their twins, in ${HISTORIES} histories`, { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        history += 1;
        const keys = new Keys('sluice:', `h${history}`);
        const twin = new BeatTwin();
        redis.now = twin.now;
        for (const one of steps) {
          if (one.do === 'wait') {
            twin.now += one.us;
            redis.now = twin.now;
          } else if (one.do === 'lose') {
            twin.lose();
            await redis.client.flushall();
          } else if (one.do === 'write') {
            twin[one.in].set(one.field, one.text);
            await redis.client.hset(one.in === 'members' ? keys.members : keys.memberCounts, one.field, one.text);
          } else if (one.do === 'leave') {
            const args = [ids[one.who] as string];
            expect(await redis.run(LEAVE, [keys.members], args)).toBe(twin.run(LEAVE, args));
          } else {
            const args = [ids[one.who] as string, one.number, one.seen, 5000];
            const reply = await redis.run(BEAT, [keys.members, keys.memberCounts], args);
            expect(sorted(reply)).toEqual(sorted(twin.run(BEAT, args)));
            expect(readBeatReply(reply)).toBeDefined();
          }
        }
        expect(await redis.client.hgetall(keys.members)).toEqual(Object.fromEntries(twin.members));
        expect(await redis.client.hgetall(keys.memberCounts)).toEqual(Object.fromEntries(twin.counts));
      }),
      { numRuns: HISTORIES },
    );
  });

  test('take what is no hash for none, and write one over it', async () => {
    const keys = new Keys('sluice:', 'odd');
    await redis.client.rpush(keys.members, 'a list');
    await redis.client.set(keys.memberCounts, 'a text');
    const all = [keys.members, keys.memberCounts];
    expect(await redis.run(BEAT, all, [ids[0] as string, 7, 1, 5000])).toEqual(['1', ids[0], '7']);
    await redis.client.set(keys.members, 'a text');
    expect(await redis.run(LEAVE, [keys.members], [ids[1] as string])).toBe(1);
    expect(await redis.run(BEAT, all, [ids[0] as string, 8, 1, 5000])).toEqual(['1', ids[1], 'left', ids[0], '8']);
  });

  test('leave a time to live on every key, of an hour at least', async () => {
    await redis.client.flushall();
    const keys = new Keys('sluice:', 'ttl');
    await redis.run(LEAVE, [keys.members], [ids[1] as string]);
    expect(await redis.client.pttl(keys.members)).toBeGreaterThan(3_600_000);
    await redis.run(BEAT, [keys.members, keys.memberCounts], [ids[0] as string, 1, 1, 5000]);
    for (const key of [keys.members, keys.memberCounts]) expect(await redis.client.pttl(key)).toBeGreaterThan(3_600_000);
  });

  test('run on a real clock, as they are', async () => {
    const keys = new Keys('sluice:', 'real');
    const reply = await redis.client.eval(BEAT.lua, 2, keys.members, keys.memberCounts, ids[0] as string, 1, 1, 5000);
    expect(reply).toEqual(['1', ids[0], '1']);
    expect(await redis.client.eval(LEAVE.lua, 1, keys.members, ids[0] as string)).toBe(1);
  });

  test('keep a fleet together: it learns of joins, leaves and crashes in time, and outlives FLUSHALL', async () => {
    const config = { heartbeat: 100, member_ttl: 500 };
    const tools = { store: redis, keys: new Keys('sluice:', 'live'), clock: systemClock, random: Math.random, config };
    const [a, b, c] = ids.map((id) => new Members({ ...tools, self: parseInstance(id) as Instance })) as [
      Members,
      Members,
      Members,
    ];
    const all = [a, b, c];
    const changed = (kind: keyof MembersChange, member: Members, count: number) =>
      new Promise<number>((resolve) => {
        const since = systemClock.now();
        let seen = 0;
        const off = member.onChange((change) => {
          seen += change[kind].length;
          if (seen < count) return;
          off();
          resolve(systemClock.now() - since);
        });
      });
    try {
      const joins = Promise.all(all.map((member) => changed('joined', member, 2)));
      for (const member of all) member.start();
      // Two heartbeats, and what a busy machine takes.
      for (const ms of await joins) expect(ms).toBeLessThan(2 * config.heartbeat + 200);
      const lost = all.flatMap((member) => [changed('left', member, 1), changed('died', member, 1)]);
      await redis.client.flushall();
      await sleep(2 * config.member_ttl);
      expect(await Promise.race([...lost, sleep(0, 'nobody')])).toBe('nobody');
      expect(all.map(({ count, mostLately }) => [count, mostLately])).toEqual([
        [3, 3],
        [3, 3],
        [3, 3],
      ]);
      const leaving = Promise.all([changed('left', a, 1), changed('left', b, 1)]);
      await c.leave();
      for (const ms of await leaving) expect(ms).toBeLessThan(2 * config.heartbeat + 200);
      const dying = changed('died', a, 1);
      b.close();
      expect(await dying).toBeLessThan(config.member_ttl + 1.1 * config.heartbeat + 200);
      expect(a.living()).toEqual([a.self]);
    } finally {
      for (const member of all) member.close();
    }
  });
});
