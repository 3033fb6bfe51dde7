import type { Metrics } from './metrics.ts';

/** How an attempt to take a new configuration ended. */
export const RELOAD_OUTCOMES = ['applied', 'unchanged', 'refused', 'failed'] as const;
export type ReloadOutcome = (typeof RELOAD_OUTCOMES)[number];

/** Which configuration an instance serves with, and how it came to it. */
export class ConfigMetrics {
  private readonly reloads;
  private version = '';
  /** Of the configuration in force, in milliseconds since 1970. */
  loadedAt = 0;

  constructor(metrics: Metrics) {
    this.reloads = metrics.counter('gateway_config_reloads_total', 'Configurations that were read anew, by what became of them.');
    // All of them from the start: an alert on the first refusal needs a zero to rise from.
    for (const outcome of RELOAD_OUTCOMES) this.reloads.cell({ outcome });
    metrics.gauge(
      'gateway_config_last_reload_timestamp_seconds',
      'When the configuration in force was loaded, since 1970.',
      () => (this.version === '' ? [] : [[{}, this.loadedAt / 1000]]),
    );
    metrics.gauge('gateway_config_info', 'The version of the configuration in force; always 1.', () =>
      this.version === '' ? [] : [[{ version: this.version }, 1]],
    );
  }

  /** @param at milliseconds since 1970 */
  loaded(version: string, at: number): void {
    this.version = version;
    this.loadedAt = at;
  }

  reloaded(outcome: ReloadOutcome): void {
    this.reloads.cell({ outcome }).value += 1;
  }
}
