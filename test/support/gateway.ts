import { checkConfig } from '../../src/config/check.ts';
import { createGateway } from '../../src/gateway.ts';

export interface RunningGateway {
  /** Where it takes requests. */
  readonly address: string;
  readonly admin: string;
  close(): Promise<void>;
}

/** What a test may say about the gateway in front of its origin, in the words of CONFIG.yaml. */
export interface GatewayOptions {
  readonly server?: Readonly<Record<string, unknown>>;
  readonly upstream?: Readonly<Record<string, unknown>>;
  readonly route?: Readonly<Record<string, unknown>>;
}

/** One backend with one upstream and one route for everything, with time limits that tests can wait for. */
export function gatewayDocument(upstream: string, options: GatewayOptions = {}): unknown {
  return {
    server: {
      http_addr: '127.0.0.1:0',
      timeouts: { header: '1s', body: '1s', keep_alive: '2s' },
      ...options.server,
    },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'error' },
    load_balancing: {
      backends: {
        origin: { upstreams: [{ address: upstream, connection_timeout: '1s', read_timeout: '2s', ...options.upstream }] },
      },
    },
    routes: [{ id: 'all', path: '/**', backend: 'origin', preserve_host: true, ...options.route }],
  };
}

export async function startGateway(document: unknown): Promise<RunningGateway> {
  const gateway = createGateway(checkConfig(document));
  await gateway.start();
  const address = gateway.http[0];
  if (address === undefined) throw new Error('the gateway listens nowhere');
  return { address, admin: gateway.admin, close: () => gateway.close() };
}
