import type { Clock } from '../../lib/clock.ts';
import { READY, type Verdict } from '../readiness.ts';
import type { HealthCheckConfig } from './config.ts';
import { Schedule } from './schedule.ts';
import { Threshold } from './threshold.ts';

/** Probes of one backend at a time. More wait for their turn, the longest due first. */
const MOST_PROBES = 64;

/** A new target is probed within this time, in ms. */
const SOON = 1000;

export interface HealthCheckTools<Target> {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /**
   * Resolves within the check's timeout.
   * @param signal gives the probe up: its answer interests nobody any more
   * @returns why it failed; undefined: it did not
   */
  readonly probe: (target: Target, check: HealthCheckConfig, signal: AbortSignal) => Promise<string | undefined>;
  /** A target has become ready, or has ceased to be. */
  readonly changed: (target: Target, verdict: Verdict) => void;
}

/** One check of one target. */
interface Turn<Target> {
  readonly target: Target;
  readonly check: HealthCheckConfig;
  readonly threshold: Threshold;
  /** Set while a probe is on its way. */
  probing: AbortController | undefined;
  gone: boolean;
}

/**
 * The active checks of one backend: each target is probed by each check, each time after the check's interval give or
 * take a tenth, so that instances which started together do not probe together. A target is ready while none of its
 * checks fails. A target is probed by a check only when the last such probe is over.
 */
export class HealthChecks<Target> {
  private readonly checks: readonly HealthCheckConfig[];
  private readonly tools: HealthCheckTools<Target>;
  private readonly schedule: Schedule<Turn<Target>>;
  private turns = new Map<Target, readonly Turn<Target>[]>();
  private probes = 0;

  /** @param checks none: every target is ready */
  constructor(checks: readonly HealthCheckConfig[], tools: HealthCheckTools<Target>) {
    this.checks = checks;
    this.tools = tools;
    this.schedule = new Schedule(tools.clock);
  }

  /**
   * From now on these are probed. Those that stay keep their state; others are forgotten, and their late answers too.
   * @param doubted why new ones are not ready until they pass
   */
  update(targets: readonly Target[], doubted?: ReadonlyMap<Target, string>): void {
    const before = this.turns;
    const turns = (target: Target) => before.get(target) ?? this.begin(target, doubted?.get(target));
    this.turns = new Map([...new Set(targets)].map((target) => [target, turns(target)]));
    for (const [target, turns] of before) if (!this.turns.has(target)) forget(turns);
    this.schedule.keep((turn) => !turn.gone);
    this.run();
  }

  verdict(target: Target): Verdict {
    const failing = this.turns.get(target)?.find(({ threshold }) => threshold.state === 'failing');
    if (failing === undefined) return READY;
    return { ready: false, reason: `${nameOf(failing.check)}: ${failing.threshold.reason}` };
  }

  /** Ends all probes; nobody is told anything any more. */
  close(): void {
    this.update([]);
    this.schedule.sleep();
  }

  private begin(target: Target, doubt: string | undefined): readonly Turn<Target>[] {
    return this.checks.map((check) => {
      const threshold = new Threshold(check.failure_threshold, check.success_threshold);
      if (doubt !== undefined) threshold.doubt(doubt);
      const turn: Turn<Target> = { target, check, threshold, probing: undefined, gone: false };
      this.schedule.add(this.tools.clock.now() + this.tools.random() * Math.min(SOON, check.interval), turn);
      return turn;
    });
  }

  private run(): void {
    while (this.probes < MOST_PROBES) {
      const turn = this.schedule.take();
      if (turn === undefined) {
        this.schedule.wake(() => this.run());
        return;
      }
      void this.probe(turn);
    }
  }

  private async probe(turn: Turn<Target>): Promise<void> {
    const { clock, random } = this.tools;
    const { interval } = turn.check;
    const next = clock.now() + interval * (0.9 + 0.2 * random());
    this.probes += 1;
    const problem = await this.ask(turn);
    this.probes -= 1;
    if (!turn.gone) {
      this.schedule.add(next, turn);
      this.record(turn, problem);
    }
    this.run();
  }

  private async ask(turn: Turn<Target>): Promise<string | undefined> {
    turn.probing = new AbortController();
    try {
      return await this.tools.probe(turn.target, turn.check, turn.probing.signal);
    } catch (thrown) {
      return `the probe itself failed: ${thrown}`;
    } finally {
      turn.probing = undefined;
    }
  }

  private record({ target, threshold }: Turn<Target>, problem: string | undefined): void {
    const before = this.verdict(target).ready;
    threshold.record(problem);
    const after = this.verdict(target);
    if (after.ready !== before) this.tools.changed(target, after);
  }
}

function forget<Target>(turns: readonly Turn<Target>[]): void {
  for (const turn of turns) {
    turn.gone = true;
    turn.probing?.abort();
  }
}

/** `tcp`, `http /health`, `https :8443 /`. */
function nameOf({ check_type, port, path }: HealthCheckConfig): string {
  return `${check_type}${port === 0 ? '' : ` :${port}`}${check_type === 'tcp' ? '' : ` ${path}`}`;
}
