import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { turns } from '../../support/channels.ts';
import { ProbeRig } from '../../support/probes.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let rig: ProbeRig;

beforeEach(async () => {
  rig = await ProbeRig.open();
});
afterEach(() => rig.close());

describe('An http probe', () => {
  test('asks as it is configured, on a connection of its own that is closed then', async () => {
    expect(await rig.answered(OK, { path: '/health?deep=1', host: 'users.example' })).toBeUndefined();
    expect(await rig.answered(OK)).toBeUndefined();
    const [first, second] = rig.server.peers;
    expect(first?.text.split('\r\n').sort()).toEqual([
      '',
      '',
      'GET /health?deep=1 HTTP/1.1',
      'accept: */*',
      'connection: close',
      'host: users.example',
      'user-agent: sluice-health',
    ]);
    expect(second?.text).toContain(`\r\nhost: ${rig.server.address}\r\n`);
    expect(rig.clock.pending).toBe(0);
  });

  test.each([
    ['200 OK', { from: 200, to: 200 }, undefined],
    ['503 Service Unavailable', { from: 200, to: 200 }, 'status 503, expected 200'],
    ['204 No Content', { from: 200, to: 299 }, undefined],
    ['404 Not Found', { from: 200, to: 399 }, 'status 404, expected 200-399'],
    ['401 Unauthorized', { from: 401, to: 401 }, undefined],
  ])('that gets %s where %j is expected finds: %s', async (line, expected_status, problem) => {
    const length = line.startsWith('204') ? '' : 'Content-Length: 0\r\n';
    expect(await rig.answered(`HTTP/1.1 ${line}\r\n${length}\r\n`, { expected_status })).toBe(problem);
  });

  test('takes a redirect for the answer that it is', async () => {
    const redirect = `HTTP/1.1 302 Found\r\nLocation: http://${rig.server.address}/ok\r\nContent-Length: 0\r\n\r\n`;
    expect(await rig.answered(redirect)).toBe('status 302, expected 200');
    await turns();
    expect(rig.server.peers).toHaveLength(1);
  });

  test('waits for the answer behind interim ones', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    expect(await rig.answered(`${hints}${OK}`)).toBeUndefined();
    expect(await rig.answered(`${hints}HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n`)).toBe('status 500, expected 200');
  });

  test.each([
    ['is chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', false],
    ['ends with the connection', 'HTTP/1.0 200 OK\r\n\r\nok', true],
    ['would go on on the same connection', 'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', false],
  ])('is content with a body that %s', async (_, text, ends) => {
    expect(await rig.answered(text, {}, ends)).toBeUndefined();
  });

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf'],
  ])('is not content with %s', async (_, text) => {
    expect(await rig.answered(text, {}, true)).toBe('connection closed before the answer was complete');
  });

  test('says when the answer is not HTTP, or has no end of its head', async () => {
    expect(await rig.answered('SSH-2.0-OpenSSH_9.2\r\n')).toBe('the answer is not valid HTTP');
    expect(await rig.answered(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`)).toBe('the head of the answer is too large');
  });

  test('reads no more of a giant body than it takes to see that it comes', async () => {
    const found = rig.probe({ path: '/health' });
    const peer = await rig.asked();
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n');
    const more = setInterval(() => peer.send('x'.repeat(10_000)), 1);
    expect(await found).toBeUndefined();
    clearInterval(more);
    await peer.gone();
    expect(peer.socket.bytesWritten).toBeLessThan(10_000_000);
  });

  test.each([
    ['an answer that does not come', ''],
    ['a body that does not end', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('gives up waiting for %s when its time is over', async (_, text) => {
    const found = rig.probe({ path: '/health', timeout: 3000 });
    const peer = await rig.asked();
    peer.send(text);
    await turns();
    rig.clock.advance(2999);
    await turns();
    expect(peer.left).toBe('open');
    rig.clock.advance(1);
    expect(await found).toBe('no answer within 3000ms');
    await peer.gone();
  });
});

test('the client of http probes is not loaded before the first of them', async () => {
  const probe = fileURLToPath(new URL('../../../src/upstream/health/probe.ts', import.meta.url));
  const script = `
    import { createRequire } from 'node:module';
    import { probe } from ${JSON.stringify(probe)};
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).some((path) => path.includes('undici'));
    const check = { check_type: 'tcp', port: 0, path: '/', host: '', timeout: 1000, expected_status: { from: 200, to: 200 } };
    const clock = { after: () => () => {} };
    const target = { host: '127.0.0.1', port: ${rig.server.port}, secure: false, tls: {} };
    const signal = new AbortController().signal;
    const found = [await probe(target, check, signal, { clock }), loaded()];
    void probe(target, { ...check, check_type: 'http' }, signal, { clock });
    while (!loaded()) await new Promise((resolve) => setImmediate(resolve));
    console.log(JSON.stringify(found));
    process.exit();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual([null, false]);
});
