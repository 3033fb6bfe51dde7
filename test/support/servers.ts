import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { RequestIds } from '../../src/http/request-id.ts';
import { HttpDate } from '../../src/lib/clock.ts';
import { HttpServer } from '../../src/server/server.ts';
import type { CompiledRoute } from '../../src/snapshot/compile.ts';
import { Current } from '../../src/snapshot/current.ts';
import { Router } from '../../src/snapshot/router.ts';
import { connectionMetrics } from '../../src/telemetry/connection-metrics.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { soon, turns } from './channels.ts';
import { compiled } from './compiled.ts';
import { RawPeer } from './raw-peer.ts';
import { Recorder } from './recorder.ts';

/** A server on real sockets whose time is the test's, and whose routes may be handlers of its own. */
export class ServerRig {
  readonly server: HttpServer;
  readonly compiled: ReturnType<typeof compiled>;
  readonly log = new Recorder();
  readonly registry = new Metrics();
  readonly metrics = connectionMetrics(this.registry);
  private readonly clients: RawPeer[] = [];

  private constructor(document: Record<string, unknown>, routes: readonly CompiledRoute[]) {
    const { server = {}, ...more } = document as { server?: object };
    this.compiled = compiled({ ...more, server: { http_addr: '127.0.0.1:0', ...server } });
    const { config, snapshot, tools } = this.compiled;
    const current = new Current(routes.length === 0 ? snapshot : { ...snapshot, routes, router: new Router(routes) });
    const parts = { current, ids: new RequestIds(tools.clock, 0), wheel: tools.wheel, date: new HttpDate(tools.clock) };
    this.server = new HttpServer(config.server, { ...parts, logger: this.log.logger, metrics: this.metrics });
  }

  static async open(document: Record<string, unknown> = {}, ...routes: Partial<CompiledRoute>[]): Promise<ServerRig> {
    const full = routes.map((route, at) => ({ id: `r${at}`, path: '/**', methods: undefined, ...route }) as CompiledRoute);
    const rig = new ServerRig(document, full);
    await rig.server.listen();
    return rig;
  }

  get clock() {
    return this.compiled.tools.clock;
  }

  /** A client that has sent this; the server may not have seen it yet. */
  connect(...texts: string[]): RawPeer {
    return this.keep(new RawPeer(connect({ ...hostPort(this.server.addresses[0]), allowHalfOpen: true })), texts);
  }

  /** The same without TLS, where it is spoken. */
  connectPlainly(...texts: string[]): RawPeer {
    return this.keep(new RawPeer(connect({ ...hostPort(this.server.secureAddresses[0]), allowHalfOpen: true })), texts);
  }

  /** The same over TLS, whoever the server is unless `options` say whose certificate has to come. */
  connectTls(options: ConnectionOptions, ...texts: string[]): RawPeer & { readonly socket: TLSSocket } {
    const socket = connectTls({
      ...hostPort(this.server.secureAddresses[0]),
      rejectUnauthorized: options.ca !== undefined,
      allowHalfOpen: true,
      ...options,
    } as ConnectionOptions);
    return this.keep(new RawPeer(socket), texts) as RawPeer & { readonly socket: TLSSocket };
  }

  private keep(client: RawPeer, texts: readonly string[]): RawPeer {
    this.clients.push(client);
    client.send(...texts);
    return client;
  }

  /** The whole reply to a request on a connection of its own, with its head's lines and its body. */
  async ask(request: string): Promise<{ status: number; head: string; body: string }> {
    const client = this.connect(request.replace('\r\n', '\r\nConnection: close\r\n'));
    await client.gone();
    const end = client.text.indexOf('\r\n\r\n');
    return { status: Number(client.text.slice(9, 12)), head: client.text.slice(0, end + 2), body: client.text.slice(end + 4) };
  }

  /** Waits until so many connections are open. */
  async open(count: number): Promise<void> {
    await soon(() => this.server.open === count);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.socket.destroy();
    this.server.close();
    this.compiled.backends.close();
    await turns(2);
  }
}

function hostPort(address = ''): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
