import type { Script } from './script.ts';

/**
 * How Redis is: `up`; `slow`, which answers, but later than commands wait for; `down`, which does not, or answers that it
 * cannot do what is asked (read-only, out of memory, loading, too old, no permission).
 */
export type StoreCondition = 'up' | 'slow' | 'down';

export interface StoreState {
  readonly condition: StoreCondition;
  /** In words for operators; empty while it is up. */
  readonly reason: string;
  /** Since when, in ms of the clock's `now`. */
  readonly since: number;
}

/** Whoever listens to a channel. */
export interface ChannelListener {
  message(text: string): void;
  /** Messages may have been missed: what they are about is to be read again. Also called when it begins to listen. */
  gap(): void;
}

/** A command that got no answer that could be used. What it was to do may have been done all the same. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** `down`: it was not sent. `late`: no answer within command_timeout. `refused`: Redis, or the script, said no. `lost`: the connection broke. */
  readonly kind: 'down' | 'late' | 'refused' | 'lost';

  constructor(kind: StoreError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/**
 * Redis as other rooms see it: scripts and channels, and how it is. One for an instance.
 *
 * Atomic: one {@link run}. Its keys are in one slot, or the store is no cluster.
 * Clock: `TIME` of Redis inside scripts; waits here are measured on the instance's monotonic clock.
 * Failure: an outage costs a caller nothing but the answer. While it is down {@link run} rejects at once; a command is never
 * waited for longer than `command_timeout`, and never sent twice.
 */
export interface Store {
  readonly state: StoreState;
  /** Whether keys have to be in one slot. */
  readonly isCluster: boolean;
  /** Round trips of late, in ms, smoothed; 0 before the first. */
  readonly latency: number;
  /** Commands of a turn of the event loop travel together. Rejects with {@link StoreError} alone. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** Calls back whenever the condition or its reason changes. @returns calls it off */
  onState(listener: (state: StoreState) => void): () => void;
  /** @returns stops listening */
  listen(channel: string, listener: ChannelListener): () => void;
  /** Best effort: never rejects, and tells nobody when it is lost. */
  publish(channel: string, text: string): void;
}
