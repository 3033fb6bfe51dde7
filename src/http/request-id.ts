import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';

/** Crockford's base 32: sorts as the numbers do. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PAIRS: readonly string[] = Array.from({ length: 1024 }, (_, at) => `${DIGITS[at >> 5]}${DIGITS[at & 31]}`);
const PAIR = 1024;
const COUNTER_END = PAIR ** 3;

/** What a request id from somebody else may be. */
const ACCEPTABLE = /^[A-Za-z0-9._~:+/=-]{1,128}$/;

export function isRequestId(text: string): boolean {
  return ACCEPTABLE.test(text);
}

/**
 * Makes request ids of 22 characters: milliseconds since 1970 (10), this maker's random name (6), a counter (6).
 * They sort by time across a fleet and by order within an instance; two makers collide only if they draw the same
 * 30 random bits and meet in the same millisecond and count.
 */
export class RequestIds {
  private readonly clock: Clock;
  private readonly name: string;
  private millisecond = -1;
  private prefix = '';
  private counter = 0;

  constructor(clock: Clock, random: number = randomBytes(4).readUInt32BE()) {
    this.clock = clock;
    this.name = encode(random % COUNTER_END, 3);
  }

  next(): string {
    const now = this.clock.wall();
    // A clock that steps back does not make an id twice: the counter goes on.
    if (now !== this.millisecond) {
      this.millisecond = now;
      this.prefix = encode(now, 5) + this.name;
    }
    const count = this.counter;
    this.counter = count + 1 < COUNTER_END ? count + 1 : 0;
    return this.prefix + PAIRS[count >> 20] + PAIRS[(count >> 10) & 1023] + PAIRS[count & 1023];
  }
}

function encode(value: number, pairs: number): string {
  let out = '';
  let rest = Math.floor(value);
  for (let pair = 0; pair < pairs; pair++) {
    out = PAIRS[rest % PAIR] + out;
    rest = Math.floor(rest / PAIR);
  }
  return out;
}
