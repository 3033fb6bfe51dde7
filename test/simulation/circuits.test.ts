import { describe, expect, test } from 'vitest';
import { type CircuitHappening, type CircuitOutcome, type CircuitStory, type Player, play } from './circuits.sim.ts';
import { World } from './world.ts';

const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 300);
const ONLY = process.env['SIMULATION_SEED'];
const FOR_EVER: NonNullable<Player['broken']> = [[20, 1e9]];

function healthy(count: number, perSecond = 2): Player[] {
  return Array.from({ length: count }, (_, at) => ({ machine: `h${at}`, perSecond }));
}

function bad(count: number, broken: NonNullable<Player['broken']> = FOR_EVER): Player[] {
  return Array.from({ length: count }, (_, at) => ({ machine: `b${at}`, perSecond: 2, broken }));
}

const oneWithFourThreads = [...healthy(2), ...[0, 1, 2, 3].map((): Player => ({ machine: 'b', perSecond: 2, broken: FOR_EVER }))];
const quiet = healthy(8, 1 / 15).map((player) => ({ ...player, isRegular: true }));
/** The endpoint comes back when two members alone have traffic. */
const twoInUse = [...healthy(4, 0), ...healthy(2).map((player, at) => ({ ...player, machine: `x${at}` })), ...healthy(2, 0)];

/** FLEET.md C, row by row: share of time in which healthy members with traffic may be barred from an endpoint that is up. */
const ROWS: readonly (readonly [string, Omit<CircuitStory, 'seed' | 'length'>, number])[] = [
  ['one broken of 3 members', { players: [...healthy(2), ...bad(1)] }, 0],
  ['one broken host with 4 threads, two healthy with 1', { players: oneWithFourThreads }, 0],
  ['2 broken of 10, the others one request every 15 s', { players: [...quiet, ...bad(2)] }, 0.1],
  ['3 broken of 4, a true majority', { players: [...healthy(1), ...bad(3)] }, 0.14],
  ['8 members, down 60 s, 3 broken', { players: [...healthy(5), ...bad(3)], down: [[100, 160]] }, 0.08],
  ['down 60 s, then traffic on two members only', { players: twoInUse, down: [[100, 160]] }, 0.01],
  ['down 60 s, all healthy', { players: healthy(8), down: [[100, 160]] }, 0.005],
  ['2 broken of 5', { players: [...healthy(3), ...bad(2)] }, 0],
];
const EACH = 5;

async function several(story: Omit<CircuitStory, 'seed' | 'length'>, length = 900, count = EACH): Promise<CircuitOutcome[]> {
  const outcomes: CircuitOutcome[] = [];
  for (let seed = 1; seed <= count; seed++) outcomes.push(await play({ ...story, seed, length }));
  return outcomes;
}

function mean(outcomes: readonly CircuitOutcome[]): number {
  return outcomes.reduce((sum, { barred }) => sum + barred, 0) / outcomes.length;
}

function openings(outcomes: readonly CircuitOutcome[]): number {
  return outcomes.reduce((sum, each) => sum + each.openings, 0);
}

function row(name: string): Omit<CircuitStory, 'seed' | 'length'> {
  const found = ROWS.find(([each]) => each.startsWith(name));
  if (found === undefined) throw new Error(`no row ${name}`);
  return found[1];
}

describe('A fleet keeps healthy members from an endpoint that is up for no more than its share of the time', () => {
  test.each(ROWS)('%s', { timeout: 60_000 }, async (_, story, share) => {
    const outcomes = await several(story);
    expect(mean(outcomes)).toBeLessThanOrEqual(share);
    if (share === 0) expect(openings(outcomes)).toBe(0);
    for (const { strayVerdicts } of outcomes) expect(strayVerdicts).toBe(0);
  });

  test('also by chance alone: 2 broken of 10, the others one request in 15 s on average', async () => {
    const outcomes = await several({ players: [...healthy(8, 1 / 15), ...bad(2)] });
    expect(mean(outcomes)).toBeLessThanOrEqual(0.2);
  });

  test('tells all within 100 ms at the median', async () => {
    const outcomes = await several(row('down 60 s, all healthy'));
    const delays = outcomes.flatMap((each) => each.delays).sort((one, other) => one - other);
    expect(delays.length).toBeGreaterThan(20);
    expect(delays[delays.length >> 1]).toBeLessThan(100);
  });
});

describe('Without one of the rules it would not:', () => {
  test('votes by threads open it for all', async () => {
    const outcomes = await several({ ...row('one broken host'), without: ['machines', 'success'] });
    expect(openings(outcomes)).toBeGreaterThan(0);
    expect(mean(outcomes)).toBeGreaterThan(0.5);
  });

  test('who votes is counted among the others, or two of five are a majority', async () => {
    const outcomes = await several({ ...row('2 broken of 5'), without: ['voters'] });
    expect(openings(outcomes)).toBeGreaterThan(0);
    expect(mean(outcomes)).toBeGreaterThan(0.02);
  });

  test('the dead do not vote', async () => {
    const [first, second] = [bad(1), bad(1, [[31, 1e9]])];
    const late = second.map((player) => ({ ...player, machine: 'late' }));
    // Two votes of four alone are no majority; with that of a dead one they are.
    const players = [...first, ...late, ...late.map((player) => ({ ...player, machine: 'later' })), ...healthy(2)];
    const story = { players, happenings: [{ at: 23.5, do: 'crash', who: 0 }] as const };
    const order = async (without?: CircuitStory['without']) =>
      openings(await several({ ...story, ...(without && { without }) }, 60, 20));
    expect([await order(), (await order(['living'])) > 0]).toEqual([0, true]);
  });

  test('a broken majority opens it again and again', async () => {
    const outcomes = await several({ ...row('3 broken of 4'), without: ['success'] });
    expect(mean(outcomes)).toBeGreaterThan(0.8);
  });

  test('an owner by turns has nothing to try with', async () => {
    expect(mean(await several({ ...row('down 60 s, then'), turns: 1000 }))).toBeGreaterThan(0.6);
  });

  test('after Redis was lost, those who report first are no majority', async () => {
    const players = [...healthy(4), ...bad(2)];
    const happenings = [60, 120, 180, 240].map((at) => ({ at, do: 'restart', for: 2, keeps: false }) as const);
    expect(openings(await several({ players, happenings }, 300, 20))).toBe(0);
    expect(openings(await several({ players, happenings, without: ['settled'] }, 300, 20))).toBeGreaterThan(0);
  });

  test('an older copy of the data converges with what members know, and nobody stays open', async () => {
    const happenings = [{ at: 150, do: 'failover', for: 1, older: 20 }] as const;
    const story = { players: healthy(4), down: [[100, 110]] as const, happenings };
    const stuck = async (without: CircuitStory['without']) =>
      (await several({ ...story, ...(without && { without }) }, 240, 20)).filter(
        ({ states, turn }) => states.some((state) => state !== 'closed') || !turn.includes(' closed '),
      ).length;
    expect([await stuck([]), (await stuck(['later'])) > 0]).toEqual([0, true]);
  });
});

/** A history by its seed, in which all is well from 70 s on. */
function story(seed: number): CircuitStory & { readonly oneBad: boolean } {
  const world = new World(seed ^ 0xc1c);
  const machines = world.between(2, 6);
  const oneBad = world.chance(0.4);
  const badMachine = world.between(0, machines - 1);
  const span = (): readonly [number, number] => {
    const from = world.between(5, 50);
    return [from, Math.min(70, from + world.between(2, 40))];
  };
  const players = Array.from({ length: machines }, (_, at): Player[] => {
    const isBad = oneBad ? at === badMachine : world.chance(0.25);
    const threads = isBad ? world.between(1, 4) : world.between(1, 2);
    const player = { machine: `m${at}`, perSecond: 0.5 + world.random() * 4, ...(isBad && { broken: [span()] }) };
    return Array.from({ length: threads }, () => player);
  }).flat();
  const happening = (): CircuitHappening => {
    const [at, who] = [world.between(5, 65), world.between(0, 9)];
    switch (world.between(0, 6)) {
      case 0:
        return { at, do: 'crash', who };
      case 1:
        return { at, do: 'join', who };
      case 2:
        return { at, do: 'cut', who, for: world.between(1, 15) };
      case 3:
        return { at, do: 'pause', who, for: world.between(1, 12) };
      case 4:
        return { at, do: 'restart', for: world.between(0, 8), keeps: world.chance(0.5) };
      case 5:
        return { at, do: 'failover', for: world.between(0, 8), older: world.between(0, 25) };
      default:
        return { at, do: 'step', by: world.between(-7200, 7200) };
    }
  };
  return {
    ...{ seed, players, length: 110, oneBad, policy: { open_for: '5s' } },
    ...(!oneBad && world.chance(0.7) && { down: [span()] }),
    ...(world.chance(0.3) && { loss: 0.03 }),
    happenings: Array.from({ length: world.between(0, 6) }, happening),
  };
}

describe('Whatever happens to machines, networks and Redis', () => {
  const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, at) => at + 1) : [Number(ONLY)];

  test(`one bad machine opens nothing for others, verdicts count once, and all ends well, in ${seeds.length} histories`, {
    timeout: 120_000,
  }, async () => {
    let [opened, verdicts] = [0, 0];
    for (const seed of seeds) {
      const told = story(seed);
      const outcome = await play(told);
      opened += outcome.openings;
      verdicts += outcome.verdicts;
      const name = `SIMULATION_SEED=${seed}`;
      if (told.oneBad) expect([outcome.openings, outcome.barred], name).toEqual([0, 0]);
      expect(outcome.strayVerdicts, name).toBe(0);
      expect(outcome.turn, name).not.toContain(' open ');
      expect(new Set([...outcome.states, 'closed']), name).toEqual(new Set(['closed']));
    }
    if (ONLY === undefined) expect([opened > seeds.length / 5, verdicts > seeds.length / 5]).toEqual([true, true]);
  });

  test('two plays of one seed are the same', async () => {
    expect(await play(story(17))).toEqual(await play(story(17)));
  });
});
