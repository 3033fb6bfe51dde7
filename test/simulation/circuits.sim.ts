import { newInstance } from '../../src/fleet/instance.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { Keys } from '../../src/redis/keys.ts';
import type { Circuit, CircuitState } from '../../src/upstream/circuits/circuits.ts';
import { FleetCircuits } from '../../src/upstream/circuits/fleet-circuits.ts';
import type { BeatTwin } from '../fleet/beat-twin.ts';
import { type FleetRule, FleetTwin } from '../upstream/circuits/fleet-twin.ts';
import { policyOf } from '../upstream/circuits/policy.ts';
import { MembersLink, type SharedRedis } from './members-link.ts';
import { Machine, World } from './world.ts';

/** One thread that serves. */
export interface Player {
  readonly machine: string;
  readonly perSecond: number;
  /** Its requests come one after the other; otherwise by chance alone. */
  readonly isRegular?: boolean;
  /** Its own network to the endpoint is broken, s. */
  readonly broken?: readonly (readonly [from: number, to: number])[];
}

/** What happens, and when: s. `older`: a failover to a copy that is so much older. `step`: of the clock of Redis. */
export type CircuitHappening =
  | { readonly at: number; readonly do: 'crash' | 'join'; readonly who: number }
  | { readonly at: number; readonly do: 'cut' | 'pause'; readonly who: number; readonly for: number }
  | { readonly at: number; readonly do: 'restart'; readonly for: number; readonly keeps: boolean }
  | { readonly at: number; readonly do: 'failover'; readonly for: number; readonly older: number }
  | { readonly at: number; readonly do: 'step'; readonly by: number };

export interface CircuitStory {
  readonly seed: number;
  readonly players: readonly Player[];
  /** s. */
  readonly length: number;
  /** When the endpoint is down, s. */
  readonly down?: readonly (readonly [from: number, to: number])[];
  readonly policy?: Record<string, unknown>;
  readonly loss?: number;
  readonly happenings?: readonly CircuitHappening[];
  readonly without?: readonly FleetRule[];
  /** The rule taken out: not who has a request in hand claims the trials, but members by turns of so many seconds. */
  readonly turns?: number;
}

export interface CircuitOutcome {
  /** Share of time in which healthy members with traffic were kept from the endpoint while it was up. */
  readonly barred: number;
  /** Ms from a transition in Redis until a member showed it, of those who reach Redis. */
  readonly delays: number[];
  /** How often the fleet opened it on votes. */
  openings: number;
  /** Verdicts that counted for another turn than the one that was tried. */
  strayVerdicts: number;
  verdicts: number;
  /** At the end. */
  readonly states: CircuitState[];
  readonly turn: string;
  /** What its listeners were told: by member. */
  readonly told: string[][];
}

interface Seat {
  readonly player: Player;
  readonly id: string;
  readonly machine: Machine;
  readonly link: MembersLink;
  readonly circuits: FleetCircuits;
  readonly circuit: Circuit;
  readonly told: string[];
  readonly startedAt: number;
  endedAt: number | undefined;
}

const SAMPLE = 100;
/** s. */
const SEEN_DEAD = 6;
const PLACE = { label: 'users/192.0.2.1:80' };

/** A fleet, its Redis and one endpoint through a history. The same story has the same outcome. */
export async function play(story: CircuitStory): Promise<CircuitOutcome> {
  const world = new World(story.seed);
  const policy = policyOf({ open_for: '30s', window: '10s', ...story.policy });
  const broken = new Set(story.without);
  const start = 1_800_000_000_000_000;
  let twin = new FleetTwin(start, broken);
  let shift = 0;
  const copies: { at: number; twin: FleetTwin }[] = [];
  const outcome = { openings: 0, strayVerdicts: 0, verdicts: 0, delays: [] as number[] };
  const seats: Seat[] = [];
  const now = () => world.now / 1e6;
  const at = (s: number, run: () => void) => world.after(s * 1e6 - world.now, run);
  const within = (spans: readonly (readonly [number, number])[] | undefined) =>
    spans?.some(([from, to]) => now() >= from && now() < to) ?? false;

  /** All keys are one: there is one endpoint. */
  const run = (script: { name: string }, args: readonly string[]): unknown => {
    twin.now = start + Math.round(world.now) + shift;
    const before = turnOf(twin);
    const reply = twin.run(script, ['circuit'], args) as [number, number, string, string, string, string];
    const [done, changed, n, random, state] = reply;
    if (script.name === 'circuit-verdict' && done === 1) {
      outcome.verdicts += 1;
      if (!`${args[0]} `.startsWith(`${before.split(' ').slice(0, 2).join(' ')} `)) outcome.strayVerdicts += 1;
    } else if (
      script.name === 'circuit-report' &&
      changed === 1 &&
      reply[5].includes('machines') &&
      !args[0]?.startsWith(`${n} ${random}`)
    )
      outcome.openings += 1;
    if (changed === 1 && done === 1 && script.name !== 'circuit-claim') watchSpread(state, world.now);
    return reply;
  };
  const redis: SharedRedis = {
    ...{ twin: { run } as unknown as BeatTwin, outages: 0, links: new Set(), loss: story.loss ?? 0 },
  };

  /** How long until each healthy member shows it. */
  let waiting: { state: string; since: number; left: Set<Seat> }[] = [];
  function watchSpread(state: string, since: number): void {
    const left = seats.filter((seat) => seat.endedAt === undefined && seat.link.reaches && seat.player.broken === undefined);
    waiting = [{ state, since, left: new Set(left) }];
  }
  function shown(seat: Seat): void {
    for (const one of waiting) {
      if (!one.left.has(seat) || (seat.circuit.state === 'open') !== (one.state === 'open')) continue;
      one.left.delete(seat);
      outcome.delays.push((world.now - one.since) / 1000);
    }
  }

  function sit(player: Player, order: number): void {
    const machine = new Machine(world, 0.995 + world.random() * 0.01);
    const link = new MembersLink(machine, redis);
    const { id } = newInstance(player.machine, order, '0123456789abcdef');
    const members = {
      self: { id },
      living: () => seats.filter(({ endedAt }) => endedAt === undefined || now() - endedAt < SEEN_DEAD || broken.has('living')),
    };
    const circuits = new FleetCircuits({
      ...{ clock: clockOf(machine), store: link, keys: new Keys('s:', 'f'), members, random: world.random },
    });
    const told: string[] = [];
    const circuit = circuits.watch(PLACE, policy, (state, reason) => {
      told.push(`${now().toFixed(3)} ${state} ${reason}`);
      queueMicrotask(() => shown(seat));
    });
    const seat: Seat = { player, id, machine, link, circuits, circuit, told, startedAt: now(), endedAt: undefined };
    seats.push(seat);
    const arrive = () => {
      if (seat.endedAt !== undefined) return;
      const gap = player.isRegular ? 0.75 + world.random() / 2 : -Math.log(1 - world.random());
      world.after((gap * 1e6) / player.perSecond, arrive);
      machine.when(() => ask(seat));
    };
    if (player.perSecond > 0 && player.isRegular) world.after((world.random() * 1e6) / player.perSecond, arrive);
    else if (player.perSecond > 0) arrive();
  }

  function ask(seat: Seat): void {
    const { circuit, circuits, machine, player } = seat;
    if (seat.endedAt !== undefined) return;
    if (!circuit.admits) {
      if (story.turns === undefined) circuit.want();
      return;
    }
    const permit = circuits.enter(PLACE, policy);
    if (permit === undefined) throw new Error('admitted and refused');
    const fails = within(story.down) || within(player.broken);
    world.after(world.between(2000, 40_000), () =>
      machine.when(() => {
        if (fails) permit.failed('connect');
        else permit.succeeded();
      }),
    );
  }

  function goDown(s: number): void {
    redis.outages += 1;
    world.after(s * 1e6, () => {
      redis.outages -= 1;
    });
  }

  function happen(one: CircuitHappening): void {
    if (one.do === 'step') shift += one.by * 1e6;
    else if (one.do === 'restart') {
      goDown(one.for);
      if (!one.keeps) twin.lose();
    } else if (one.do === 'failover') {
      goDown(one.for);
      twin = copies.findLast((copy) => copy.at <= now() - one.older)?.twin.copy() ?? new FleetTwin(start, broken);
    } else if (one.do === 'join') sit(story.players[one.who % story.players.length] as Player, seats.length);
    else {
      const seat = seats[one.who % seats.length] as Seat;
      if (one.do === 'pause') seat.machine.pause(one.for * 1e6);
      else if (one.do === 'cut') {
        seat.link.cuts += 1;
        world.after(one.for * 1e6, () => {
          seat.link.cuts -= 1;
        });
      } else if (seats.filter(({ endedAt }) => endedAt === undefined).length > 1) {
        if (seat.endedAt !== undefined) return;
        seat.endedAt = now();
        seat.circuits.close();
        seat.link.cuts += 1;
      }
    }
  }

  let [samples, barred] = [0, 0];
  function sample(): void {
    if (story.happenings?.some(({ do: what }) => what === 'failover')) copies.push({ at: now(), twin: twin.copy() });
    if (copies.length > 300) copies.shift();
    if (within(story.down)) return;
    for (const { player, circuit, endedAt } of seats) {
      if (endedAt !== undefined || player.perSecond === 0 || player.broken !== undefined) continue;
      samples += 1;
      if (circuit.state === 'open' || (circuit.state === 'half_open' && !circuit.admits)) barred += 1;
    }
  }

  for (const [order, player] of story.players.entries()) at(order * 0.1 + world.random() * 0.09, () => sit(player, order));
  for (const one of story.happenings ?? []) at(one.at, () => happen(one));
  for (let ms = SAMPLE; ms <= story.length * 1000; ms += SAMPLE) at(ms / 1000, sample);
  const { turns } = story;
  if (turns !== undefined)
    for (let s = 1; s < story.length; s += 0.1) at(s, () => seats[Math.floor(now() / turns) % seats.length]?.circuit.want());
  await world.run(story.length * 1e6);
  const alive = seats.filter(({ endedAt }) => endedAt === undefined);
  const states = alive.map(({ circuit }) => circuit.state);
  for (const { circuits } of seats) circuits.close();
  return { ...outcome, barred: barred / samples, states, turn: turnOf(twin), told: seats.map(({ told }) => told) };
}

/** Time goes on between two timers: what is due in less than a µs would else be due for ever, by rounding. */
function clockOf(machine: Machine): Clock {
  return {
    now: () => machine.now(),
    wall: () => machine.wall(),
    after: (ms, callback) => machine.after(Math.max(ms, 0.002), callback),
    every: (ms, callback) => machine.every(ms, callback),
  };
}

function turnOf(twin: FleetTwin): string {
  return twin.circuits.get('circuit')?.get('turn') ?? '';
}
