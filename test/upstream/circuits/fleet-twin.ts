import type { Script } from '../../../src/redis/script.ts';

/**
 * Rules that a simulation may take out. `machines`: votes are counted by machine; `voters`: who votes is counted among those
 * with traffic; `living`: the dead do not vote; `success`: nobody votes without a success since the fleet closed it;
 * `settled`: nothing opens just after a gap; `fence`: a verdict needs the owner's token; `later`: of two transitions the later one wins.
 */
export type FleetRule = 'machines' | 'voters' | 'living' | 'success' | 'settled' | 'fence' | 'later';

interface TwinTurn {
  readonly n: number;
  readonly random: string;
  readonly state: string;
  readonly reason: string;
}

const [LEASE, FRESH, FORGOTTEN, GAP, SETTLED] = [5000, 10_000, 60_000, 4000, 3000];
const OWN = new Set(['turn', 'owner', 'contact']);

function whole(digits: string | undefined): number | undefined {
  return digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

function turnOf(value: string | undefined): TwinTurn | undefined {
  const parts = /^(\d+) ([0-9a-f]+) ([a-z]+) ([\s\S]*)$/.exec(value ?? '');
  const n = whole(parts?.[1]);
  if (parts === null || n === undefined || !['open', 'closed'].includes(parts[3] as string)) return undefined;
  return { n, random: parts[2] as string, state: parts[3] as string, reason: parts[4] as string };
}

/** What the scripts of circuits do in Redis, in TypeScript, with a clock of its own. */
export class FleetTwin {
  /** µs. */
  now: number;
  circuits = new Map<string, Map<string, string>>();
  private readonly broken: ReadonlySet<FleetRule>;

  constructor(now = 1_800_000_000_000_000, broken: ReadonlySet<FleetRule> = new Set()) {
    this.now = now;
    this.broken = broken;
  }

  run({ name }: Pick<Script, 'name'>, keys: readonly string[], args: readonly (string | number)[]): unknown {
    const key = keys[0] as string;
    const hash = this.circuits.get(key) ?? new Map<string, string>();
    const reply = new Call(hash, Math.floor(this.now / 1000), args.map(String), this.broken).run(name);
    if (hash.size > 0) this.circuits.set(key, hash);
    else this.circuits.delete(key);
    return reply;
  }

  lose(): void {
    this.circuits.clear();
  }

  /** As it is now, for a failover to it later. */
  copy(): FleetTwin {
    const copy = new FleetTwin(this.now, this.broken);
    for (const [key, hash] of this.circuits) copy.circuits.set(key, new Map(hash));
    return copy;
  }
}

class Call {
  private readonly hash: Map<string, string>;
  private readonly now: number;
  private readonly args: readonly string[];
  private readonly broken: ReadonlySet<FleetRule>;
  private current: TwinTurn | undefined;
  private readonly view: TwinTurn | undefined;
  private changed = 0;

  constructor(hash: Map<string, string>, now: number, args: readonly string[], broken: ReadonlySet<FleetRule>) {
    this.hash = hash;
    this.now = now;
    this.args = args;
    this.broken = broken;
    this.current = turnOf(hash.get('turn'));
    const view = turnOf(args[0]);
    this.view = view;
    const { current } = this;
    if (view === undefined || broken.has('later')) return;
    const later = current === undefined || view.n > current.n || (view.n === current.n && view.random > current.random);
    if (later) this.turn(view);
  }

  run(name: string): unknown {
    if (name === 'circuit-report') return this.report();
    if (name === 'circuit-claim') return this.claim();
    if (name === 'circuit-verdict') return this.verdict();
    throw new Error(`no twin of ${name}`);
  }

  private turn(to: TwinTurn): void {
    this.hash.set('turn', `${to.n} ${to.random} ${to.state} ${to.reason}`);
    this.hash.delete('owner');
    this.current = to;
    this.changed = 1;
  }

  private turnTo(state: string, random: string, reason: string): void {
    this.turn({ n: (this.current?.n ?? 0) + 1, random, state, reason });
  }

  private get owner(): { token: string; left: number } {
    const parts = /^([0-9a-f]+) (\d+)$/.exec(this.hash.get('owner') ?? '');
    const until = whole(parts?.[2]);
    if (parts === null || until === undefined) return { token: '', left: 0 };
    const left = until - this.now;
    return { token: parts[1] as string, left: left > 0 && left <= LEASE ? left : 0 };
  }

  private reply(done: number): unknown[] {
    const { token, left } = this.owner;
    const { n, random, state, reason } = this.current ?? { n: 0, random: '', state: 'closed', reason: '' };
    return [done, this.changed, String(n), random, state, reason, token, String(left)];
  }

  private within(at: number | undefined, ms: number): boolean {
    return at !== undefined && Math.abs(this.now - at) <= ms;
  }

  private report(): unknown[] {
    const { hash, now, args } = this;
    const [, openFor, id, used, opened, success, quorum, random, reason] = args as string[] & { length: 9 };
    if (used === '' && opened === '') {
      hash.delete(id as string);
      return this.reply(1);
    }
    const contact = /^(\d+) (\d+)$/.exec(hash.get('contact') ?? '');
    let since = whole(contact?.[1]);
    const last = whole(contact?.[2]);
    const isMinute = last === undefined || Math.floor(last / FORGOTTEN) !== Math.floor(now / FORGOTTEN);
    if (since === undefined || last === undefined || now < last || now - last > GAP) since = now;
    hash.set('contact', `${since} ${now}`);
    const at = (age: string | undefined) => (age === '' ? 0 : now - Number(age));
    hash.set(id as string, `${now} ${at(used)} ${at(opened)} ${success}`);
    const settled = now - since >= SETTLED || this.broken.has('settled');
    const counts = opened !== '' && settled && this.current?.state !== 'open';
    if (!counts && !isMinute) return this.reply(1);
    const machines = this.count(Number(openFor));
    if (!counts) return this.reply(1);
    const votes = machines.filter((machine) => machine.votes * 2 > machine.threads).length;
    const total = machines.filter(({ counted }) => counted).length;
    if (votes >= 2 && (votes > Number(quorum) * total || votes === total))
      this.turnTo('open', random as string, `${votes} of ${total} machines, the last: ${reason}`);
    return this.reply(1);
  }

  private count(openFor: number): { threads: number; votes: number; counted: boolean }[] {
    const living = new Set(this.args.slice(9));
    const machines = new Map<string, { threads: number; votes: number; counted: boolean }>();
    for (const [member, value] of this.hash) {
      const parts = /^(\d+) (\d+) (\d+) ([^ \t\n\v\f\r]*)$/.exec(value) ?? [];
      const [seen, used, opened] = [whole(parts[1]), whole(parts[2]), whole(parts[3])];
      if (!this.within(seen, FORGOTTEN)) {
        if (!OWN.has(member)) this.hash.delete(member);
        continue;
      }
      if (!this.broken.has('living') && !(living.has(member) && this.within(seen, FRESH))) continue;
      const votes = this.within(opened, 2 * openFor);
      if (!votes && !this.within(used, FRESH)) continue;
      const name = this.broken.has('machines') ? member : (/^([\s\S]+)\/[^/]+\/[^/]+$/.exec(member)?.[1] ?? member);
      const machine = machines.get(name) ?? { threads: 0, votes: 0, counted: false };
      machines.set(name, machine);
      machine.threads += 1;
      machine.counted ||= !this.broken.has('voters') || this.within(used, FRESH);
      const { current } = this;
      const proven = current === undefined || parts[4] === `${current.n}:${current.random}` || this.broken.has('success');
      if (votes && proven) machine.votes += 1;
    }
    return [...machines.values()];
  }

  private claim(): unknown[] {
    const { view, current, owner } = this;
    const known = view !== undefined && current?.n === view.n && current.random === view.random;
    if (!known || current.state !== 'open' || (owner.left > 0 && owner.token !== this.args[2])) return this.reply(0);
    this.hash.set('owner', `${this.args[2]} ${this.now + LEASE}`);
    return this.reply(1);
  }

  private verdict(): unknown[] {
    const [, , token, state, random, reason] = this.args as [string, string, string, string, string, string];
    const isOwner = this.owner.token === token || this.broken.has('fence');
    if (!isOwner || this.current === undefined) return this.reply(0);
    this.turnTo(state, random, reason);
    return this.reply(1);
  }
}
