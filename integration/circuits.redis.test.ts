import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newInstance } from '../src/fleet/instance.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Keys } from '../src/redis/keys.ts';
import type { Circuit } from '../src/upstream/circuits/circuits.ts';
import { FleetCircuits } from '../src/upstream/circuits/fleet-circuits.ts';
import { CLAIM, REPORT, VERDICT } from '../src/upstream/circuits/fleet-script.ts';
import { readFleetReply, type Turn, turnId, turnText } from '../src/upstream/circuits/fleet-turn.ts';
import { FleetTwin } from '../test/upstream/circuits/fleet-twin.ts';
import { policyOf } from '../test/upstream/circuits/policy.ts';
import { RedisServer } from './support/redis-server.ts';
import { WatchedStore } from './support/redis-stores.ts';
import { noRedis, VirtualRedis } from './support/virtual-redis.ts';

const HISTORIES = 1000;
const OPEN_FOR = 30_000;
/** Two machines of two threads, and two of one. */
const IDS = ['a', 'a', 'b', 'b', 'c', 'd/e'].map((name, at) => newInstance(name, at, '0123456789abcdef').id);

type Step =
  | {
      readonly do: 'report';
      readonly who: number;
      readonly traffic: number | undefined;
      readonly vote: number | undefined;
      readonly proven: boolean;
      readonly quorum: number;
      readonly living: number;
    }
  | { readonly do: 'claim'; readonly who: number; readonly token: number }
  | { readonly do: 'verdict'; readonly who: number; readonly token: number; readonly state: 'open' | 'closed' }
  | { readonly do: 'wait'; readonly us: number }
  | { readonly do: 'lose' }
  | { readonly do: 'forge'; readonly who: number; readonly n: number; readonly state: 'open' | 'closed' }
  | { readonly do: 'write'; readonly field: string; readonly text: string };

const who = fc.nat(IDS.length - 1);
const age = fc.constantFrom(undefined, 0, 0, 500, 9999, 10_001, 59_000, 61_000);
const state = fc.constantFrom('open' as const, 'closed' as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      ...{ do: fc.constant('report' as const), who, traffic: age, vote: age, proven: fc.boolean() },
      quorum: fc.constantFrom(0, 0.5, 0.5, 0.9, 1),
      living: fc.constantFrom(63, 63, 63, 21, 7, 0),
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('claim' as const), who, token: fc.nat(1) }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('verdict' as const), who, token: fc.nat(1), state }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      us: fc.constantFrom(1, 999, 400_000, 1_600_000, 3_000_000, 4_999_000, 5_000_000, 11_000_000, 61_000_000, -900_000, -3.6e9),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forge' as const), who, n: fc.nat(9), state }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      field: fc.constantFrom('turn', 'owner', 'contact', 'other', IDS[0] as string, IDS[4] as string),
      text: fc.oneof(
        fc.constantFrom(
          '',
          ' ',
          '5',
          '5 ab open',
          '5 ab open ',
          '5 ab half x',
          '-5 ab open x',
          '5 AB open x',
          '1234567890123456 ab open x',
        ),
        fc.constantFrom('ab 1800000000000', 'ab 18000000000009', '1800000000000 1800000000000', '9 9 9', '9 9 9 ', '9 9 9 a b'),
        fc.constantFrom(
          '1800000000000 1800000000000 1800000000000 0:',
          '1800000001000 0 1800000001000 1:x',
          '7 abc closed two\nlines',
        ),
        fc.string({ unit: 'binary-ascii', maxLength: 20 }),
      ),
    }),
  },
);

describe.skipIf(noRedis !== '')(`The scripts of circuits${noRedis}`, () => {
  let redis: VirtualRedis;
  let history = 0;

  beforeAll(async () => {
    redis = await VirtualRedis.start();
  });
  afterAll(() => redis?.stop());

  test(`do the same as their twins, in ${HISTORIES} histories`, { timeout: 120_000 }, async () => {
    let [opened, owned, settled] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
        history += 1;
        const keys = [new Keys('sluice:', `h${history}`).circuit('users/192.0.2.1:80')];
        const twin = new FleetTwin();
        redis.now = twin.now;
        const views = IDS.map((): Turn => ({ n: 0, random: '', state: 'closed', reason: '' }));
        const both = async (script: typeof REPORT, who: number, args: (string | number)[]) => {
          const all = [turnText(views[who] as Turn), OPEN_FOR, ...args];
          const expected = twin.run(script, keys, all);
          expect(await redis.run(script, keys, all)).toEqual(expected);
          const read = readFleetReply(expected);
          if (read === undefined) throw new Error(`cannot be read: ${expected}`);
          views[who] = read.turn;
          return read;
        };
        for (const [at, one] of steps.entries()) {
          const random = `${(at * 7) % 10}f${at.toString(16)}`;
          if (one.do === 'wait') {
            twin.now += one.us;
            redis.now = twin.now;
          } else if (one.do === 'lose') {
            twin.lose();
            await redis.client.flushall();
          } else if (one.do === 'forge') views[one.who] = { n: one.n, random, state: one.state, reason: 'forged' };
          else if (one.do === 'write') {
            const [key] = keys as [string];
            twin.circuits.set(key, (twin.circuits.get(key) ?? new Map<string, string>()).set(one.field, one.text));
            await redis.client.hset(key, one.field, one.text);
          } else if (one.do === 'report') {
            const proof = one.proven ? turnId(views[one.who] as Turn) : '';
            const living = IDS.filter((_, bit) => one.living & (1 << bit));
            const args = [IDS[one.who] as string, one.traffic ?? '', one.vote ?? '', proof, one.quorum, random, 'why'];
            const { changed, turn } = await both(REPORT, one.who, [...args, ...living]);
            if (changed && turn.reason.includes('machines')) opened += 1;
          } else if (one.do === 'claim') {
            if ((await both(CLAIM, one.who, [`a${one.token}`])).done) owned += 1;
          } else if ((await both(VERDICT, one.who, [`a${one.token}`, one.state, random, 'tried'])).done) settled += 1;
        }
        const stored = Object.fromEntries(twin.circuits.get(keys[0] as string) ?? []);
        expect(await redis.client.hgetall(keys[0] as string)).toEqual(stored);
      }),
      { numRuns: HISTORIES },
    );
    // Histories in which nothing happens would show nothing.
    expect(Math.min(opened, owned, settled)).toBeGreaterThan(HISTORIES / 20);
  });

  test('take what is no hash for none, and write one over it', async () => {
    const keys = [new Keys('sluice:', 'odd').circuit('users/192.0.2.1:80')];
    const nothing = ['0', '', 'closed', '', '', '0'];
    for (const [script, args, done] of [
      [REPORT, [IDS[0] as string, 0, '', '', 0.5, 'ab', ''], 1],
      [CLAIM, ['ab'], 0],
      [VERDICT, ['ab', 'open', 'ab', ''], 0],
    ] as const) {
      await redis.client.del(keys[0] as string);
      await redis.client.rpush(keys[0] as string, 'a list');
      expect(await redis.run(script, keys, ['', OPEN_FOR, ...args])).toEqual([done, 0, ...nothing]);
    }
    await redis.client.set(keys[0] as string, 'a text');
    const kept = [1, 1, '7', 'ab', 'open', 'why', '', '0'];
    expect(await redis.run(REPORT, keys, ['7 ab open why', OPEN_FOR, IDS[0] as string, '', '', '', 0.5, 'ab', ''])).toEqual(kept);
  });

  test('leave a time to live on every key, of more than twice open_for', async () => {
    const left = async (name: string) => redis.client.pttl(new Keys('sluice:', 'ttl').circuit(name));
    const key = (name: string) => [new Keys('sluice:', 'ttl').circuit(name)];
    await redis.run(REPORT, key('report'), ['', OPEN_FOR, IDS[0] as string, 0, '', '', 0.5, 'ab', '']);
    await redis.run(REPORT, key('restored'), ['7 ab open why', OPEN_FOR, IDS[0] as string, '', '', '', 0.5, 'ab', '']);
    await redis.run(CLAIM, key('claim'), ['7 ab open why', OPEN_FOR, 'cd']);
    await redis.run(CLAIM, key('verdict'), ['7 ab open why', OPEN_FOR, 'cd']);
    await redis.run(VERDICT, key('verdict'), ['7 ab open why', OPEN_FOR, 'cd', 'closed', 'ef', '']);
    for (const name of ['report', 'restored', 'claim', 'verdict']) expect(await left(name)).toBeGreaterThan(2 * OPEN_FOR);
  });

  test('leave nothing behind for who only asks', async () => {
    const keys = [new Keys('sluice:', 'asks').circuit('users/192.0.2.1:80')];
    await redis.run(REPORT, keys, ['', OPEN_FOR, IDS[0] as string, '', '', '', 0.5, 'ab', '']);
    expect(await redis.client.exists(keys[0] as string)).toBe(0);
  });

  test('run on a real clock, as they are', async () => {
    const key = new Keys('sluice:', 'real').circuit('users/192.0.2.1:80');
    const open = '7 ab open why';
    expect(await redis.client.eval(CLAIM.lua, 1, key, open, OPEN_FOR, 'cd')).toEqual([
      1,
      1,
      '7',
      'ab',
      'open',
      'why',
      'cd',
      '5000',
    ]);
    const closed = [1, 1, '8', 'ef', 'closed', '', '', '0'];
    expect(await redis.client.eval(VERDICT.lua, 1, key, open, OPEN_FOR, 'cd', 'closed', 'ef', '')).toEqual(closed);
    const args = ['', OPEN_FOR, IDS[0] as string, 0, '', '', 0.5, 'ab', ''];
    expect(await redis.client.eval(REPORT.lua, 1, key, ...args)).toEqual([1, 0, ...closed.slice(2)]);
  });
});

describe.skipIf(noRedis !== '')(`Circuits of five members over a real Redis${noRedis}`, () => {
  test('open and close everywhere within 100 ms at the median', { timeout: 60_000 }, async () => {
    const server = await RedisServer.start();
    const place = { label: 'users/192.0.2.1:80' };
    const policy = policyOf({ open_for: '300ms', failure_threshold: 1, success_threshold: 1 });
    const ids = ['a', 'b', 'c', 'd', 'e'].map((name) => newInstance(name, 0));
    const delays: number[] = [];
    let [turnedAt, opened] = [0, 0];
    const members = await Promise.all(
      ids.map(async (self) => {
        const { store } = await WatchedStore.open({ url: `redis://${server.address}` });
        const list = { self, living: () => ids };
        const keys = new Keys('sluice:', 'real');
        const circuits = new FleetCircuits({ clock: systemClock, store, keys, members: list, random: Math.random });
        onTestFinished(() => circuits.close());
        const circuit = circuits.watch(place, policy, (state) => {
          // Half-open is who tries it, or who tries it for itself once it has closed.
          if (state !== 'half_open') delays.push(performance.now() - turnedAt);
        });
        return { circuit, circuits };
      }),
    );
    type Both = { circuit: Circuit; circuits: FleetCircuits };
    const states = () => members.map(({ circuit }) => circuit.state);
    const [a, b, c, d, e] = members as [Both, Both, Both, Both, Both];
    const use = ({ circuits }: Both) => circuits.enter(place, policy);
    for (let round = 0; round < 8; round++) {
      // Members have traffic for long enough to be counted, or, later, have had a success since it closed.
      for (let ms = 0; ms < (round === 0 ? 4000 : 100); ms += 50) {
        for (const member of members) if (member.circuit.admits) use(member)?.succeeded();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await expect.poll(states, { interval: 2 }).toEqual(Array(5).fill('closed'));
      turnedAt = performance.now();
      for (const member of [a, b, c]) use(member)?.failed('connect');
      await expect.poll(() => [d.circuit.state, e.circuit.state], { interval: 2 }).toEqual(['open', 'open']);
      opened += 1;
      await new Promise((resolve) => setTimeout(resolve, 320));
      d.circuit.want();
      await expect.poll(() => d.circuit.state, { interval: 2 }).toBe('half_open');
      turnedAt = performance.now();
      use(d)?.succeeded();
      await expect.poll(() => e.circuit.state, { interval: 2 }).toBe('closed');
    }
    delays.sort((one, other) => one - other);
    expect([opened, delays.length >= 40]).toEqual([8, true]);
    expect(delays[delays.length >> 1]).toBeLessThan(100);
  });
});
