import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { get } from '../support/connections.ts';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-errors-'));
  for (const status of ['400', '404', '405']) writeFileSync(join(directory, `${status}.html`), `<p>${status} {request_id}</p>`);
});
afterEach(() => rig.close());
afterAll(() => rmSync(directory, { recursive: true }));

const open = async () => {
  const error_bodies = Object.fromEntries(['400', '404', '405'].map((status) => [status, join(directory, `${status}.html`)]));
  rig = await ServerRig.open({
    server: { error_bodies },
    routes: [{ id: 'a', path: '/a', methods: ['GET'], respond: {} }],
  });
};

test.each([
  ['no route', get('/x'), 404],
  ['no route for the method', get('/a').replace('GET', 'PUT'), 405],
  ['a path that is refused', get('/..'), 400],
  ['what is no request', 'GET / HTTP/1.1\r\n\r\n', 400],
])('%s is answered with the operator’s own body', async (_, request, status) => {
  await open();
  const client = rig.connect(request);
  await client.endsWith('</p>');
  expect(client.text).toMatch(
    new RegExp(`^HTTP/1\\.1 ${status} .*\\r\\nX-Request-ID: ([0-9A-Z]{22})\\r\\n.*<p>${status} \\1</p>$`, 's'),
  );
  expect(client.text).toContain('\r\nContent-Type: text/html; charset=utf-8\r\n');
});

test('a client that asks for JSON gets problem details', async () => {
  await open();
  const { head, body } = await rig.ask(get('/x', 'Accept: application/json'));
  expect(head).toContain('\r\nContent-Type: application/problem+json\r\n');
  expect(JSON.parse(body)).toMatchObject({ code: 'not_found' });
});

test('a connection for which there is no room gets all of a long one', async () => {
  const file = join(directory, '503.txt');
  writeFileSync(file, 'x'.repeat(60_000));
  rig = await ServerRig.open({ server: { max_connections: 1, error_bodies: { '503': file } } });
  rig.connect();
  await rig.open(1);
  const refused = rig.connect(get('/'));
  await refused.gone();
  expect([refused.left, refused.text.split('\r\n\r\n')[1]?.length]).toEqual(['ended', 60_000]);
});
