import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGateway, startGateway } from './support/gateway.ts';

const SECRET = 'a-secret-of-more-than-32-characters';
const EVIL = '\r\nX-Evil: 1';
const FIELDS = { 'X-Sub': '{jwt:sub}', 'X-Cookie': '{cookie:c}', 'X-Id': '{id}', 'X-Query': '{query:q}', 'X-User': '<{user}>' };

let origin: Server;
let gateway: RunningGateway;
let seen: { url: string; names: string[]; headers: IncomingHttpHeaders } | undefined;

beforeAll(async () => {
  origin = createServer(({ url = '', rawHeaders, headers }, response) => {
    seen = { url, names: rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()), headers };
    response.end();
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
  gateway = await startGateway({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'silent' },
    middleware: { authentication: { auth_type: 'jwt', jwt: { secret: SECRET } } },
    load_balancing: { backends: { origin: { upstreams: [{ address }] } } },
    routes: [
      {
        ...{ id: 'fields', path: '/fields/{id}', backend: 'origin', middleware: ['auth'] },
        transform: { request_headers: { set: FIELDS }, response_headers: { set: FIELDS } },
      },
      {
        id: 'path',
        path: '/path',
        backend: 'origin',
        middleware: ['auth'],
        transform: { rewrite: '/v2/{jwt:sub}/{cookie:c}/end' },
      },
      { id: 'host', path: '/host', backend: 'origin', transform: { request_headers: { set: { Host: 'Users.Internal:81' } } } },
    ],
  });
});
afterAll(async () => {
  await gateway.close();
  origin.closeAllConnections();
  origin.close();
});

function token(claims: object): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part(claims)}`;
  return `Authorization: Bearer ${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

/** The reply as it is on the wire: a client library would hide what it takes for a second field. */
async function ask(target: string, ...fields: string[]): Promise<{ status: number; lines: string[] }> {
  seen = undefined;
  const colon = gateway.address.lastIndexOf(':');
  const socket = connect(Number(gateway.address.slice(colon + 1)), gateway.address.slice(0, colon));
  socket.end([`GET ${target} HTTP/1.1`, 'Host: asked.example', 'Connection: close', ...fields, '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) text += chunk;
  const [head = ''] = text.split('\r\n\r\n');
  return { status: Number(text.slice(9, 12)), lines: head.split('\r\n') };
}

describe('A line end', () => {
  test('in the query, a cookie, the path and claims becomes no field, on either way', async () => {
    const { status, lines } = await ask(
      '/fields/a%0d%0aX-Evil:%201?q=b%0d%0aX-Evil:%201',
      token({ sub: `c${EVIL}` }),
      'Cookie: c=d%0d%0aX-Evil: 1',
    );
    expect(status).toBe(200);
    expect(lines).toEqual(
      expect.arrayContaining([
        'X-Sub: c%0D%0AX-Evil: 1',
        'X-Cookie: d%0d%0aX-Evil: 1',
        'X-Id: a%0D%0AX-Evil:%201',
        'X-Query: b%0D%0AX-Evil: 1',
        'X-User: <c%0D%0AX-Evil: 1>',
      ]),
    );
    expect(lines.filter((line) => /^x-evil/i.test(line))).toEqual([]);
    expect(seen?.names).toEqual(expect.arrayContaining(['x-sub', 'x-cookie', 'x-id', 'x-query', 'x-user']));
    expect(seen?.names).not.toContain('x-evil');
  });

  test('in a claim or a cookie ends no path', async () => {
    expect((await ask('/path', token({ sub: `a HTTP/1.1${EVIL}` }), 'Cookie: c=d%0d%0a')).status).toBe(200);
    expect(seen?.url).toBe('/v2/a%20HTTP%2F1.1%250D%250AX-Evil%3A%201/d%250d%250a/end');
    expect(seen?.names).not.toContain('x-evil');
  });

  test('that is not ASCII, but whose low byte is one, is none either', async () => {
    const { lines } = await ask('/fields/x?q=%C4%8D%C4%8AX-Evil:%201', token({ sub: '\u010d\u010aX-Evil: 1' }), 'Cookie: c=x');
    expect(lines).toEqual(expect.arrayContaining(['X-Sub: \xc4\x8d\xc4\x8aX-Evil: 1', 'X-Query: \xc4\x8d\xc4\x8aX-Evil: 1']));
    expect(lines.filter((line) => /^x-evil/i.test(line))).toEqual([]);
  });
});

test.each(['..', '.', '../admin', 'x/../..', '..\\admin', '..;x', ''])(
  'a claim cannot lead out of a path: %j is 400, and the upstream is not asked',
  async (sub) => {
    expect((await ask('/path', token({ sub }), 'Cookie: c=d')).status).toBe(400);
    expect(seen).toBeUndefined();
  },
);

test('a Host that is set is the only one, the first field, and what the client asked for is told beside it', async () => {
  await ask('/host', 'X-Forwarded-Host: evil.example');
  expect([seen?.names[0], seen?.names.filter((name) => name === 'host')]).toEqual(['host', ['host']]);
  expect(seen?.headers).toMatchObject({ host: 'users.internal:81', 'x-forwarded-host': 'asked.example' });
});
