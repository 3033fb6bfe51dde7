import { describe, expect, test } from 'vitest';
import { type Happening, HEARTBEAT, MEMBER_TTL, play, type Story } from './members.sim.ts';
import { World } from './world.ts';

const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 500);
const ONLY = process.env['SIMULATION_SEED'];
const MEMBERS = 5;

/** A history by its seed. */
function random(seed: number): Story {
  const world = new World(seed ^ 0x3e3be5);
  const members = world.between(2, 6);
  const length = 45_000;
  const who = () => world.between(0, members - 1);
  const happening = (): Happening => {
    const at = world.between(4000, length - 5000);
    switch (world.between(0, 9)) {
      case 0:
        return { at, do: 'join' };
      case 1:
        return { at, do: 'leave', who: who() };
      case 2:
        return { at, do: 'crash', who: who() };
      case 3:
        return { at, do: 'cut', who: who(), ms: world.between(200, 15_000) };
      case 4:
        return { at, do: 'pause', who: who(), ms: world.between(200, 12_000) };
      case 5:
      case 6:
        return { at, do: 'step', ms: world.between(-7_200_000, 7_200_000) };
      case 7:
        return { at, do: 'restart', down: world.between(50, 12_000), keeps: world.chance(0.5) };
      case 8:
        return { at, do: 'flush' };
      default:
        return { at, do: 'failover', down: world.between(50, 12_000), older: world.between(0, 15_000) };
    }
  };
  const happenings = Array.from({ length: world.between(1, 7) }, happening);
  return { seed, members, length, loss: world.chance(0.3) ? 0.03 : 0, happenings };
}

/** FLEET.md G, row by row. */
const NAMED: readonly (readonly [string, readonly Happening[]])[] = [
  ['the clock of Redis steps 10 s forward', [{ at: 15_000, do: 'step', ms: 10_000 }]],
  ['Redis restarts without its data', [{ at: 15_000, do: 'restart', down: 1000, keeps: false }]],
  ['a failover takes as long as member_ttl', [{ at: 15_000, do: 'failover', down: MEMBER_TTL + 500, older: 0 }]],
  [
    'the clock of Redis steps back an hour just after a crash',
    [
      { at: 15_000, do: 'crash', who: 0 },
      { at: 15_200, do: 'step', ms: -3_600_000 },
    ],
  ],
];

/** A copy from before somebody went, which takes over before the others have forgotten them. */
const OLDER: Happening = { at: 18_000, do: 'failover', down: 100, older: 4000 };

describe('The one list of members', () => {
  const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, at) => at + 1) : [Number(ONLY)];

  test(`keeps its promises in ${seeds.length} histories`, { timeout: 120_000 }, async () => {
    let deaths = 0;
    for (const seed of seeds) {
      const { broken, deaths: seen } = await play(random(seed));
      deaths += seen.length;
      expect(broken, `SIMULATION_SEED=${seed}`).toEqual([]);
    }
    if (ONLY === undefined) expect(deaths).toBeGreaterThan(seeds.length / 4);
  });

  describe.each(NAMED)('when %s', (_, happenings) => {
    const crashes = happenings.filter((one) => one.do === 'crash').length;
    const story: Story = { seed: 1, members: MEMBERS, length: 60_000, loss: 0, happenings };

    test('has all who are alive, and the dead no longer than member_ttl and a heartbeat', async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const { broken, fewest, deaths } = await play({ ...story, seed });
        expect(broken, `seed ${seed}`).toEqual([]);
        expect(fewest, `seed ${seed}`).toBe(MEMBERS - crashes);
        expect(deaths).toHaveLength(crashes * (MEMBERS - 1));
        for (const ms of deaths) expect(ms, `seed ${seed}`).toBeLessThanOrEqual(MEMBER_TTL + 1.15 * HEARTBEAT + 50);
      }
    });

    test('would not, if Redis judged by its own clock', async () => {
      const { broken, fewest } = await play({ ...story, judge: 'redis' });
      expect(broken).not.toEqual([]);
      if (crashes === 0) expect(fewest).toBeLessThan(MEMBERS);
      else expect(broken.some((each) => each.includes('has the dead'))).toBe(true);
    });
  });

  test('an older copy of the data is no sign of life of the dead', async () => {
    const happenings: Happening[] = [{ at: 15_000, do: 'crash', who: 0 }, OLDER];
    for (let seed = 1; seed <= 20; seed++) {
      const { broken, deaths } = await play({ seed, members: MEMBERS, length: 30_000, loss: 0, happenings });
      expect(broken, `seed ${seed}`).toEqual([]);
      for (const ms of deaths) expect(ms, `seed ${seed}`).toBeLessThanOrEqual(MEMBER_TTL + 1.15 * HEARTBEAT + 50);
    }
  });

  test('an older copy of the data brings back nobody who has left', async () => {
    const happenings: Happening[] = [{ at: 15_000, do: 'leave', who: 0 }, OLDER];
    for (let seed = 1; seed <= 20; seed++) {
      const { broken } = await play({ seed, members: MEMBERS, length: 30_000, loss: 0, happenings });
      expect(broken, `seed ${seed}`).toEqual([]);
    }
  });
});
