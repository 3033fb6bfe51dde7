import type { Clock } from '../lib/clock.ts';
import type { Deadlines, Waiting } from './deadlines.ts';
import { failureKind, type Reasons } from './failure.ts';
import type { Health } from './health.ts';
import type { Link } from './link.ts';
import type { LoadedScripts } from './loaded-scripts.ts';
import type { RedisMetrics } from './metrics.ts';
import type { Script } from './script.ts';
import { StoreError } from './store.ts';

export interface CommandTools {
  readonly clock: Clock;
  /** How long an answer is waited for, in ms. */
  readonly limit: number;
  readonly deadlines: Deadlines;
  readonly scripts: LoadedScripts;
  readonly health: Health;
  readonly metrics: RedisMetrics;
  readonly reasons: Reasons;
}

/**
 * Runs a script over a connection, and tells health and metrics what became of it. It is sent a second time only when the
 * server has said that it does not know it, and then once.
 * @returns rejects with {@link StoreError} alone
 */
export function runCommand(
  tools: CommandTools,
  link: Link,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return new Promise((resolve, reject) => new Command(tools, link, { script, keys, args }, { resolve, reject }).start());
}

interface Asked {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

interface Caller {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

class Command implements Waiting {
  readonly deadline: number;
  private readonly tools: CommandTools;
  private readonly link: Link;
  private readonly asked: Asked;
  private readonly caller: Caller;
  private readonly began: number;
  private readonly lane: string;
  private isOver = false;
  private hasReloaded = false;

  constructor(tools: CommandTools, link: Link, asked: Asked, caller: Caller) {
    this.tools = tools;
    this.link = link;
    this.asked = asked;
    this.caller = caller;
    this.began = tools.clock.now();
    this.deadline = this.began + tools.limit;
    this.lane = link.lane(asked.keys[0]);
  }

  start(): void {
    this.tools.deadlines.add(this);
    const loads = this.tools.scripts.loads(this.link, this.asked.script);
    if (loads > 0) this.send(loads);
    else this.loadAndSend(0);
  }

  /** Called when the wait is over. The answer may come yet: whoever acted on it then would act on what was true once. */
  late(counts: boolean): void {
    const { limit, health, metrics } = this.tools;
    if (!this.end()) return;
    metrics.late.value += 1;
    metrics.duration.observe(limit / 1000);
    this.caller.reject(new StoreError('late', `no answer from Redis within ${limit} ms`));
    if (counts) health.missed(this.lane);
  }

  private loadAndSend(since: number): void {
    const { scripts } = this.tools;
    scripts.load(this.link, this.asked.script, since).then(
      () => {
        if (!this.isOver) this.send(scripts.loads(this.link, this.asked.script));
      },
      (error) => this.failed(error),
    );
  }

  private send(loads: number): void {
    const { script, keys, args } = this.asked;
    this.link.runScript(script.sha, keys, args).then(
      (value) => this.answered(value),
      (error) => {
        if (this.isOver || this.hasReloaded || failureKind(error) !== 'noscript') return this.failed(error);
        this.hasReloaded = true;
        this.loadAndSend(loads);
      },
    );
  }

  private answered(value: unknown): void {
    const took = this.took();
    if (took === undefined) return;
    this.tools.metrics.ok.value += 1;
    this.tools.health.answered(took, this.lane);
    this.caller.resolve(value);
  }

  private failed(error: Error): void {
    const took = this.took();
    if (took === undefined) return;
    const { health, metrics, reasons } = this.tools;
    const kind = failureKind(error);
    const reason = reasons.of(error);
    if (kind === 'unfit' || kind === 'lost') health.broken(reason);
    else health.answered(took, this.lane);
    if (kind === 'moved') this.link.refresh();
    const told = kind === 'lost' ? 'lost' : 'refused';
    metrics[told].value += 1;
    // Without the client's error as a cause: it holds all arguments, and those of AUTH are among them.
    this.caller.reject(new StoreError(told, reason));
  }

  /** @returns ms, unless it is over or, by the clock, too late: the timer may only not have come to it yet */
  private took(): number | undefined {
    if (this.isOver) return undefined;
    const now = this.tools.clock.now();
    if (now > this.deadline) {
      this.late(!this.tools.deadlines.isStall(now - this.deadline));
      return undefined;
    }
    this.end();
    const took = now - this.began;
    this.tools.metrics.duration.observe(took / 1000);
    return took;
  }

  /** @returns whether it was not over before */
  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.tools.deadlines.delete(this);
    return true;
  }
}
