import type { Exchange } from '../../../src/http/exchange.ts';
import { Headers } from '../../../src/http/headers.ts';
import type { Identity } from '../../../src/http/identity.ts';
import type { Handler } from '../../../src/http/layer.ts';
import { Reply } from '../../../src/http/reply.ts';
import { consumerRateLimitsSchema, rateLimitingSchema, rateLimitsSchema } from '../../../src/layers/rate-limit/config.ts';
import { rateLimit } from '../../../src/layers/rate-limit/layer.ts';
import { consumerLimits } from '../../../src/layers/rate-limit/limit.ts';
import type { RateLimiter } from '../../../src/layers/rate-limit/limiter.ts';
import { MemoryRateLimiter } from '../../../src/layers/rate-limit/memory.ts';
import { rateLimitMetrics } from '../../../src/layers/rate-limit/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { type Asking, exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';

type Written = Record<string, unknown>;

/** Limits as a configuration writes them. */
export interface WrittenLimits {
  readonly own?: readonly Written[];
  readonly shared?: Written;
  readonly consumers?: Readonly<Record<string, readonly Written[]>>;
}

/** Routes behind limits that count in memory, on a clock of the test. */
export class Gates {
  readonly clock = new ManualClock();
  readonly memory = new MemoryRateLimiter(this.clock);
  private readonly metrics = new Metrics();
  private readonly counted = rateLimitMetrics(this.metrics, this.memory);
  /** Exchanges that came through. */
  readonly passed: Exchange[] = [];

  route(limits: WrittenLimits, id = 'users', limiter: RateLimiter = this.memory, next?: Handler): Handler {
    const consumers = Object.entries(limits.consumers ?? {}).map(([name, written]) => ({
      name,
      rate_limits: consumerRateLimitsSchema.parse(written),
    }));
    const layer = rateLimit(
      {
        own: rateLimitsSchema.parse(limits.own ?? []),
        shared: limits.shared === undefined ? undefined : rateLimitingSchema.parse(limits.shared),
        consumers: consumerLimits(consumers, 64),
      },
      id,
      { limiter, metrics: this.counted, ipv6Prefix: 64 },
    );
    return layer(
      next ??
        ((exchange) => {
          this.passed.push(exchange);
          return new Reply(200);
        }),
    );
  }

  keep(routes: readonly string[], limits: readonly string[]): void {
    this.counted.keep(new Set(routes), new Set(limits));
  }

  /** All series of a metric. */
  series(name: string): unknown[] {
    const metric = this.metrics.all().find((each) => each.name === name);
    return [...(metric?.read() ?? [])];
  }
}

/** Asks, and has the reply decorated as the server does. */
export async function ask(handler: Handler, asking: Asking & { consumer?: string } = {}): Promise<Reply> {
  const exchange = exchangeOf(asking);
  exchange.routeId = 'users';
  exchange.requestId = 'r1';
  if (asking.consumer !== undefined) exchange.identity = identityOf(asking.consumer);
  const reply = await handler(exchange);
  exchange.decorate(reply);
  return reply;
}

export function withFields(fields: Readonly<Record<string, string>>): Asking {
  return { headers: Headers.from(Object.entries(fields)) };
}

/** What a reply says in a few fields. */
export function said(reply: Reply, ...names: string[]): (string | undefined)[] {
  return names.map((name) => reply.headers.get(name));
}

/** How many of so many are let through. */
export async function through(handler: Handler, times: number, asking: Asking & { consumer?: string } = {}): Promise<number> {
  let count = 0;
  for (let time = 0; time < times; time++) if ((await ask(handler, asking)).status === 200) count += 1;
  return count;
}

function identityOf(consumer: string): Identity {
  return { method: 'api_key', subject: undefined, consumer, groups: [], scopes: [], claims: {} };
}
