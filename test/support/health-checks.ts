import type { HealthCheckConfig } from '../../src/upstream/health/config.ts';
import { finishChecks } from '../../src/upstream/health/config.ts';
import { HealthChecks } from '../../src/upstream/health/health-checks.ts';
import { turns } from './channels.ts';
import { ManualClock } from './manual-clock.ts';

export function checkOf(given: Partial<HealthCheckConfig> = {}): HealthCheckConfig {
  return finishChecks({ ...given }, undefined)[0] as HealthCheckConfig;
}

/** A probe on its way, to be answered by the test. */
export interface Asked {
  readonly target: string;
  readonly check: HealthCheckConfig;
  readonly signal: AbortSignal;
  readonly at: number;
  readonly answer: (problem?: string) => void;
}

/** The checks of a backend whose upstreams are names, whose time and answers are the test's. */
export class HealthRig {
  readonly clock = new ManualClock();
  readonly asked: Asked[] = [];
  readonly told: string[] = [];
  readonly checks: HealthChecks<string>;
  random = 0.5;
  /** What probes find at once; `wait`: the test answers later. */
  finds: (target: string, check: HealthCheckConfig) => string | undefined = () => 'wait';
  /** Of {@link asked}, those without an answer. */
  readonly open = new Set<Asked>();

  constructor(...checks: Partial<HealthCheckConfig>[]) {
    this.checks = new HealthChecks(checks.map(checkOf), {
      clock: this.clock,
      random: () => this.random,
      probe: (target, check, signal) => this.probe(target, check, signal),
      changed: (target, { ready, reason }) => this.told.push(`${target} ${ready ? 'ready' : `not ready: ${reason}`}`),
    });
  }

  private probe(target: string, check: HealthCheckConfig, signal: AbortSignal): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const asked: Asked = {
      ...{ target, check, signal, at: this.clock.now() },
      answer: (problem) => {
        this.open.delete(asked);
        resolve(problem);
      },
    };
    this.asked.push(asked);
    this.open.add(asked);
    const found = this.finds(target, check);
    if (found !== 'wait') asked.answer(found);
    return promise;
  }

  /** Lets time pass in steps, so that what probes find is heard in between. */
  async pass(ms: number, step = 100): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await turns(1);
    }
  }

  /** How often each target was probed. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { target } of this.asked) counts[target] = (counts[target] ?? 0) + 1;
    return counts;
  }
}
