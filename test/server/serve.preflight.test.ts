import { afterEach, describe, expect, test } from 'vitest';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;

afterEach(() => rig.close());

const cors = { allowed_origins: ['*'], allowed_methods: ['*'], allowed_headers: ['*'] };
const preflight = (path: string, method: string) =>
  `OPTIONS ${path} HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: ${method}\r\n\r\n`;
const allows = (head: string) => /\r\nAccess-Control-Allow-Origin: ([^\r]*)\r\n/.exec(head)?.[1];

async function ask(path: string, method: string) {
  const { status, head, body } = await rig.ask(preflight(path, method));
  return [status, allows(head), body];
}

describe('A preflight', () => {
  test('goes to the route that it asks about, whatever methods that has', async () => {
    const other = { allowed_origins: ['https://other.example'] };
    rig = await ServerRig.open({
      routes: [
        { id: 'get', path: '/a', methods: ['GET'], respond: {}, cors },
        { id: 'put', path: '/a', methods: ['PUT'], respond: {}, cors: other },
      ],
    });
    expect(await ask('/a', 'GET')).toEqual([204, '*', '']);
    expect(await ask('/a', 'HEAD')).toEqual([204, '*', '']);
    expect(await ask('/a', 'PUT')).toEqual([204, undefined, '']);
    expect(rig.compiled.counted()).toEqual([
      ['get OPTIONS 2xx', 2],
      ['put OPTIONS 2xx', 1],
    ]);
  });

  test('about a method that nobody has is answered as OPTIONS is', async () => {
    rig = await ServerRig.open({ routes: [{ id: 'get', path: '/a', methods: ['GET'], respond: {}, cors }] });
    const { status, head } = await rig.ask(preflight('/a', 'DELETE'));
    expect([status, allows(head)]).toEqual([405, undefined]);
    expect(head).toContain('\r\nAllow: GET, HEAD\r\n');
    expect((await ask('/b', 'GET'))[0]).toBe(404);
  });

  test('about a route without CORS goes to who takes OPTIONS, as before', async () => {
    rig = await ServerRig.open({
      routes: [
        { id: 'put', path: '/a', methods: ['PUT'], respond: {} },
        { id: 'options', path: '/a', methods: ['OPTIONS'], respond: { body: 'own answer' } },
        { id: 'all', path: '/b', respond: { body: 'all' } },
      ],
    });
    expect(await ask('/a', 'PUT')).toEqual([200, undefined, 'own answer']);
    expect(await ask('/b', 'PUT')).toEqual([200, undefined, 'all']);
  });

  test('about a route without CORS is never allowed by another route with it', async () => {
    rig = await ServerRig.open({
      routes: [
        { id: 'admin', path: '/admin', methods: ['POST'], respond: {} },
        { id: 'all', path: '/**', respond: { body: 'all' }, cors },
      ],
    });
    expect(await ask('/admin', 'POST')).toEqual([204, undefined, '']);
    // What would go to the other is the other's to allow.
    expect(await ask('/admin', 'PUT')).toEqual([204, '*', '']);
    expect(await ask('/other', 'POST')).toEqual([204, '*', '']);
    expect((await rig.ask('OPTIONS /admin HTTP/1.1\r\nHost: a\r\n\r\n')).body).toBe('all');
    expect(rig.compiled.counted()).toContainEqual(['none OPTIONS 2xx', 1]);
  });

  test.each(['GET, PUT', '\xff', 'x'.repeat(5000), '*', '/', '%'])(
    'about what is no method, %j, is refused like any other',
    async (method) => {
      rig = await ServerRig.open({ routes: [{ id: 'get', path: '/a', respond: {}, cors: { allowed_origins: ['*'] } }] });
      expect(await ask('/a', method)).toEqual([204, undefined, '']);
    },
  );
});
