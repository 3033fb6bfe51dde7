import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Address, formatAddress } from '../lib/address.ts';
import { type Exposition, openExposition } from '../telemetry/exposition.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What the admin address shows. */
export interface AdminView {
  /** Takes requests and is not about to stop. */
  ready(): boolean;
  stats(): unknown;
  readonly metrics: Metrics;
  /** Undefined: metrics are not shown. */
  readonly metricsPath: string | undefined;
  /** Empty: what reveals the inside is off. */
  readonly token: string;
}

/** The listener for people and machines that run the gateway. Not on the request path: node's own server will do. */
export class AdminServer {
  private readonly view: AdminView;
  private server: Server | undefined;
  private exposition: Promise<Exposition> | undefined;

  constructor(view: AdminView) {
    this.view = view;
  }

  /** @returns the address it is bound to */
  async listen({ host, port }: Address): Promise<string> {
    // Loaded here: nothing that serves clients needs it.
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        send(response, 500, 'text/plain', `${error instanceof Error ? error.message : error}\n`);
      });
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not a TCP address');
    return formatAddress({ host: bound.address, port: bound.port });
  }

  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] as string;
    const { view } = this;
    const known = path === '/health' || path === '/ready' || path === '/stats' || path === view.metricsPath;
    if (!known) return send(response, 404, 'text/plain', 'not found\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, 'text/plain', 'method not allowed\n');
    }
    if (path === '/health') return send(response, 200, 'application/json', '{"status":"ok"}\n');
    if (path === '/ready') {
      const ready = view.ready();
      return send(response, ready ? 200 : 503, 'application/json', `{"status":"${ready ? 'ready' : 'not ready'}"}\n`);
    }
    if (path === '/stats') return this.stats(request, response);
    this.exposition ??= openExposition(view.metrics);
    const exposition = await this.exposition;
    return send(response, 200, exposition.contentType, await exposition.write());
  }

  private stats(request: IncomingMessage, response: ServerResponse): void {
    if (this.view.token === '') {
      send(response, 403, 'text/plain', 'admin.token is not set: what reveals the inside is off\n');
    } else if (!isToken(request.headers.authorization, this.view.token)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      send(response, 401, 'text/plain', 'unauthorized\n');
    } else send(response, 200, 'application/json', `${JSON.stringify(this.view.stats(), undefined, 2)}\n`);
  }
}

/** In constant time: digests are of one length whatever is sent. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body);
}
