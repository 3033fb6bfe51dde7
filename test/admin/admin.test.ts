import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AdminServer } from '../../src/admin/admin.ts';
import type { AdminView } from '../../src/admin/view.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { viewOf } from './view-of.ts';

let admin: AdminServer | undefined;
let address = '';

afterEach(() => admin?.close());

async function open(view: Partial<AdminView> = {}): Promise<void> {
  const metrics = new Metrics();
  metrics.counter('test_total', 'How many.').cell({}).add(3);
  admin = new AdminServer(viewOf({ metrics, ...view }));
  address = await admin.listen({ host: '127.0.0.1', port: 0 });
}

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(`http://${address}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const bearer = (token: string) => ({ headers: { authorization: token } });

describe('The admin address', () => {
  test('says that the process lives, ready or not', async () => {
    await open({ state: () => 'draining' });
    expect(await ask('/health')).toMatchObject({ status: 200, text: '{"status":"ok"}\n' });
  });

  test.each([
    ['starting', 503],
    ['ready', 200],
    ['draining', 503],
  ] as const)('says whether requests are taken, and if not, why: %s', async (state, status) => {
    await open({ state: () => state });
    expect(await ask('/ready?verbose')).toMatchObject({ status, text: `{"status":"${state}"}\n` });
  });

  test('shows metrics in Prometheus’ format, at the configured path', async () => {
    await open({ metricsPath: '/numbers' });
    const { status, headers, text } = await ask('/numbers');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toMatch(/^test_total 3$/m);
    expect((await ask('/metrics')).status).toBe(404);
  });

  test('shows no metrics when they are off', async () => {
    await open({ metricsPath: undefined });
    expect((await ask('/metrics')).status).toBe(404);
  });

  test('has nothing else, and lets nobody store what it says', async () => {
    await open();
    for (const path of ['/', '/healthy', '/Health', '/health/', '/..%2fstats']) {
      expect(await ask(path)).toMatchObject({ status: 404, text: 'not found\n' });
    }
    expect((await ask('/health')).headers.get('cache-control')).toBe('no-store');
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('is there to be read, not to %s', async (method) => {
    await open();
    for (const path of ['/health', '/ready', '/stats', '/metrics']) {
      const { status, headers } = await ask(path, { method });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  test('answers HEAD as GET, without the body', async () => {
    await open();
    expect(await ask('/health', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('What reveals the inside', () => {
  test('is shown to who has the token', async () => {
    await open();
    const { status, headers, text } = await ask('/stats', bearer('Bearer secret'));
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toMatchObject({ state: 'ready', version: '1.2.3', connections: 3 });
  });

  test('whatever the case of the scheme (RFC 9110 §11.1)', async () => {
    await open();
    expect((await ask('/stats', bearer('bearer secret'))).status).toBe(200);
  });

  test.each([
    '',
    'secret',
    'Bearer',
    'Bearer ',
    'Bearer secre',
    'Bearer secrets',
    'bearersecret',
    'Basic secret',
    'Bearer SECRET',
  ])('is not shown to who says %j', async (token) => {
    await open();
    const { status, headers, text } = await ask('/stats', bearer(token));
    expect([status, headers.get('www-authenticate'), text]).toEqual([401, 'Bearer', 'unauthorized\n']);
  });

  test.each(['', 'Bearer ', 'Bearer undefined'])('is shown to nobody while no token is set, whoever says %j', async (token) => {
    await open({ token: () => '' });
    expect((await ask('/stats', bearer(token))).status).toBe(403);
  });
});

describe('The admin listener', () => {
  test('survives what goes wrong while it answers, and tells the log, not whoever asked', async () => {
    const failures: unknown[] = [];
    const fault = new Error('no stats today');
    await open({
      routes: () => {
        throw fault;
      },
      failed: (error) => void failures.push(error),
    });
    expect(await ask('/stats', bearer('Bearer secret'))).toMatchObject({ status: 500, text: 'internal error\n' });
    expect((await ask('/health')).status).toBe(200);
    expect(failures).toEqual([fault]);
  });

  test('answers those who scrape at the same time by one reading', async () => {
    let readings = 0;
    const metrics = new Metrics();
    metrics.gauge('test_readings', 'How often.', () => [[{}, ++readings]]);
    // So many that others get their turn in between.
    metrics.gauge('test_many', 'Many.', () => Array.from({ length: 20_000 }, (_, at) => [{ at: `${at}` }, at] as const));
    await open({ metrics });
    const texts = await Promise.all(Array.from({ length: 20 }, async () => (await ask('/metrics')).text));
    expect(new Set(texts.map((text) => /^test_readings \d+$/m.exec(text)?.[0])).size).toBeLessThan(20);
    expect(readings).toBeLessThan(20);
    expect((await ask('/metrics')).text).toContain(`test_readings ${readings}`);
  });

  test('tells when its address is taken', async () => {
    await open();
    const other = new AdminServer(viewOf());
    const port = Number(address.split(':')[1]);
    await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });

  test('closes at once, open connections too', async () => {
    await open();
    await ask('/health');
    admin?.close();
    await expect(ask('/health')).rejects.toThrow();
  });

  test('may be closed before it listened', () => {
    expect(() => new AdminServer(viewOf()).close()).not.toThrow();
  });
});

test('A client that reads nothing of its answer is cut, so that others have its place', async () => {
  const metrics = new Metrics();
  metrics.gauge('large', 'Too much for the buffers of a socket.', () =>
    Array.from({ length: 20 }, (_, at) => [{ at: `${at}${'x'.repeat(500_000)}` }, 1] as const),
  );
  admin = new AdminServer(viewOf({ metrics }), 200);
  address = await admin.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
  const cut = new Promise<void>((resolve) => void socket.on('error', () => {}).once('close', () => resolve()));
  socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
  socket.pause();
  // Nothing is heard of a cut by whoever does not read: so it shows with the next byte that is sent.
  const poke = setInterval(() => socket.write('\r\n'), 50);
  await cut;
  clearInterval(poke);
  expect((await ask('/health')).status).toBe(200);
});
