import { EventEmitter } from 'node:events';
import type CircuitBreaker from 'opossum';
import { onDemand } from '../../lib/on-demand.ts';
import type { Counts } from './machine.ts';

const BUCKETS = 10;

/** Nothing loads opossum before the first circuit is asked for. */
export const opossum = onDemand<typeof CircuitBreaker>('opossum');

/**
 * The rolling window of opossum, lean, on a time that its owner gives. Its `fire()` would wrap each attempt in two promises
 * and count it a moment later; here it is sent the events that it counts by, `fire` and `failure`, when an attempt has
 * been judged. A failure counts for nine tenths of the window at least, and for all of it at most.
 *
 * opossum has no time of its own here. Its buckets turn when the owner's clock says so, as time is read with each count, so
 * that an idle window costs nothing. And the timer with which it would half-open by itself never runs: its listener to
 * its own `open` is taken off.
 */
export class ErrorWindow {
  private readonly turn = new EventEmitter();
  private readonly breaker: CircuitBreaker;
  /** When the bucket that is counted in began. */
  private turnedAt: number;

  /** @param now monotonic ms */
  constructor(now: number) {
    this.turnedAt = now;
    const Breaker = opossum();
    this.breaker = new Breaker(() => Promise.resolve(), {
      name: 'sluice',
      timeout: false,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rollingCountBuckets: BUCKETS,
      rotateBucketController: this.turn,
    });
    this.breaker.removeAllListeners('open');
  }

  /** @param window in ms, which may be another one each time: what is counted stays @param now monotonic ms */
  succeeded(window: number, now: number): void {
    this.advance(window, now);
    this.breaker.emit('fire');
  }

  failed(window: number, now: number): void {
    this.advance(window, now);
    this.breaker.emit('fire');
    this.breaker.emit('failure');
  }

  counts(window: number, now: number): Counts {
    this.advance(window, now);
    const { fires, failures } = this.breaker.stats;
    return { requests: fires, failures };
  }

  open(): void {
    this.breaker.open();
  }

  /** What was counted before it opened says nothing about what comes now. */
  close(): void {
    this.breaker.close();
    this.rotate(BUCKETS);
  }

  private advance(window: number, now: number): void {
    const bucket = window / BUCKETS;
    const turns = Math.floor((now - this.turnedAt) / bucket);
    if (turns <= 0) return;
    this.turnedAt += turns * bucket;
    this.rotate(Math.min(turns, BUCKETS));
  }

  private rotate(turns: number): void {
    for (let turned = 0; turned < turns; turned++) this.turn.emit('rotate');
  }
}
