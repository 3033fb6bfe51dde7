import { AdminServer } from './admin/admin.ts';
import type { Config } from './config/document.ts';
import { RequestIds } from './http/request-id.ts';
import { requestMetrics } from './layers/observe/metrics.ts';
import { HttpDate, systemClock } from './lib/clock.ts';
import { Wheel } from './lib/wheel.ts';
import { HttpServer } from './server/server.ts';
import { compile } from './snapshot/compile.ts';
import { Current } from './snapshot/current.ts';
import { createLogger, type Logger } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';
import { Backends } from './upstream/backends.ts';
import { ReadBuffers } from './wire/read-buffer.ts';
import { ReplyHeadParser } from './wire/reply-head.ts';

/** One instance of the gateway. */
export interface Gateway {
  /** Listens. Rejects, and listens nowhere, when an address cannot be had. */
  start(): Promise<void>;
  /** Where it takes requests, as "host:port". */
  readonly http: readonly string[];
  /** Where it can be asked about itself, as "host:port". */
  readonly admin: string;
  /** Stops accepting, finishes what goes on within `server.timeouts.drain`, then closes. */
  drain(): Promise<void>;
  /** Closes at once: what goes on is cut. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Default: JSON lines on standard output, at the level of the configuration. */
  readonly logger?: Logger;
}

/** Limits on the head of a reply: an upstream's may be larger than a client's, not endless. */
const REPLY_LIMITS = { headerBytes: 64 * 1024, headerCount: 256 };

/** Puts an instance together, in order of need. Nothing listens and nothing connects before `start`. */
export function createGateway(config: Config, options: GatewayOptions = {}): Gateway {
  const logger = options.logger ?? createLogger(config.log);
  const wheel = new Wheel(systemClock);
  const metrics = new Metrics();
  const backends = new Backends({ wheel, parser: new ReplyHeadParser(REPLY_LIMITS), buffers: new ReadBuffers() });
  backends.apply(config.backends);
  const current = new Current(compile(config, { backends, wheel, requestMetrics: requestMetrics(metrics) }));
  const parts = { current, ids: new RequestIds(systemClock), wheel, date: new HttpDate(systemClock), logger };
  const server = new HttpServer(config.server, parts);
  let state: 'new' | 'ready' | 'draining' | 'closed' = 'new';
  let adminAddress = '';

  metrics.gauge('gateway_active_connections', 'Client connections that are open.', () => [[{}, server.open]]);
  metrics.gauge('gateway_healthy_upstreams', 'Upstreams that may be picked, by backend.', () =>
    backends.all().map((backend) => [{ backend: backend.name }, backend.endpoints.length] as const),
  );
  const admin = new AdminServer({
    metrics,
    metricsPath: config.metrics.prometheus ? config.metrics.metrics_path : undefined,
    token: config.admin.token,
    ready: () => state === 'ready',
    stats: () => ({ state, connections: server.open, routes: routeStats(config), backends: backendStats(backends) }),
  });

  const closeAll = () => {
    state = 'closed';
    server.close();
    admin.close();
    backends.close();
  };

  return {
    get http() {
      return server.addresses;
    },
    get admin() {
      return adminAddress;
    },
    async start() {
      try {
        await server.listen();
        state = 'ready';
        adminAddress = await admin.listen(config.admin.addr);
      } catch (error) {
        closeAll();
        throw error;
      }
    },
    async drain() {
      if (state !== 'ready') return;
      state = 'draining';
      if (config.server.timeouts.drain_lead > 0) await sleep(config.server.timeouts.drain_lead);
      const clean = await server.drain();
      if (!clean) logger.warn('connections were cut when the drain timeout was over');
      closeAll();
    },
    async close() {
      closeAll();
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve));
}

function routeStats(config: Config): unknown {
  return config.routes.map(({ id, path, methods, backend }) => ({ id, path, methods: methods ?? 'all', backend }));
}

function backendStats(backends: Backends): unknown {
  return Object.fromEntries(
    backends
      .all()
      .map(({ name, endpoints }) => [
        name,
        endpoints.map(({ address, active, transport }) => ({ address, active, ...transport.state })),
      ]),
  );
}
