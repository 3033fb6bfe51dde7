import { hostname } from 'node:os';
import type { FleetConfig } from '../fleet/config.ts';
import { newInstance } from '../fleet/instance.ts';
import { Members } from '../fleet/members.ts';
import { fleetMetrics } from '../fleet/metrics.ts';
import { fleetView } from '../fleet/view.ts';
import { RedisConcurrency } from '../layers/concurrency/redis/redis-concurrency.ts';
import { RedisRateLimiter } from '../layers/rate-limit/redis/redis-limiter.ts';
import type { Clock } from '../lib/clock.ts';
import type { RedisConfig } from '../redis/config.ts';
import { Keys } from '../redis/keys.ts';
import { RedisStore } from '../redis/redis-store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { FleetCircuits } from '../upstream/circuits/fleet-circuits.ts';
import type { SharedState } from './shared-state.ts';

export interface OverRedisTools {
  readonly redis: RedisConfig;
  readonly fleet: FleetConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

/** The name of the host, in the letters of an id. */
function hostId(): string {
  return (
    hostname()
      .replaceAll(/[\s{}\p{Cc}]/gu, '-')
      .slice(0, 128) || 'gateway'
  );
}

/** Limits, circuits and the list of members are those of a fleet. */
export function overRedis({ redis, fleet, clock, logger, metrics, random }: OverRedisTools): SharedState {
  const keys = new Keys(redis.key_prefix, fleet.name);
  const self = newInstance(fleet.instance_id ?? hostId(), 0);
  const store = new RedisStore({ config: redis, probeKey: keys.probe(self.id), clock, logger, metrics, random });
  const members = new Members({ store, keys, clock, random, config: fleet, self });
  fleetMetrics(metrics, members);
  const divisor = () => Math.max(fleet.expected_members, members.mostLately);
  const limiter = new RedisRateLimiter({ store, keys, clock, divisor, commandTimeout: redis.command_timeout });
  const concurrency = new RedisConcurrency({ store, keys, clock, divisor, id: self.id });
  const circuits = new FleetCircuits({ store, keys, clock, members, random });
  return {
    limiter,
    circuits,
    concurrency,
    members: () => members.count,
    async open(): Promise<void> {
      await store.open();
      members.start();
    },
    leave: () => members.leave(),
    close(): void {
      limiter.close();
      concurrency.close();
      circuits.close();
      members.close();
      store.close();
    },
    view() {
      const { condition, reason, since } = store.state;
      const view = {
        condition,
        ...(reason !== '' && { reason }),
        for_s: Math.floor((clock.now() - since) / 1000),
        latency_ms: Math.round(store.latency * 100) / 100,
        evicts: store.evicts,
      };
      return { redis: view, fleet: fleetView(fleet.name, members, clock), rate_limits: limiter.view() };
    },
  };
}
