import type { Script } from '../../../../src/redis/script.ts';
import { type Broken, begin, fresh, giveBack, MICRO, settle, type TwinBucket, take, untilThere } from './bucket-twin.ts';
import { freshWindow, settleWindow, type TwinWindow, takeFromWindow, windowLevel, windowWait } from './window-twins.ts';

interface TwinDemand {
  readonly key: string;
  readonly kind: string;
  readonly limit: number;
  readonly rate: number;
  readonly window: number;
  readonly cost: number;
  readonly want: number;
  readonly tau: number;
  readonly strict: boolean;
}

/** What the scripts of the limiter do in Redis, in TypeScript: with a clock and a life of its own. */
export class TwinRedis {
  /** µs. */
  now: number;
  /** Of the server and its role: another one is a restart or a promotion. */
  source = 'one';
  buckets = new Map<string, TwinBucket>();
  windows = new Map<string, TwinWindow>();
  lives = new Map<string, { id: string; start: number; source: string }>();

  private readonly broken: Broken;

  constructor(now = 1_800_000_000_000_000, broken: Broken = new Set()) {
    this.now = now;
    this.broken = broken;
  }

  run({ name }: Pick<Script, 'name'>, keys: readonly string[], args: readonly (string | number)[]): unknown {
    if (name === 'take') return this.take(keys, args);
    if (name === 'give-back') return this.giveBack(keys[0] as string, args);
    if (name === 'hold') return this.hold(keys[0] as string, args);
    throw new Error(`no twin of ${name}`);
  }

  /** Members and their places, with until when, by bucket. */
  places = new Map<string, Map<string, { count: number; expiry: number }>>();

  private hold(key: string, args: readonly (string | number)[]): [number, number] {
    const [limit = 0, , want = 0, taken = 0, ttl = 0] = args.map(Number);
    const id = String(args[1]);
    const bucket = this.places.get(key) ?? new Map<string, { count: number; expiry: number }>();
    for (const [other, { expiry }] of bucket) if (expiry <= this.now || expiry > this.now + ttl * 2000) bucket.delete(other);
    bucket.delete(id);
    const others = [...bucket.values()].reduce((sum, { count }) => sum + count, 0);
    const free = Math.max(0, limit - others);
    const held = Math.max(taken, Math.min(want, free));
    if (held > 0) bucket.set(id, { count: held, expiry: this.now + ttl * 1000 });
    this.places.set(key, bucket);
    return [held, Math.max(0, free - held)];
  }

  /** Everything is gone, and it is another life. */
  lose(): void {
    this.buckets.clear();
    this.windows.clear();
    this.lives.clear();
    this.places.clear();
  }

  private life(key: string, random: string): { id: string; start: number } {
    const known = this.lives.get(key);
    if (known?.source === this.source) return known;
    const life = { id: random, start: this.now, source: this.source };
    this.lives.set(key, life);
    return life;
  }

  private take(keys: readonly string[], args: readonly (string | number)[]): number[] {
    const { now } = this;
    const id = String(args[0]);
    const count = (args.length - 1) / 8;
    let lives = count;
    const demands = Array.from({ length: count }, (_, at): TwinDemand => {
      const [kind, ...rest] = args.slice(1 + at * 8, 9 + at * 8);
      const [limit, rate, window, cost, want, tau, strict] = rest.map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return { key: keys[at] as string, kind: String(kind), limit, rate, window, cost, want, tau, strict: strict === 1 };
    });
    const moved = new Set<TwinDemand>();
    const states = demands.map((d) => {
      if (d.kind !== 'b') return this.window(d, moved);
      const known = this.buckets.get(d.key);
      const bucket = known === undefined ? fresh(d.limit * MICRO, now) : structuredClone(known);
      if (now < bucket.time) moved.add(d);
      settle(bucket, d.limit * MICRO, d.rate, now, this.broken);
      if (d.strict) begin(bucket, this.life(keys[lives++] as string, id), d.rate, d.tau, now, this.broken);
      return bucket;
    });
    const level = (d: TwinDemand, s: TwinBucket | TwinWindow) =>
      'slices' in s ? Math.floor(s.level / MICRO) : windowLevel(s, d.limit, d.window, now);
    const wait = (d: TwinDemand, s: TwinBucket | TwinWindow, tokens: number) =>
      'slices' in s ? untilThere(s, d.limit * MICRO, d.rate, tokens * MICRO, now) : windowWait(s, d.limit, d.window, tokens, now);
    const admitted = demands.every((d, at) => level(d, states[at] as TwinBucket) >= d.cost);
    const reply = [admitted ? 1 : 0];
    demands.forEach((d, at) => {
      const s = states[at] as TwinBucket | TwinWindow;
      let [taken, expiry] = [0, 0];
      if (admitted && d.cost > 0) {
        if ('slices' in s) [taken, expiry] = take(s, d.cost, d.want, d.tau, now, this.broken);
        else {
          takeFromWindow(s, d.cost, now);
          taken = d.cost;
        }
        this.keep(d.key, s);
      } else if (moved.has(d) || (d.strict && d.cost > 0)) this.keep(d.key, s);
      reply.push(
        taken,
        expiry,
        level(d, s),
        admitted && d.want === 0 ? 0 : Math.trunc(wait(d, s, d.cost)),
        Math.trunc(wait(d, s, d.limit)),
      );
    });
    return reply;
  }

  private window(d: TwinDemand, moved: Set<TwinDemand>): TwinWindow {
    const known = this.windows.get(d.key);
    const window = known === undefined ? freshWindow(d.kind as TwinWindow['kind'], d.window, this.now) : structuredClone(known);
    const { start } = window;
    settleWindow(window, d.window, this.now);
    if (window.start < start) moved.add(d);
    // The script tidies a log up whenever it looks at it.
    if (known !== undefined && d.kind === 'l') this.windows.set(d.key, structuredClone(window));
    return window;
  }

  private keep(key: string, state: TwinBucket | TwinWindow): void {
    if ('slices' in state) this.buckets.set(key, state);
    else this.windows.set(key, state);
  }

  private giveBack(key: string, args: readonly (string | number)[]): number {
    const [limit, rate, expiry, tokens] = args.map(Number) as [number, number, number, number];
    const bucket = structuredClone(this.buckets.get(key) ?? fresh(limit * MICRO, this.now));
    settle(bucket, limit * MICRO, rate, this.now, this.broken);
    if (!giveBack(bucket, expiry, tokens, String(args[4]), this.broken)) return 0;
    this.buckets.set(key, bucket);
    return 1;
  }
}
