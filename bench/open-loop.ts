/**
 * A client with a fixed rate of requests, as a process: `node bench/open-loop.ts PLAN`, PLAN a JSON {@link Plan}.
 * Every millisecond it starts the requests that are due by then, each on a free connection; when there is none, the
 * request waits and the wait counts in its time. So a proxy that stalls is seen by all who would have come meanwhile,
 * but the lateness of this process' own timer is not blamed on the proxy. Prints the line that `load.lua` prints.
 */
import { connect, type Socket } from 'node:net';

interface Plan {
  readonly port: number;
  readonly path: string;
  readonly bodyBytes: number;
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
}

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const request = `GET ${plan.path} HTTP/1.1\r\nHost: 127.0.0.1:${plan.port}\r\n\r\n`;
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_ANSWERS_MS = 2_000;
const times: number[] = [];
const free: Client[] = [];
const waiting: number[] = [];
const errors = { connect: 0, read: 0, write: 0, timeout: 0, status: 0 };
let served = 0;
let bytes = 0;
let busy = 0;

class Client {
  private readonly socket: Socket;
  private startedAt = 0;
  private head: Buffer | undefined;
  private missing = -1;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.closed());
  }

  send(dueAt: number): void {
    this.startedAt = dueAt;
    this.missing = -1;
    busy += 1;
    this.socket.write(request, 'latin1');
  }

  destroy(): void {
    this.startedAt = 0;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    bytes += chunk.length;
    if (this.missing >= 0) {
      this.missing -= chunk.length;
    } else {
      const head = this.head === undefined ? chunk : Buffer.concat([this.head, chunk]);
      const end = head.indexOf(HEAD_END);
      this.head = end < 0 ? head : undefined;
      if (end < 0) return;
      if (head[9] !== 0x32) errors.status += 1;
      this.missing = end + HEAD_END.length + plan.bodyBytes - head.length;
    }
    if (this.missing < 0) errors.read += 1;
    if (this.missing <= 0) this.done();
  }

  private done(): void {
    times.push(performance.now() - this.startedAt);
    this.startedAt = 0;
    busy -= 1;
    const dueAt = waiting[served];
    if (dueAt === undefined) free.push(this);
    else {
      served += 1;
      this.send(dueAt);
    }
  }

  /** Losing a connection without a request on it is no error: proxies may close idle ones. */
  private closed(): void {
    const at = free.indexOf(this);
    if (at >= 0) free.splice(at, 1);
    if (this.startedAt === 0) return;
    busy -= 1;
    errors.read += 1;
  }
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: plan.port });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      free.push(new Client(socket));
      resolve();
    });
    socket.once('error', () => {
      errors.connect += 1;
      resolve();
    });
  });
}

await Promise.all(Array.from({ length: plan.connections }, open));
const clients = [...free];
const beganAt = performance.now();
let due = 0;
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - beganAt >= plan.seconds * 1_000) {
      clearInterval(timer);
      resolve();
      return;
    }
    for (const until = ((now - beganAt) * plan.rate) / 1_000; due < until; due += 1) {
      const client = free.shift();
      if (client === undefined) waiting.push(now);
      else client.send(now);
    }
  }, 1);
});
const micros = (performance.now() - beganAt) * 1_000;
for (let waited = 0; busy > 0 && waited < LAST_ANSWERS_MS; waited += 10) await new Promise((resolve) => setTimeout(resolve, 10));
errors.timeout = busy + waiting.length - served;
for (const client of clients) client.destroy();
const sorted = Float64Array.from(times).sort();
const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 1_000);
const requests = times.length;
console.log(`RESULT ${JSON.stringify({ requests, micros, bytes, p50: at(0.5), p99: at(0.99), ...errors })}`);
