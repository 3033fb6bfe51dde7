import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../../http/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import type { PasswordHash } from './password-hash.ts';
import { computeScrypt } from './scrypt.ts';

/** Half of the threads that Node has for such work, which look up names and read files too. */
const MOST_ACTIVE = 2;
const MOST_WAITING = 32;
/** Of those, from one address: who guesses must not keep all others out. */
const MOST_WAITING_EACH = 8;
const MOST_KNOWN = 10_000;
/** Milliseconds. */
const KNOWN_FOR = 5 * 60_000;
const RETRY_AFTER = 1;

type Scrypt = (password: string, hash: PasswordHash, bytes: number) => Promise<Buffer>;

interface Waiting {
  readonly run: () => void;
  readonly from: string;
}

/**
 * Tries passwords against their hashes, which takes about a fifth of a second each: away from the event loop, a few at a
 * time, equal ones once, and not again for some minutes after one was right. What is kept is that a password fits a hash,
 * under a key that dies with the process; that stays true whatever becomes of a configuration, so it outlives them, while
 * whose hash it is comes from the configuration in force. One per instance; the threads of a process share Node's pool.
 */
export class Passwords {
  private readonly clock: Clock;
  private readonly scrypt: Scrypt;
  private readonly secret = randomBytes(32).toString('base64');
  /** Credentials that were right, in the order in which they were found so, with the time until which that is believed. */
  private readonly known = new Map<string, number>();
  private readonly flights = new Map<string, Promise<boolean>>();
  private readonly queue: Waiting[] = [];
  private readonly waitingFrom = new Map<string, number>();
  private active = 0;

  constructor(clock: Clock, compute: Scrypt = computeScrypt) {
    this.clock = clock;
    this.scrypt = compute;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Whether the password fits the hash: at once where that is known.
   * @param from who asks, for the shares of the queue
   * @throws GatewayError `identity_unavailable` when too many wait already; rejects with it when it cannot be computed
   */
  fits(password: string, hash: PasswordHash, from: string): boolean | Promise<boolean> {
    // The secret on both sides keeps what HMAC does, at a fifth of its cost. No digest is ever shown to anybody.
    const key = digest('sha256', `${this.secret}${hash.text}\0${password}\0${this.secret}`, 'base64');
    const until = this.known.get(key);
    if (until !== undefined) {
      if (until > this.clock.now()) return true;
      this.known.delete(key);
    }
    const inFlight = this.flights.get(key);
    if (inFlight !== undefined) return inFlight;
    const flight = this.turn(from)
      .then(() => this.compute(password, hash))
      .then((fits) => {
        if (fits) this.remember(key);
        return fits;
      })
      .finally(() => this.flights.delete(key));
    this.flights.set(key, flight);
    return flight;
  }

  private async compute(password: string, hash: PasswordHash): Promise<boolean> {
    const wanted = Buffer.from(hash.hash, 'base64url');
    try {
      return timingSafeEqual(await this.scrypt(password, hash, wanted.length), wanted);
    } catch (error) {
      throw new GatewayError('identity_unavailable', undefined, error);
    } finally {
      this.next();
    }
  }

  private remember(key: string): void {
    if (this.known.size >= MOST_KNOWN) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    this.known.set(key, this.clock.now() + KNOWN_FOR);
  }

  /** Resolves when there is a thread to compute on. @throws GatewayError when too many wait */
  private turn(from: string): Promise<void> {
    if (this.active < MOST_ACTIVE) {
      this.active += 1;
      return Promise.resolve();
    }
    const mine = this.waitingFrom.get(from) ?? 0;
    if (this.queue.length >= MOST_WAITING || mine >= MOST_WAITING_EACH) {
      const error = new GatewayError('identity_unavailable', 'Too many passwords wait to be checked');
      error.retryAfter = RETRY_AFTER;
      throw error;
    }
    this.waitingFrom.set(from, mine + 1);
    return new Promise((resolve) => this.queue.push({ run: resolve, from }));
  }

  private next(): void {
    const first = this.queue.shift();
    if (first === undefined) {
      this.active -= 1;
      return;
    }
    const left = (this.waitingFrom.get(first.from) ?? 1) - 1;
    if (left > 0) this.waitingFrom.set(first.from, left);
    else this.waitingFrom.delete(first.from);
    first.run();
  }
}
