import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { soon } from './support/channels.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { closedPort } from './support/raw-server.ts';

let gateway: RunningGateway | undefined;
const origins: Origin[] = [];
const clients: Socket[] = [];

/** An upstream that says its name, and what came with the request. */
class Origin {
  readonly name: string;
  readonly server: Server;
  /** What each request was: method, target, and body as far as it has come. */
  readonly seen: { line: string; body: string }[] = [];
  /** The status of its replies; 0: it does not reply. */
  status = 200;
  health = 200;
  probes = 0;

  private constructor(name: string) {
    this.name = name;
    this.server = createServer((request, response) => this.take(request, response));
  }

  static async open(name: string): Promise<Origin> {
    const origin = new Origin(name);
    await new Promise<void>((resolve) => origin.server.listen(0, '127.0.0.1', resolve));
    origins.push(origin);
    return origin;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/health') {
      this.probes += 1;
      response.writeHead(this.health).end();
      return;
    }
    const seen = { line: `${request.method} ${request.url}`, body: '' };
    this.seen.push(seen);
    request.setEncoding('latin1').on('data', (text: string) => {
      seen.body += text;
    });
    request.on('end', () => {
      if (this.status !== 0) response.writeHead(this.status).end(this.name);
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await gateway?.close();
  for (const origin of origins.splice(0)) await origin.close();
});

async function start(upstreams: readonly (string | object)[], backend: object = {}, route: object = {}): Promise<void> {
  const list = upstreams.map((one) => (typeof one === 'string' ? { address: one } : one));
  gateway = await startGateway({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'error' },
    load_balancing: { backends: { users: { upstreams: list, ...backend } } },
    routes: [{ id: 'all', path: '/**', backend: 'users', ...route }],
  });
}

async function ask(path = '/', init: RequestInit = {}): Promise<string> {
  const response = await fetch(`http://${gateway?.address}${path}`, init);
  return `${response.status} ${await response.text()}`;
}

async function askOften(times: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let time = 0; time < times; time++) {
    const answer = await ask();
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

describe('Upstreams', () => {
  test('seed claim: a dead upstream beside a live one costs no request', async () => {
    const live = await Origin.open('live');
    await start([`127.0.0.1:${await closedPort()}`, live.address], {}, { retries: 3 });
    expect(await askOften(40)).toEqual({ '200 live': 40 });
  });

  test('that are dead cost no POST either: its body goes to the live one as it is', async () => {
    const live = await Origin.open('live');
    await start([`127.0.0.1:${await closedPort()}`, live.address], {}, { retries: 3 });
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 256));
    for (let time = 0; time < 4; time++) expect(await ask('/', { method: 'POST', body })).toBe('200 live');
    expect(live.seen.map(({ body }) => body.length)).toEqual([300_000, 300_000, 300_000, 300_000]);
    expect(live.seen.every((one) => one.body === body.toString('latin1'))).toBe(true);
  });

  test('that are all dead are a 502', async () => {
    await start([`127.0.0.1:${await closedPort()}`], {}, { retries: 2 });
    expect(await ask()).toMatch(/^502 /);
  });

  test('that answer 503 give way to another, with the body of a PUT but not with that of a POST', async () => {
    const [bad, good] = [await Origin.open('bad'), await Origin.open('good')];
    bad.status = 503;
    await start([bad.address, { address: good.address, backup: true }], {}, { retries: 1 });
    const body = 'x'.repeat(60_000);
    expect(await ask('/', { method: 'PUT', body })).toBe('200 good');
    expect([bad.seen.length, good.seen[0]?.body === body]).toEqual([1, true]);
    expect(await ask('/', { method: 'POST', body })).toBe('503 bad');
    expect(await ask('/', { method: 'PUT', body: 'x'.repeat(70_000) })).toBe('503 bad');
    expect(good.seen).toHaveLength(1);
  });

  test('seed claim: twenty clients that hang up do not make an upstream unready', async () => {
    const [one, other] = [await Origin.open('one'), await Origin.open('other')];
    await start([one.address, other.address], { outlier_detection: { consecutive_failures: 2 } }, { retries: 1 });
    one.status = other.status = 0;
    const [host = '', port] = gateway?.address.split(':') ?? [];
    for (let client = 0; client < 20; client++) {
      const socket = connect(Number(port), host).on('error', () => {});
      clients.push(socket);
      if (client % 2 === 0) socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
      else socket.write('PUT /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbegun');
    }
    await soon(() => one.seen.length + other.seen.length === 20);
    for (const client of clients) client.resetAndDestroy();
    one.status = other.status = 200;
    expect(await askOften(10)).toEqual({ '200 one': 5, '200 other': 5 });
    await soon(() => one.seen.length + other.seen.length === 30);
  });

  test('seed claim: weights are honoured', async () => {
    const [heavy, light] = [await Origin.open('heavy'), await Origin.open('light')];
    const upstreams = [{ address: heavy.address, weight: 3 }, light.address];
    await start(upstreams, { algorithm: 'weighted_round_robin' });
    expect(await askOften(40)).toEqual({ '200 heavy': 30, '200 light': 10 });
  });

  test('seed claim: health probes are sent, and a failing upstream is left out until it recovers', async () => {
    const [sick, well] = [await Origin.open('sick'), await Origin.open('well')];
    const health_check = { path: '/health', interval: '100ms', failure_threshold: 1, success_threshold: 1 };
    await start([sick.address, well.address], { health_check });
    sick.health = 500;
    await soon(() => sick.probes > 0 && well.probes > 0);
    while (Object.keys(await askOften(4)).length > 1);
    expect(await askOften(10)).toEqual({ '200 well': 10 });
    sick.health = 200;
    while (Object.keys(await askOften(4)).length < 2);
    expect(await askOften(10)).toEqual({ '200 sick': 5, '200 well': 5 });
  });

  test('that are slow are joined by another, whose reply is the answer', async () => {
    const [slow, fast] = [await Origin.open('slow'), await Origin.open('fast')];
    slow.status = 0;
    await start([slow.address, { address: fast.address, backup: true }], {}, { hedge: { after: '50ms' } });
    expect(await ask()).toBe('200 fast');
    expect(slow.seen).toHaveLength(1);
  });
});
