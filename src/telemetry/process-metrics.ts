import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

/** Milliseconds between two looks at the event loop: what is shorter than that is seen in part. */
const RESOLUTION = 10;
const NANOSECONDS = 1e9;
const QUANTILES = [
  ['0.5', 50],
  ['0.99', 99],
  ['1', 100],
] as const;

/**
 * What the process is and how late its event loop runs. Costs a timer while it is open.
 * @param version of the package
 * @returns a function that stops the timer
 */
export function processMetrics(metrics: Metrics, version: string): () => void {
  const build = { version, node: process.versions.node };
  metrics.gauge('gateway_build_info', 'The version of the gateway and of Node.js; always 1.', () => [[build, 1]]);
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
  delays.enable();
  metrics.gauge('gateway_event_loop_lag_seconds', 'How late timers fired since the last scrape; quantile 1: at worst.', () => {
    // Node counts the time between two looks, which includes the time it meant to wait.
    const late = (percentile: number) => Math.max(0, delays.percentile(percentile) / NANOSECONDS - RESOLUTION / 1000);
    const series = QUANTILES.map(([quantile, percentile]) => [{ quantile }, late(percentile)] as const);
    delays.reset();
    return series;
  });
  return () => void delays.disable();
}
