import type { Clock } from './clock.ts';

/** Listeners that hear it in one go, and the ms until the next ones do: ten thousand a second. */
const AT_ONCE = 256;
const PAUSE = 25;

/**
 * Something that is said once and holds from then on, such as "we are shutting down". Whoever listens when it is said
 * hears it, in order, a few hundred at a time: what they do about it must not hold up the rest, nor come all at once to
 * whoever they turn to next. Listeners must not throw.
 */
export class Notice {
  private readonly clock: Clock;
  private readonly listeners = new Set<() => void>();
  private said = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether it has been said, though some may not have heard it yet. */
  get announced(): boolean {
    return this.said;
  }

  /** Calls back once: at once if it has been said already. @returns a function that calls it off, at any time */
  on(listener: () => void): () => void {
    if (this.said) listener();
    else this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** The first call counts. */
  announce(): void {
    if (this.said) return;
    this.said = true;
    this.tell();
  }

  private tell(): void {
    let told = 0;
    for (const listener of this.listeners) {
      this.listeners.delete(listener);
      listener();
      told += 1;
      if (told === AT_ONCE) break;
    }
    if (this.listeners.size > 0) this.clock.after(PAUSE, () => this.tell());
  }
}
