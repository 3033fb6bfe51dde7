/** What bucket.lua.ts does, in TypeScript: for the simulation, and to be held against the script. Times in µs. */
export interface TwinBucket {
  level: number;
  time: number;
  hold: number;
  life: string;
  slices: { expiry: number; amount: number; ids: string[] }[];
}

export const MICRO = 1_000_000;
const LONGEST = 500_000;

/**
 * Rules that a test takes out, to see that they are missed: refill piecewise; hold what was taken ahead against the capacity;
 * remember ids that have given back; give nothing before what was taken ahead in an earlier life has died; know a life at all;
 * take slices along when the clock steps back.
 */
export type Rule = 'piecewise' | 'slices' | 'ids' | 'hold' | 'life' | 'shift';
export type Broken = ReadonlySet<Rule>;
const NONE: Broken = new Set();

function live({ slices }: TwinBucket): number {
  return slices.reduce((sum, { amount }) => sum + amount, 0);
}

export function fresh(burst: number, now: number): TwinBucket {
  return { level: burst, time: now, hold: 0, life: '', slices: [] };
}

export function settle(b: TwinBucket, burst: number, rate: number, now: number, broken = NONE): void {
  if (broken.has('piecewise')) b.slices = b.slices.filter(({ expiry }) => expiry > now);
  if (now < b.time) {
    const back = b.time - now;
    if (!broken.has('shift')) for (const slice of b.slices) slice.expiry -= back;
    b.hold -= back;
    b.time = now;
  }
  for (;;) {
    const [first] = b.slices;
    const to = first !== undefined && first.expiry < now ? first.expiry : now;
    const from = Math.max(b.time, b.hold);
    const room = burst - live(b) - b.level;
    if (room <= 0) {
      b.level = Math.max(0, b.level + room);
      b.time = Math.max(b.time, to);
    } else if (to <= from) {
      b.time = Math.max(b.time, to);
    } else {
      const credit = Math.floor((to - from) * rate);
      if (credit >= room) {
        b.level += room;
        b.time = to;
      } else {
        b.level += credit;
        b.time = Math.min(to, from + Math.ceil(credit / rate));
      }
    }
    if (first === undefined || first.expiry > now) return;
    b.slices.shift();
  }
}

export interface Life {
  readonly id: string;
  readonly start: number;
}

/** The data are of another life: rule A2 of FLEET.md. */
export function begin(b: TwinBucket, life: Life, rate: number, tau: number, now: number, broken = NONE): void {
  if (b.life === life.id || broken.has('life')) return;
  const before = broken.has('hold') ? life.start : life.start + Math.max(tau, LONGEST);
  b.level = Math.min(b.level, Math.floor(rate * Math.max(0, now - before)));
  if (!broken.has('hold')) b.hold = Math.max(now, before);
  b.life = life.id;
  b.slices = [];
}

export function untilThere(b: TwinBucket, burst: number, rate: number, amount: number, now: number): number {
  let { level } = b;
  let from = Math.max(b.time, b.hold);
  let held = live(b);
  if (level >= amount) return 0;
  for (const slice of b.slices) {
    const room = Math.max(0, burst - held - level);
    const missing = amount - level;
    if (missing <= room && from + Math.ceil(missing / rate) <= slice.expiry)
      return Math.max(1, from + Math.ceil(missing / rate) - now);
    level += Math.min(room, Math.max(0, Math.floor((slice.expiry - from) * rate)));
    from = Math.max(from, slice.expiry);
    held -= slice.amount;
  }
  return Math.max(1, from + Math.ceil((amount - level) / rate) - now);
}

/** @returns tokens, and the expiry of the slice that holds them, 0 for none */
export function take(b: TwinBucket, cost: number, want: number, tau: number, now: number, broken = NONE): [number, number] {
  const tokens = Math.max(cost, Math.min(want, Math.floor(b.level / MICRO)));
  b.level -= tokens * MICRO;
  if (want === 0) return [cost, 0];
  const width = Math.ceil(tau / 4);
  const expiry = Math.ceil((now + tau) / width) * width;
  let at = b.slices.length;
  while (at > 0 && (b.slices[at - 1]?.expiry ?? 0) > expiry) at--;
  const before = b.slices[at - 1];
  const amount = broken.has('slices') ? 0 : tokens * MICRO;
  if (before?.expiry === expiry) before.amount += amount;
  else b.slices.splice(at, 0, { expiry, amount, ids: [] });
  return [tokens, expiry];
}

/** @returns whether they are back */
export function giveBack(b: TwinBucket, expiry: number, tokens: number, id: string, broken = NONE): boolean {
  const slice = b.slices.find((one) => one.expiry === expiry && one.amount >= tokens * MICRO);
  if (slice === undefined || (slice.ids.includes(id) && !broken.has('ids'))) return false;
  slice.amount -= tokens * MICRO;
  slice.ids.push(id);
  b.level += tokens * MICRO;
  return true;
}
