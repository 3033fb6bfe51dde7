/**
 * The obvious proxy on Node: its own HTTP server and undici's pool, streaming, with the same forwarding fields as the
 * others and nothing else. `node bench/undici-proxy.ts PORT ORIGIN_PORT`.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

const [port, originPort] = process.argv.slice(2);
const pool = new Pool(`http://127.0.0.1:${originPort}`, { connections: 128 });
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

function forwarded(request: IncomingMessage): string[] {
  const out: string[] = [];
  const raw = request.rawHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    if (!HOP_BY_HOP.has(name.toLowerCase())) out.push(name, raw[at + 1] as string);
  }
  const before = request.headers['x-forwarded-for'];
  const address = request.socket.remoteAddress ?? '';
  out.push('X-Forwarded-For', before === undefined ? address : `${before}, ${address}`);
  out.push('X-Forwarded-Host', request.headers.host ?? '', 'X-Forwarded-Proto', 'http');
  out.push('X-Request-ID', randomUUID(), 'Via', '1.1 prototype');
  return out;
}

class Forward implements Dispatcher.DispatchHandler {
  private readonly response: ServerResponse;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.response.on('close', () => {
      if (!this.response.writableFinished) controller.abort(new Error('client gone'));
    });
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const raw = controller.rawHeaders as Buffer[];
    const out: string[] = [];
    for (let at = 0; at < raw.length; at += 2) {
      const name = String(raw[at]);
      if (!HOP_BY_HOP.has(name.toLowerCase())) out.push(name, (raw[at + 1] as Buffer).toString('latin1'));
    }
    out.push('Via', '1.1 prototype');
    this.response.writeHead(status, out);
    this.response.on('drain', () => controller.resume());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.response.end();
  }

  onResponseError(): void {
    if (this.response.headersSent) this.response.destroy();
    else this.response.writeHead(502).end();
  }
}

const server = createServer((request, response) => {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: request.method ?? 'GET',
      headers: forwarded(request),
      body: hasBody ? request : null,
    },
    new Forward(response),
  );
});
server.listen({ host: '127.0.0.1', port: Number(port), backlog: 4096 });
