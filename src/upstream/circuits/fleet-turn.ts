/** A transition that the fleet has made. Of two, the one with the greater n, and of those the greater random text, is later. */
export interface Turn {
  readonly n: number;
  /** Hex digits. */
  readonly random: string;
  readonly state: 'open' | 'closed';
  readonly reason: string;
}

/** A circuit as Redis has it, after a script of it has run. */
export interface FleetReply {
  /** Whether what was asked for was done. */
  readonly done: boolean;
  /** Whether there was a transition that others are to be told of. */
  readonly changed: boolean;
  readonly turn: Turn;
  /** ms that whoever owns the trials has them yet. */
  readonly left: number;
}

/** Before the first transition. */
export const NO_TURN: Turn = Object.freeze({ n: 0, random: '', state: 'closed', reason: '' });

export function isLater(one: Turn, other: Turn): boolean {
  return one.n > other.n || (one.n === other.n && one.random > other.random);
}

/** As it is stored. */
export function turnText({ n, random, state, reason }: Turn): string {
  return n === 0 ? '' : `${n} ${random} ${state} ${reason}`;
}

/** What a member names that has had a success since. */
export function turnId({ n, random }: Turn): string {
  return `${n}:${random}`;
}

/** @returns undefined for what none of the scripts replies */
export function readFleetReply(reply: unknown): FleetReply | undefined {
  if (!Array.isArray(reply) || reply.length !== 8) return undefined;
  const [done, changed, , random, state, reason] = reply.map(String) as [string, string, string, string, string, string];
  const [n, left] = [Number(reply[2]), Number(reply[7])];
  if (!Number.isSafeInteger(n) || !Number.isFinite(left) || (state !== 'open' && state !== 'closed')) return undefined;
  return { done: done === '1', changed: changed === '1', turn: { n, random, state, reason }, left };
}
