import type { Clock } from '../lib/clock.ts';
import type { Config } from './document.ts';
import type { ConfigSource, Loaded } from './source.ts';

/** What became of one reload. */
export interface Outcome {
  /** When it ended: milliseconds since 1970. */
  readonly at: number;
  /** What asked for it. */
  readonly reason: string;
  /** Absent when it could not be found out. */
  readonly version?: string;
  /** refused: the configuration is bad, or changes what cannot change; failed: it is not the configuration's fault. */
  readonly outcome: 'applied' | 'unchanged' | 'refused' | 'failed';
  /** One line each: the first twenty, and how many more there are. */
  readonly problems?: readonly string[];
  /** Milliseconds. */
  readonly took_ms: number;
}

export interface ReloadsOptions {
  /** Without one, only {@link Reloads.adopt} has something to apply. */
  readonly source: ConfigSource | undefined;
  /** Of the configuration that runs already. */
  readonly version: string;
  /** Makes everything run on it. What it throws leaves the old one in place: that is its part of the promise. */
  readonly apply: (config: Config, version: string) => Promise<void>;
  /** The settings by which it differs from the one that runs and that no reload can change. */
  readonly refuses: (config: Config) => readonly string[];
  readonly clock: Clock;
  readonly logger: Log;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** The part of a logger that is used here. */
interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a reload is to look at; absent parts: the source. */
interface Wish {
  readonly reason: string;
  readonly config?: Config;
  readonly version?: string;
}

type Result = Pick<Outcome, 'outcome' | 'version' | 'problems'>;

/** Outcomes that are remembered, and lines of each. */
const HISTORY = 20;
const LINES = 20;
/** How long after a failure it is tried again, doubling, in ms. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;

/**
 * Takes new configurations over, one at a time. A wish that comes during a reload is done after it, once, however many
 * come: the newest wins, and all who asked are told of that one. A configuration that cannot be had changes nothing but
 * the history, a line in the log, and what `onOutcome` counts.
 */
export class Reloads {
  private readonly options: ReloadsOptions;
  private readonly past: Outcome[] = [];
  private running = false;
  private next: { wish: Wish; readonly told: PromiseWithResolvers<Outcome> } | undefined;
  private applied: { readonly version: string; readonly config?: Config };
  /** The version that was loaded last, good or bad. */
  private seen: string;
  private adopted = 0;
  private stopWatching: (() => void) | undefined;
  private callOff: (() => void) | undefined;
  /** In a row. */
  private failures = 0;
  private closed = false;

  constructor(options: ReloadsOptions) {
    this.options = options;
    this.applied = { version: options.version };
    this.seen = options.version;
  }

  /** The last twenty, newest first. */
  get history(): readonly Outcome[] {
    return this.past;
  }

  /** Of the configuration that runs. */
  get version(): string {
    return this.applied.version;
  }

  /** Reloads whenever the source tells of a change. */
  watch(): void {
    this.stopWatching ??= this.options.source?.watch(() => void this.ask({ reason: 'change' }));
  }

  /** Asks the source again. Never rejects. @param reason what asks, for the history and the log */
  reload(reason: string): Promise<Outcome> {
    return this.ask({ reason });
  }

  /** Takes over a configuration that the program has made itself. Never rejects. */
  adopt(config: Config): Promise<Outcome> {
    this.adopted += 1;
    return this.ask({ reason: 'given', config, version: `given-${this.adopted}` });
  }

  /** Nothing is applied after this. Whoever waits is told that it failed. */
  close(): void {
    this.closed = true;
    this.stopWatching?.();
    this.callOff?.();
  }

  private ask(wish: Wish): Promise<Outcome> {
    if (this.next === undefined) this.next = { wish, told: Promise.withResolvers() };
    // Somebody who asks wants an answer, not to hear that nothing has moved since a bad one was refused.
    else if (wish.reason !== 'change' || this.next.wish.config !== undefined) this.next.wish = wish;
    const { promise } = this.next.told;
    if (!this.running) void this.run();
    return promise;
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.next !== undefined) {
      const { wish, told } = this.next;
      this.next = undefined;
      const begun = this.options.clock.now();
      const result = await this.perform(wish).catch((error: unknown) => failure(error));
      told.resolve(this.record(wish, result, Math.round(this.options.clock.now() - begun)));
    }
    this.running = false;
  }

  private async perform(wish: Wish): Promise<Result> {
    const loaded = await this.obtain(wish);
    if (this.closed) throw new Error('the gateway is closed');
    const { version } = loaded;
    if (wish.config === undefined) this.seen = version;
    if (loaded.kind === 'unchanged' || version === this.applied.version) return { outcome: 'unchanged', version };
    if (loaded.kind === 'refused') return { outcome: 'refused', version, problems: linesOf(loaded.error.message) };
    const fixed = this.options.refuses(loaded.config);
    if (fixed.length > 0) {
      const problems = fixed.map((name) => `${name}: cannot change while it runs: needs an upgrade`);
      return { outcome: 'refused', version, problems };
    }
    try {
      await this.options.apply(loaded.config, version);
    } catch (error) {
      return { ...failure(error), version };
    }
    this.applied = { version, config: loaded.config };
    return { outcome: 'applied', version };
  }

  private async obtain({ reason, config, version = '' }: Wish): Promise<Loaded> {
    const { source } = this.options;
    if (this.closed) throw new Error('the gateway is closed');
    if (config !== undefined) {
      const same = config === this.applied.config;
      return same ? { kind: 'unchanged', version: this.applied.version } : { kind: 'checked', version, config };
    }
    if (source === undefined) throw new Error('there is no source to read a configuration from');
    return source.load(reason === 'change' ? this.seen : this.applied.version);
  }

  private record(wish: Wish, result: Result, tookMs: number): Outcome {
    const { clock, onOutcome } = this.options;
    const outcome = { at: clock.wall(), reason: wish.reason, ...result, took_ms: tookMs };
    this.past.unshift(outcome);
    this.past.length = Math.min(this.past.length, HISTORY);
    this.tell(outcome);
    onOutcome(outcome);
    this.tryAgain(outcome);
    return outcome;
  }

  /** What failed for another reason than the configuration's own may succeed later, and no change would tell. */
  private tryAgain({ outcome, reason }: Outcome): void {
    this.callOff?.();
    this.callOff = undefined;
    const failed = outcome === 'failed' && reason !== 'given';
    this.failures = failed ? this.failures + 1 : 0;
    if (!failed || this.stopWatching === undefined || this.closed) return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    this.callOff = this.options.clock.after(wait, () => void this.ask({ reason: 'again' }));
  }

  private tell({ outcome, reason, version, problems, took_ms }: Outcome): void {
    const { logger } = this.options;
    const fields = { reason, version, took_ms };
    if (outcome === 'applied') logger.info(fields, 'configuration applied');
    else if (outcome === 'unchanged') logger.debug(fields, 'configuration unchanged');
    else logger.error({ ...fields, problems }, `configuration ${outcome}: the one before goes on`);
  }
}

function failure(error: unknown): Result {
  return { outcome: 'failed', problems: linesOf(error instanceof Error ? error.message : String(error)) };
}

function linesOf(message: string): string[] {
  const lines = message.split('\n');
  const more = lines.length - LINES;
  return more > 0 ? [...lines.slice(0, LINES), `and ${more} more`] : lines;
}
