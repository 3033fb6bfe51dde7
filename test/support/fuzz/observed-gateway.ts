import { checkConfig } from '../../../src/config/check.ts';
import type { Exchange } from '../../../src/http/exchange.ts';
import type { Handler } from '../../../src/http/layer.ts';
import { RequestIds } from '../../../src/http/request-id.ts';
import { requestMetrics } from '../../../src/layers/observe/metrics.ts';
import { HttpDate } from '../../../src/lib/clock.ts';
import { Wheel } from '../../../src/lib/wheel.ts';
import { HttpServer } from '../../../src/server/server.ts';
import { embedded } from '../../../src/shared/embedded.ts';
import { compile } from '../../../src/snapshot/compile.ts';
import { Current } from '../../../src/snapshot/current.ts';
import { openLayerParts } from '../../../src/snapshot/layer-parts.ts';
import { Router } from '../../../src/snapshot/router.ts';
import { connectionMetrics } from '../../../src/telemetry/connection-metrics.ts';
import { createLogger } from '../../../src/telemetry/log.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { Backends } from '../../../src/upstream/backends.ts';
import { ReplyHeadParser } from '../../../src/wire/reply-head.ts';
import { backendTools } from '../backends.ts';
import { ManualClock } from '../manual-clock.ts';

/** A gateway as `src/gateway.ts` puts it together, on a clock of the test's, with an eye on every exchange. */
export class ObservedGateway {
  readonly clock = new ManualClock();
  readonly wheel = new Wheel(this.clock);
  readonly server: HttpServer;
  readonly backends: Backends;
  begun = 0;
  ended = 0;
  /** What must never happen. */
  readonly faults: string[] = [];

  constructor(document: unknown) {
    const config = checkConfig(document);
    const { clock, wheel } = this;
    const parser = new ReplyHeadParser({ headerBytes: 64 * 1024, headerCount: 256 });
    const tools = backendTools(clock, { wheel, parser });
    this.backends = new Backends(tools);
    const plan = this.backends.plan(config.backends, new Map());
    plan.commit();
    const metrics = new Metrics();
    const snapshot = compile(config, {
      backends: plan,
      wheel,
      tries: tools,
      layers: openLayerParts({ wheel, logger: tools.logger, metrics, shared: embedded(clock) }),
      customLayers: new Map(),
      requestMetrics: requestMetrics(metrics),
    });
    const routes = snapshot.routes.map((route) => ({ ...route, handler: this.watching(route.handler) }));
    const unrouted = (end: Handler): Handler => this.watching(snapshot.unrouted(end));
    const current = new Current({ router: new Router(routes), routes, unrouted });
    // Whatever the gateway logs as an error is a fault of its own.
    const logger = createLogger(
      { level: 'error', format: 'json' },
      { write: (line) => void this.faults.push(`logged: ${line}`) },
    );
    this.server = new HttpServer(config.server, {
      current,
      ids: new RequestIds(clock),
      wheel,
      date: new HttpDate(clock),
      logger,
      metrics: connectionMetrics(new Metrics()),
    });
  }

  private watching(next: Handler): Handler {
    return (exchange: Exchange) => {
      let ends = 0;
      this.begun += 1;
      exchange.onEnd(() => {
        ends += 1;
        this.ended += 1;
        if (ends > 1) this.faults.push(`${exchange.method} ${exchange.target} ended ${ends} times`);
      });
      return next(exchange);
    };
  }

  async listen(): Promise<string> {
    await this.server.listen();
    return this.server.addresses[0] as string;
  }

  private endpoints() {
    return this.backends.all().flatMap((backend) => backend.endpoints);
  }

  /** Attempts in progress. */
  get active(): number {
    return this.endpoints().reduce((sum, { active }) => sum + active, 0);
  }

  /** Connections to the upstream, and those of them that wait for a request. */
  get upstream(): { connections: number; idle: number; queued: number } {
    const states = this.endpoints().map(({ transport }) => transport.state);
    const sum = (of: 'connections' | 'idle' | 'queued') => states.reduce((total, state) => total + state[of], 0);
    return { connections: sum('connections'), idle: sum('idle'), queued: sum('queued') };
  }

  /** What is still going on, in words; empty when nothing is but idle connections to the upstream. */
  get busy(): string {
    const { connections, idle, queued } = this.upstream;
    const counts = {
      exchanges: this.begun - this.ended,
      clients: this.server.open,
      attempts: this.active,
      'busy channels': connections - idle,
      queued,
    };
    return Object.entries(counts)
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  }
}
