import { newInstance } from '../../src/fleet/instance.ts';
import { Members } from '../../src/fleet/members.ts';
import { Keys } from '../../src/redis/keys.ts';
import { BeatTwin } from '../fleet/beat-twin.ts';
import { MembersLink, type SharedRedis } from './members-link.ts';
import { Machine, World } from './world.ts';

/** What happens, and when: ms. `step`: of the clock of Redis. `older`: a failover to a copy that is so much older, after a time without Redis. */
export type Happening =
  | { readonly at: number; readonly do: 'join' }
  | { readonly at: number; readonly do: 'leave' | 'crash'; readonly who: number }
  | { readonly at: number; readonly do: 'cut' | 'pause'; readonly who: number; readonly ms: number }
  | { readonly at: number; readonly do: 'step'; readonly ms: number }
  | { readonly at: number; readonly do: 'restart'; readonly down: number; readonly keeps: boolean }
  | { readonly at: number; readonly do: 'flush' }
  | { readonly at: number; readonly do: 'failover'; readonly down: number; readonly older: number };

export interface Story {
  readonly seed: number;
  readonly members: number;
  /** ms. */
  readonly length: number;
  readonly loss: number;
  readonly happenings: readonly Happening[];
  /** The rule taken out: whom Redis has heard of within member_ttl by its own clock is alive, and nobody else. */
  readonly judge?: 'redis';
}

export interface Outcome {
  /** What broke the promise, in words. */
  readonly broken: string[];
  /** Fewest of the living that one of them knew, after the first ten seconds. */
  readonly fewest: number;
  /** Ms from a crash until the last of the others knew of it. */
  readonly deaths: number[];
}

export const HEARTBEAT = 1000;
export const MEMBER_TTL = 5000;
/** A heartbeat may be a tenth longer, clocks are 1 % apart, answers take some ms. */
const BEAT = 1.15 * HEARTBEAT;
const CHECK = 100;
const KEYS = new Keys('sluice:', 'simulated');

interface Node {
  readonly id: string;
  readonly machine: Machine;
  readonly link: MembersLink;
  readonly members: Members;
  readonly startedAt: number;
  endedAt: number | undefined;
  isCrash: boolean;
  /** Since when it has reached Redis without a break. */
  quietSince: number;
  /** How long it has reached Redis in all; and how long it had when another one last had troubles of its own. */
  looked: number;
  readonly troubles: Map<string, number>;
  pausedUntil: number;
  readonly knows: Set<string>;
  readonly met: Set<string>;
  /** Whom it has seen go for good. */
  readonly buried: Set<string>;
}

/** A fleet and its Redis through a history. The same story has the same outcome. Times in ms. */
export async function play(story: Story): Promise<Outcome> {
  const world = new World(story.seed);
  const redis: SharedRedis = { twin: new BeatTwin(), outages: 0, links: new Set(), loss: story.loss };
  const copies: { at: number; twin: BeatTwin }[] = [];
  const nodes: Node[] = [];
  const outcome: Outcome & { fewest: number } = { broken: [], fewest: Number.POSITIVE_INFINITY, deaths: [] };
  // With lost messages a look or two more are needed.
  const slack = story.loss > 0 ? 3 * BEAT : 50;
  let lastLoss = 0;
  /** When marks of who left may have been cleaned up too early: they are kept for ten minutes by the clock of Redis. */
  let lastStep = 0;
  let ticked = 0;
  const now = () => world.now / 1000;
  const at = (ms: number, run: () => void) => world.after(ms * 1000, run);

  function join(): void {
    const machine = new Machine(world, 0.995 + world.random() * 0.01);
    const link = new MembersLink(machine, redis);
    const self = newInstance(`m${nodes.length}`, 0, '0123456789abcdef');
    const config = { heartbeat: HEARTBEAT, member_ttl: MEMBER_TTL };
    const members = new Members({ store: link, keys: KEYS, clock: machine, random: world.random, config, self });
    nodes.push({
      ...{ id: self.id, machine, link, members, startedAt: now(), endedAt: undefined, isCrash: false },
      ...{
        quietSince: now(),
        looked: 0,
        troubles: new Map<string, number>(),
        pausedUntil: 0,
        knows: new Set<string>(),
        met: new Set<string>(),
        buried: new Set<string>(),
      },
    });
    members.start();
  }

  function goDown(ms: number): void {
    redis.outages += 1;
    at(ms, () => {
      redis.outages -= 1;
    });
  }

  const happen = (one: Happening): void => {
    if (one.do === 'join') return join();
    if (one.do === 'step') {
      redis.twin.now += one.ms * 1000;
      lastStep = now();
    } else if (one.do === 'flush') {
      redis.twin.lose();
      lastLoss = now();
    } else if (one.do === 'restart') {
      goDown(one.down);
      if (!one.keeps) redis.twin.lose();
      if (!one.keeps) lastLoss = now() + one.down;
    } else if (one.do === 'failover') {
      const old = copies.findLast((copy) => copy.at <= now() - one.older)?.twin.copy() ?? new BeatTwin(redis.twin.now);
      old.now = redis.twin.now;
      redis.twin = old;
      goDown(one.down);
      lastLoss = now() + one.down;
    } else {
      const node = nodes[one.who];
      if (node === undefined || node.endedAt !== undefined) return;
      if (one.do === 'cut') {
        node.link.cuts += 1;
        at(one.ms, () => {
          node.link.cuts -= 1;
        });
      } else if (one.do === 'pause') {
        node.pausedUntil = Math.max(node.pausedUntil, now() + one.ms);
        node.machine.pause(one.ms * 1000);
      } else {
        // One that cannot say that it leaves has crashed.
        node.isCrash = one.do === 'crash' || !node.link.reaches || node.link.state.condition === 'down' || story.loss > 0;
        node.isCrash ||= node.pausedUntil > now();
        node.endedAt = now();
        if (one.do === 'leave') void node.members.leave();
        else node.members.close();
      }
    }
  };

  const knownTo = (observer: Node): Set<string> => {
    if (story.judge !== 'redis') return new Set(observer.members.living().map(({ id }) => id));
    // What a look at Redis shows; who does not reach it keeps what it had.
    if (!observer.link.reaches) return new Set(observer.knows);
    return new Set([observer.id, ...redis.twin.within(MEMBER_TTL)]);
  };

  function check(): void {
    const time = now();
    const passed = time - ticked;
    ticked = time;
    redis.twin.now += passed * 1000;
    copies.push({ at: time, twin: redis.twin.copy() });
    if (copies.length > 200) copies.shift();
    for (const node of nodes) {
      const isPaused = node.pausedUntil > time;
      if (!node.link.reaches || isPaused || !node.members.contact.answered) node.quietSince = time;
      else node.looked += passed;
      if (node.link.cuts === 0 && !isPaused) continue;
      for (const { troubles, looked } of nodes) troubles.set(node.id, looked);
    }
    for (const observer of nodes) if (observer.endedAt === undefined && observer.pausedUntil <= time) judge(observer, time);
  }

  function judge(observer: Node, time: number): void {
    const known = knownTo(observer);
    const tell = (what: string, node: Node) => {
      if (outcome.broken.length < 20) outcome.broken.push(`${Math.round(time)}: ${observer.id} ${what} ${node.id}`);
    };
    const alive = nodes.filter(({ endedAt }) => endedAt === undefined);
    if (time > 10_000) outcome.fewest = Math.min(outcome.fewest, alive.filter(({ id }) => known.has(id)).length);
    const quiet = (node: Node) => time - node.quietSince;
    for (const node of nodes) {
      const knew = observer.knows.has(node.id);
      if (node.endedAt === undefined) {
        // Its own troubles, not those of Redis, may cost it its life.
        const troubled = observer.troubles.get(node.id) ?? Number.NEGATIVE_INFINITY;
        const isSound = observer.looked - troubled > MEMBER_TTL + 2 * BEAT + slack;
        if (knew && !known.has(node.id) && isSound) tell('has lost', node);
        // A step of more than an hour makes beats look old enough to be removed: the next ones are not.
        const settled = Math.min(quiet(observer), quiet(node), time - Math.max(lastLoss, lastStep));
        if (settled > 2 * BEAT + slack && !known.has(node.id)) tell('does not know', node);
      } else if (known.has(node.id)) {
        const settled = Math.min(quiet(observer), time - Math.max(node.endedAt, node.isCrash ? 0 : Math.max(lastLoss, lastStep)));
        const isToldOf = !node.isCrash && Math.max(lastLoss, lastStep) < node.endedAt && observer.quietSince < node.endedAt;
        if (settled > (isToldOf ? 2 * BEAT : MEMBER_TTL + BEAT) + slack) tell(isToldOf ? 'still has' : 'has the dead', node);
        if (observer.buried.has(node.id)) tell('has again', node);
      } else {
        if (knew && node.isCrash) outcome.deaths.push(time - node.endedAt);
        // Who was not there for its last beats may take them, from an older copy, for signs of life: once.
        const sawLast = observer.quietSince < node.endedAt - 2 * BEAT;
        const isSure = sawLast && time - node.endedAt > 2 * BEAT;
        if (isSure && observer.met.has(node.id)) observer.buried.add(node.id);
      }
    }
    observer.knows.clear();
    for (const id of known) observer.knows.add(id);
    for (const id of known) observer.met.add(id);
  }

  for (let i = 0; i < story.members; i++) at(world.between(0, 3000), join);
  for (const one of story.happenings) at(one.at, () => happen(one));
  for (let ms = CHECK; ms <= story.length; ms += CHECK) at(ms, check);
  await world.run(story.length * 1000);
  for (const { members } of nodes) members.close();
  return outcome;
}
