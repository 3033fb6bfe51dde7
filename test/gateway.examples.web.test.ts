import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../src/gateway.ts';
import { ask, ExampleUpstream, exampleFile, runExample } from './support/examples.ts';

const APP = 'https://app.example.com';
const LARGE = JSON.stringify(Array.from({ length: 200 }, (_, at) => ({ at, name: `user ${at}` })));

let pages: ExampleUpstream;
let api: ExampleUpstream;
let gateway: Gateway;

beforeAll(async () => {
  [pages, api] = [await ExampleUpstream.start(), await ExampleUpstream.start()];
  for (const upstream of [pages, api])
    upstream.answer = ({ url }, response) => {
      response.setHeader('Content-Type', url.includes('.png') ? 'image/png' : 'application/json');
      response.setHeader('Server', 'shop/1.2.3').setHeader('X-Powered-By', 'a framework');
      response.end(url.includes('small') ? '{}' : LARGE);
    };
  gateway = await runExample(exampleFile('web.yaml'), { pages: [pages], api: [api] });
});
beforeEach(() => {
  pages.seen.length = 0;
  api.seen.length = 0;
});
afterAll(async () => {
  await gateway.close();
  for (const upstream of [pages, api]) upstream.close();
});

const preflight = (path: string, origin: string, method: string, fields: string) =>
  ask(gateway, path, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': fields },
  });

describe('examples/web.yaml:', () => {
  test.each([APP, 'https://pr-17.preview.example.com'])('a page of %s may ask as its user', async (origin) => {
    const allowed = await preflight('/api/users', origin, 'PUT', 'authorization,content-type');
    expect([allowed.status, allowed.headers]).toEqual([
      204,
      expect.objectContaining({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': expect.stringContaining('PUT'),
        'access-control-max-age': '600',
      }),
    ]);
    const { headers } = await ask(gateway, '/api/users', { headers: { origin } });
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'X-Request-ID',
      vary: expect.stringContaining('Origin'),
      'x-request-id': expect.any(String),
    });
    expect(api.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test.each(['https://evil.example', 'https://preview.example.com.evil.example', 'null'])(
    'a page of %s may not',
    async (origin) => {
      const replies = [
        await preflight('/api/users', origin, 'PUT', ''),
        await ask(gateway, '/api/users', { headers: { origin } }),
      ];
      for (const { headers } of replies) expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test('a font is for every page, without credentials', async () => {
    const { headers } = await ask(gateway, '/font.woff2', { headers: { origin: 'https://evil.example' } });
    expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual(['*', undefined]);
  });

  test('the API is asked without its prefix, told of it, and not debugged from outside', async () => {
    const { headers } = await ask(gateway, '/api/users/7?full=1', { headers: { 'x-debug': '1', 'x-public-path': 'forged' } });
    expect(api.seen[0]).toMatchObject({ url: '/users/7?full=1', headers: { 'x-public-path': '/api/users/7' } });
    expect(api.seen[0]?.headers['x-debug']).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
  });

  test('an old address is answered by its successor, and says so', async () => {
    const { headers, status } = await ask(gateway, '/users.php/7');
    expect([status, api.seen[0]?.url]).toEqual([200, '/v2/users/7?from=old']);
    expect(headers).toMatchObject({ deprecation: '@1767225600', link: '</api/v2/users/7>; rel="successor-version"' });
    await ask(gateway, '/users.php/x');
    expect([api.seen.length, pages.seen.map(({ url }) => url)]).toEqual([1, ['/users.php/x']]);
  });

  test('browsers are told what to heed, and nobody what runs here', async () => {
    const { headers } = await ask(gateway, '/');
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    for (const path of ['/', '/api/users', '/users.php/7', '/account/me', '/font.woff2']) {
      const told = await ask(gateway, path);
      expect([path, told.headers.server, told.headers['x-powered-by']]).toEqual([path, undefined, undefined]);
    }
  });

  test('what the gateway itself refuses has these fields too', async () => {
    const origin = pages.answer;
    pages.answer = (_, response) => response.destroy();
    const refused = await ask(gateway, '/account/me');
    pages.answer = origin;
    expect([refused.status, refused.headers['x-frame-options']]).toEqual([502, 'DENY']);
  });

  test.each([
    ['zstd', zstdDecompressSync],
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('large texts are compressed with %s where a client takes no better', async (coding, decompress) => {
    const order = ['zstd', 'br', 'gzip'];
    const accepted = order.slice(order.indexOf(coding)).join(', ');
    for (const path of ['/large', '/api/large', '/font.woff2']) {
      const { headers, bytes } = await ask(gateway, path, { headers: { 'accept-encoding': accepted } });
      expect([headers['content-encoding'], headers.vary]).toEqual([coding, expect.stringContaining('Accept-Encoding')]);
      expect(bytes.length).toBeLessThan(LARGE.length / 3);
      expect(decompress(bytes).toString()).toBe(LARGE);
    }
  });

  test.each(['/small', '/large.png', '/account/large'])('%s is left as it is', async (path) => {
    const { headers } = await ask(gateway, path, { headers: { 'accept-encoding': 'zstd, br, gzip' } });
    expect(headers['content-encoding']).toBeUndefined();
  });
});
