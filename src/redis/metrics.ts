import type { Counter, Histogram } from '../lib/cell.ts';
import type { StoreError } from './store.ts';

type Labels = Readonly<Record<string, string>>;

/** Where metrics are registered: the one of telemetry/ is one. That room and this do not know each other. */
export interface MetricRegister {
  counter(name: string, help: string): { cell(labels: Labels): Counter };
  histogram(name: string, help: string, bounds: readonly number[]): { cell(labels: Labels): Histogram };
  gauge(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void;
}

/** Seconds. A Redis next door answers in a tenth of a millisecond, and nobody waits for a tenth of a second. */
const BOUNDS: readonly number[] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export type RedisMetrics = ReturnType<typeof redisMetrics>;

/** @param isUp asked when somebody scrapes */
export function redisMetrics(metrics: MetricRegister, isUp: () => boolean) {
  metrics.gauge('gateway_redis_up', 'Whether Redis answers and takes writes (1) or is down (0).', () => [[{}, isUp() ? 1 : 0]]);
  const commands = metrics.counter('gateway_redis_commands_total', 'Commands for Redis, by what became of them.');
  const outcome = (name: 'ok' | StoreError['kind']) => commands.cell({ outcome: name });
  return {
    duration: metrics
      .histogram(
        'gateway_redis_command_duration_seconds',
        'From a command to its answer, or to the end of the wait for it.',
        BOUNDS,
      )
      .cell({}),
    ok: outcome('ok'),
    late: outcome('late'),
    refused: outcome('refused'),
    lost: outcome('lost'),
    down: outcome('down'),
  };
}
