import type { AddressInfo } from 'node:net';
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import type { Handler, Layer } from '../../../src/http/layer.ts';
import { webSocketSchema } from '../../../src/layers/web-socket/config.ts';
import { webSocket } from '../../../src/layers/web-socket/layer.ts';
import { webSocketMetrics } from '../../../src/layers/web-socket/metrics.ts';
import { Notice } from '../../../src/lib/notice.ts';
import type { Backend } from '../../../src/upstream/backend.ts';
import { forward } from '../../../src/upstream/forward.ts';
import { ServerRig } from '../../support/servers.ts';
import { End } from '../../support/web-socket-end.ts';

/** A gateway of one route between clients and a server of the `ws` library. Time is the test's, sockets are real. */
export class Served {
  readonly rig: ServerRig;
  readonly upstream: WebSocketServer;
  readonly draining: Notice;
  /** The upstream's ends, in the order of their coming. */
  readonly ends: End[] = [];
  private readonly clients: WebSocket[] = [];

  private constructor(rig: ServerRig, upstream: WebSocketServer) {
    this.rig = rig;
    this.upstream = upstream;
    this.draining = new Notice(rig.clock);
    upstream.on('connection', (socket) => this.ends.push(new End(socket)));
  }

  /** @param before layers outside it, the first one outermost */
  static async open(written: Record<string, unknown> = {}, server: ServerOptions = {}, ...before: Layer[]): Promise<Served> {
    const upstream = new WebSocketServer({ host: '127.0.0.1', port: 0, ...server });
    await new Promise((resolve) => upstream.once('listening', resolve));
    const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    let handler: Handler | undefined;
    const document = { load_balancing: { backends: { chat: { upstreams: [{ address }] } } } };
    const rig = await ServerRig.open(document, { id: 'chat', handler: (exchange) => (handler as Handler)(exchange) });
    const served = new Served(rig, upstream);
    const { wheel, clock } = rig.compiled.tools;
    const [backend] = rig.compiled.backends.all();
    const config = { websocket: webSocketSchema.parse(written), upgrades: [] };
    const tools = { wheel, draining: served.draining, metrics: webSocketMetrics(rig.registry) };
    handler = [...before, webSocket(config, 'chat', tools)].reduceRight<Handler>(
      (next, layer) => layer(next),
      forward(backend as Backend, clock),
    );
    return served;
  }

  connect(protocols: string[] = [], options: ClientOptions = {}): End {
    const socket = new WebSocket(`ws://${this.rig.server.addresses[0]}/`, protocols, { perMessageDeflate: false, ...options });
    this.clients.push(socket);
    return new End(socket);
  }

  /** Both ends of a connection that is open. */
  async pair(protocols: string[] = [], options: ClientOptions = {}): Promise<[client: End, upstream: End]> {
    const client = await this.connect(protocols, options).opened();
    return [client, this.ends.at(-1) as End];
  }

  series(name: string): [Record<string, string>, unknown][] {
    const metric = this.rig.registry.all().find((one) => one.name === name);
    return [...(metric?.read() ?? [])] as [Record<string, string>, unknown][];
  }

  async close(): Promise<void> {
    for (const socket of [...this.clients, ...this.ends.map((end) => end.socket)]) socket.terminate();
    this.upstream.close();
    await this.rig.close();
  }
}
