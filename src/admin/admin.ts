import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Address, formatAddress } from '../lib/address.ts';
import { systemClock } from '../lib/clock.ts';
import { type Exposition, openExposition } from '../telemetry/exposition.ts';
import { stats } from './stats.ts';
import type { AdminView } from './view.ts';

/** Few clients ask little here: whoever does otherwise is refused, whatever the gateway's own limits are. */
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
};
const MOST_CONNECTIONS = 64;
/** How long an answer may take until its last byte is out, in ms: clients that read nothing would keep all others out. */
const PATIENCE = 15_000;

/** The listener for people and machines that run the gateway. Not on the request path: node's own server will do. */
export class AdminServer {
  private readonly view: AdminView;
  private readonly patience: number;
  private server: Server | undefined;
  private exposition: Promise<Exposition> | undefined;
  private scrape: Promise<string> | undefined;

  constructor(view: AdminView, patience = PATIENCE) {
    this.view = view;
    this.patience = patience;
  }

  /** @returns the address it is bound to */
  async listen({ host, port }: Address): Promise<string> {
    // Loaded here: nothing that serves clients needs it.
    const { createServer } = await import('node:http');
    const server = createServer(LIMITS, (request, response) => {
      response.once(
        'close',
        systemClock.after(this.patience, () => request.socket.destroy()),
      );
      this.answer(request, response).catch((error: unknown) => {
        this.view.failed(error);
        if (response.headersSent) response.destroy();
        else send(response, 500, 'text/plain', 'internal error\n');
      });
    });
    server.maxConnections = MOST_CONNECTIONS;
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // Closed while its name is resolved, a server says neither that it listens nor that it cannot.
      server.once('close', () => reject(new Error('the server is closed')));
      server.listen({ host, port }, () => {
        server.off('error', reject);
        // A connection that could not be accepted is its client's loss, not the end of the process.
        server.on('error', (error) => this.view.failed(error));
        resolve();
      });
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
    if (hasBody(request)) return send(response, 413, 'text/plain', 'nothing here takes a body\n');
    if (path === '/health') return send(response, 200, 'application/json', '{"status":"ok"}\n');
    if (path === '/ready') {
      const state = view.state();
      return send(response, state === 'ready' ? 200 : 503, 'application/json', `{"status":"${state}"}\n`);
    }
    if (path === '/stats') return this.stats(request, response);
    this.exposition ??= openExposition(view.metrics);
    const exposition = await this.exposition;
    // Those who ask at the same time get the same answer: many of them cost no more than one.
    this.scrape ??= exposition.write().finally(() => {
      this.scrape = undefined;
    });
    return send(response, 200, exposition.contentType, await this.scrape);
  }

  private stats(request: IncomingMessage, response: ServerResponse): void {
    const token = this.view.token();
    if (token === '') {
      send(response, 403, 'text/plain', 'admin.token is not set: what reveals the inside is off\n');
    } else if (!isToken(request.headers.authorization, token)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      send(response, 401, 'text/plain', 'unauthorized\n');
    } else send(response, 200, 'application/json', `${JSON.stringify(stats(this.view), undefined, 2)}\n`);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** In constant time: digests are of one length whatever is sent. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  // RFC 9110 §11.1: the scheme has no case.
  const [, given = ''] = /^bearer +(.*)$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const headers: Record<string, string | number> = {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  };
  // A body that nobody reads would be taken for the next request, or go on for ever.
  if (hasBody(response.req)) headers['Connection'] = 'close';
  response.writeHead(status, headers);
  response.end(body);
}
