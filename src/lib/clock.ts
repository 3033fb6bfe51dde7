/** Time as the program sees it. Everything that waits or measures takes one, so that tests own it. */
export interface Clock {
  /** Monotonic milliseconds: for durations and deadlines. */
  now(): number;
  /** Milliseconds since 1970 of the wall clock: for dates that people and other machines read. */
  wall(): number;
  /** Calls back once; does not keep the process alive. @returns a function that calls it off */
  after(ms: number, callback: () => void): () => void;
  /** Calls back repeatedly; does not keep the process alive. @returns a function that stops it */
  every(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
  every: (ms: number, callback: () => void) => {
    const timer = setInterval(callback, ms).unref();
    return () => clearInterval(timer);
  },
});

/** The value of a `Date` field (RFC 9110 §5.6.7), made once a second. */
export class HttpDate {
  private readonly clock: Clock;
  private second = -1;
  private text = '';

  constructor(clock: Clock) {
    this.clock = clock;
  }

  now(): string {
    const second = Math.floor(this.clock.wall() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.text = new Date(second * 1000).toUTCString();
    }
    return this.text;
  }
}
