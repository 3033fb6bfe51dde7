import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkConfig } from '../src/config/check.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-access-'));
const upstream = createServer((request, response) => {
  if (request.url === '/chunked') response.write('a');
  response.end('there');
});
let gateway: Gateway | undefined;
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  port = (upstream.address() as AddressInfo).port;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
  rmSync(directory, { recursive: true });
});
afterEach(() => gateway?.close());

async function start(log: Record<string, unknown> = {}, middleware: Record<string, unknown> = {}) {
  const output = join(mkdtempSync(join(directory, 'g-')), 'access.log');
  const config = checkConfig({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { output, ...log },
    middleware,
    load_balancing: {
      backends: {
        there: { upstreams: [{ address: `127.0.0.1:${port}` }] },
        gone: { upstreams: [{ address: '127.0.0.1:1' }] },
      },
    },
    routes: [
      { id: 'hello', path: '/hello', respond: { body: 'hello' } },
      { id: 'quiet', path: '/quiet', respond: { body: 'psst' }, access_log: false },
      { id: 'gone', path: '/gone', backend: 'gone' },
      { id: 'there', path: '/**', methods: ['GET'], backend: 'there' },
    ],
  });
  const started = createGateway(config);
  gateway = started;
  await started.start();
  /** What was written when all of it is written. */
  const close = async () => {
    await started.close();
    return readFileSync(output, 'utf8');
  };
  return { started, output, close };
}

const requests = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'request');

const ask = async (started: Gateway, path: string, init?: RequestInit) =>
  (await fetch(`http://${started.http[0]}${path}`, init)).text();

/** Sends bytes that a client of good manners would not, and waits until the gateway closes. */
function send(started: Gateway, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(started.http[0]?.split(':')[1]), '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {}).on('close', () => resolve());
    socket.resume();
  });
}

describe('A gateway', () => {
  test('logs each request once, whoever answered it', async () => {
    const { started, close } = await start();
    for (const path of ['/hello?a=1', '/quiet', '/gone', '/whole?cookie=secret', '/chunked']) await ask(started, path);
    await ask(started, '/whole', { method: 'POST', body: 'x' });
    await send(started, 'GET /bad HTTP/1.1\r\nHost: a.test\r\nExpect: wonders\r\n\r\n');
    const text = await close();
    const address = `127.0.0.1:${port}`;
    expect(requests(text)).toMatchObject([
      { target: '/hello?a=1', status: 200, bytes: 5, route: 'hello', client: '127.0.0.1', method: 'GET' },
      { target: '/gone', status: 502, route: 'gone', error: 'upstream_connect', upstream: 'gone/127.0.0.1:1' },
      { target: '/whole?cookie=[redacted]', status: 200, bytes: 5, route: 'there', upstream: `there/${address}` },
      { target: '/chunked', status: 200, route: 'there' },
      { target: '/whole', method: 'POST', status: 405, error: 'method_not_allowed' },
      { target: '/bad', host: 'a.test', status: 417, error: 'expectation_failed' },
    ]);
    expect(text).not.toContain('secret');
    for (const { request_id } of requests(text)) expect(request_id).toMatch(/^[0-9A-Z]{22}$/);
  });

  test('hides credentials wherever the configuration looks for them', async () => {
    const fields = ['target', 'request_header:X-Token', 'request_header:X-API-Key'];
    const authentication = {
      auth_type: ['jwt', 'api_key'],
      jwt: { secret: 'a secret of thirty-two characters', header: 'X-Token' },
      api_key: { query: 'api-key' },
    };
    const { started, close } = await start({ access: { fields } }, { authentication });
    await ask(started, '/hello?api-key=hidden', { headers: { 'x-token': 'hidden', 'x-api-key': 'hidden' } });
    const text = await close();
    expect(requests(text)).toHaveLength(1);
    expect(text).not.toContain('hidden');
    expect(text).toContain('api-key=[redacted]');
  });

  test('logs nothing about requests while its level is above info', async () => {
    const { started, close } = await start({ level: 'warn' });
    await ask(started, '/hello');
    expect(await close()).toBe('');
  });

  test('logs in the combined format, with nothing that a client can break it by', async () => {
    const { started, close } = await start({ access: { format: 'combined' } });
    await ask(started, '/hello', { headers: { 'user-agent': 'a" 200 1\\', referer: 'http://r.test/' } });
    expect(await close()).toMatch(
      /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/hello HTTP\/1\.1" 200 5 "http:\/\/r\.test\/" "a\\" 200 1\\\\"\n$/,
    );
  });

  test('goes on in a new file after the old one was moved away', async () => {
    const { started, output, close } = await start();
    await ask(started, '/hello?old');
    renameSync(output, `${output}.1`);
    started.reopenLog();
    await ask(started, '/hello?new');
    const text = await close();
    expect(requests(readFileSync(`${output}.1`, 'utf8'))).toMatchObject([{ target: '/hello?old' }]);
    expect(requests(text)).toMatchObject([{ target: '/hello?new' }]);
  });
});
