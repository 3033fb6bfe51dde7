import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkConfig, checkText } from '../src/config/check.ts';
import { createGateway } from '../src/gateway.ts';
import { gatewayDocument, startGateway } from './support/gateway.ts';

/** What the systems of the seeds promise and do not keep (Photon and FluxGate, as they were built and run). */
let origin: Server;
let address: string;
const LARGE = 20 * 1024 * 1024;

beforeAll(async () => {
  origin = createServer((request, response) => {
    if (request.url === '/large') response.end(Buffer.alloc(LARGE, 'x'));
    else response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
});
afterAll(() => {
  origin.closeAllConnections();
  return new Promise((resolve) => origin.close(resolve));
});

async function seen(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ url: string; headers: Record<string, string> }> {
  return (await (await fetch(url, { headers })).json()) as { url: string; headers: Record<string, string> };
}

describe('seed claim:', () => {
  test('path and query are forwarded as they are', async () => {
    const gateway = await startGateway(gatewayDocument(address));
    expect((await seen(`http://${gateway.address}/a/b%20c?x=1&x=%2F`)).url).toBe('/a/b%20c?x=1&x=%2F');
    await gateway.close();
  });

  test('X-Forwarded-Proto is never empty, and nobody is believed who is not named', async () => {
    const gateway = await startGateway(gatewayDocument(address));
    const { headers } = await seen(`http://${gateway.address}/`, { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': '' });
    expect([headers['x-forwarded-proto'], headers['x-forwarded-for']]).toEqual(['http', '127.0.0.1']);
    await gateway.close();
  });

  test('a reply of 20 MB arrives whole', async () => {
    const gateway = await startGateway(gatewayDocument(address));
    const body = await (await fetch(`http://${gateway.address}/large`)).arrayBuffer();
    expect(body.byteLength).toBe(LARGE);
    await gateway.close();
  });

  test('/health answers, and says so while upstreams are down', async () => {
    const gateway = await startGateway(gatewayDocument('127.0.0.1:1'));
    const health = await fetch(`http://${gateway.admin}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    await gateway.close();
  });

  test('routes change while it runs, and connections stay', async () => {
    const respond = (body: string) =>
      checkConfig({
        server: { http_addr: '127.0.0.1:0' },
        admin: { addr: '127.0.0.1:0' },
        log: { level: 'silent' },
        routes: [{ id: 'a', path: '/a', respond: { body } }],
      });
    const gateway = createGateway(respond('old'));
    await gateway.start();
    const ask = async () => (await fetch(`http://${gateway.http[0]}/a`)).text();
    expect(await ask()).toBe('old');
    expect((await gateway.reload(respond('new'))).outcome).toBe('applied');
    expect(await ask()).toBe('new');
    await gateway.close();
  });

  test('variables of the environment are put in', () => {
    const text = `routes: [{ id: a, path: "/a", respond: { body: "\${GREETING:-none}" } }]`;
    const bodyOf = (environment: Record<string, string>) => checkText(text, 'a.yaml', environment).routes[0]?.respond?.body;
    expect([bodyOf({}), bodyOf({ GREETING: 'hello' })]).toEqual(['none', 'hello']);
  });

  test('the quick start of the README loads and serves', async () => {
    const file = new URL('../examples/quick-start.yaml', import.meta.url);
    const text = readFileSync(file, 'utf8').replaceAll(/127\.0\.0\.1:300\d/g, (found) =>
      found.endsWith('1') ? address : '127.0.0.2:9',
    );
    const config = checkText(
      text.replace('0.0.0.0:8080', '127.0.0.1:0').replace('127.0.0.1:9090', '127.0.0.1:0'),
      'quick.yaml',
      {},
    );
    const gateway = createGateway({ ...config, log: { ...config.log, level: 'silent' } });
    await gateway.start();
    // One of its two upstreams is down: that costs nobody a request.
    for (let time = 0; time < 20; time++) expect((await seen(`http://${gateway.http[0]}/api/${time}`)).url).toBe(`/api/${time}`);
    expect((await fetch(`http://${gateway.http[0]}/other`)).status).toBe(404);
    await gateway.close();
  });
});
