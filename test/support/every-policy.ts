import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Gateway } from '../../src/gateway.ts';
import { issue, PemFiles } from './certificates.ts';
import { End } from './web-socket-end.ts';

const SECRET = 'a secret of thirty-two characters';
const CERTIFICATE = issue({ names: ['DNS:a.example'] });

/** A configuration with a route for each policy that counts something, what stands behind it, and a client of all of it. */
export class EveryPolicy {
  private readonly files = new PemFiles();
  private readonly upstream: Server;

  private constructor(upstream: Server) {
    this.upstream = upstream;
  }

  static async open(): Promise<EveryPolicy> {
    const upstream = createServer((asked, response) => response.end(asked.url === '/keys' ? '{"keys":[]}' : 'there'));
    const chat = new WebSocketServer({ server: upstream, path: '/ws/chat' });
    chat.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    return new EveryPolicy(upstream);
  }

  /** As a user writes it. */
  get document(): Record<string, unknown> {
    const there = `127.0.0.1:${(this.upstream.address() as AddressInfo).port}`;
    // A port that nobody listens on.
    const gone = [{ address: '127.0.0.1:1' }];
    const jwt = { secret: SECRET, jwks_uri: `http://${there}/keys`, algorithms: ['HS256', 'ES256'] };
    return {
      server: {
        http_addr: '127.0.0.1:0',
        https_addr: '127.0.0.1:0',
        tls: { certificates: [this.files.put('a', CERTIFICATE)] },
      },
      admin: { addr: '127.0.0.1:0' },
      log: { level: 'silent' },
      load_balancing: {
        backends: {
          there: { upstreams: [{ address: there }] },
          gone: { upstreams: gone },
          tripping: { upstreams: gone, circuit_breaker: { consecutive_failures: 1 } },
        },
      },
      middleware: { authentication: { auth_type: 'jwt', jwt } },
      routes: [
        { id: 'hello', path: '/hello/**', respond: { body: 'hello' } },
        { id: 'there', path: '/there', backend: 'there' },
        { id: 'gone', path: '/gone', backend: 'gone', retries: 1, websocket: {} },
        { id: 'tripping', path: '/tripping', backend: 'tripping' },
        { id: 'elsewhere', path: '/elsewhere', respond: {}, ip_allow: ['192.0.2.0/24'] },
        { id: 'guarded', path: '/guarded', respond: {}, middleware: ['auth'] },
        {
          id: 'limited',
          path: '/limited',
          respond: {},
          rate_limits: [{ name: 'hourly', limit: 1, window: '1h', key: 'header:X-User' }],
        },
        {
          id: 'large',
          path: '/large',
          respond: { headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(2000) },
          compression: {},
        },
        { id: 'ws', path: '/ws/**', backend: 'there', websocket: { max_message_size: 10 }, concurrency: { limit: 2 } },
      ],
    };
  }

  close(): void {
    this.upstream.closeAllConnections();
    this.upstream.close();
    this.files.close();
  }
}

/** Asks each route of {@link EveryPolicy.document} for what it grants and for what it refuses. */
export async function askForEverything({ http: [http], https: [https], admin }: Gateway): Promise<void> {
  const ask = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`http://${http}${path}`, { headers })).text();
  for (const path of ['/hello/you', '/there', '/gone', '/nothing', '/elsewhere', '/tripping', '/tripping']) await ask(path);
  for (const user of ['alice', 'alice']) await ask('/limited', { 'x-user': user });
  for (const coding of ['gzip', 'br', 'zstd']) await ask('/large', { 'accept-encoding': coding });
  await ask('/guarded');
  for (const token of [goodToken(), goodToken(), 'none']) await ask('/guarded', { authorization: `Bearer ${token}` });
  await askSecurely(https);
  // No TLS.
  await (await fetch(`http://${https}/`)).text();
  await talk(`ws://${http}`);
  // The gateway may hear of the last closing a moment later than its client.
  const ended = 'gateway_websocket_connections_active{route="ws"} 0';
  for (let open = true; open; ) open = !(await (await fetch(`http://${admin}/metrics`)).text()).includes(ended);
}

function goodToken(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part({ sub: 'alice' })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

function askSecurely(address = ''): Promise<void> {
  const options = { host: '127.0.0.1', port: Number(address.split(':')[1]), path: '/hello/you', servername: 'a.example' };
  return new Promise((resolve, reject) => {
    request({ ...options, ca: CERTIFICATE.cert, agent: false }, (reply) => reply.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
}

/** WebSocket handshakes of each outcome, and connections that the client and the gateway close. */
async function talk(origin: string): Promise<void> {
  const connect = (path: string) => new End(new WebSocket(`${origin}${path}`)).opened();
  for (const path of ['/there', '/gone', '/ws/nobody']) await connect(path);
  const [polite, loud] = [await connect('/ws/chat'), await connect('/ws/chat')];
  // No place is left.
  await connect('/ws/chat');
  polite.socket.send('hello');
  await polite.until(({ texts }) => texts.length === 1);
  polite.socket.close(1000);
  loud.socket.send('more than ten bytes');
  await Promise.all([polite.gone(), loud.gone()]);
}
