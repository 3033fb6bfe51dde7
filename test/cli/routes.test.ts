import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/cli/routes.ts';
import { Recorder } from './recorder.ts';

const CONFIG = `
load_balancing: { backends: { users: { upstreams: [{ address: "127.0.0.1:3001" }] } } }
tenancy: { from: "header:X-User-ID" }
routes:
  - { id: all, path: "/**", backend: users }
  - { id: api, path: "/api/**", backend: users }
  - { id: user, path: "/api/users/{id}", path_params: { id: "^[0-9]+$" }, host: ["a.example", "*.b.example"], methods: [GET], respond: {} }
  - { id: beta, path: "/api/**", when: { header: X-Beta, equals: "1" }, backend: users }
  - { id: moved, path: "/api/**", tenant: acme, redirect: { to: "https://{host}{path}" } }
  - { id: put, path: /put/x, host: put.example, methods: [PUT], backend: users }
`;

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-routes-'));
  file = join(directory, 'sluice.yaml');
  writeFileSync(file, CONFIG);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function run(match?: string, ...headers: string[]) {
  const terminal = new Recorder();
  const code = await routes({ file, match, headers }, terminal);
  return { code, lines: terminal.printed.trimEnd().split('\n'), complained: terminal.complained };
}

describe('sluice routes', () => {
  test('prints the table in the order of decision, with scores', async () => {
    const { code, lines } = await run();
    expect(code).toBe(0);
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['ROUTE', 'TENANT', 'HOST', 'METHODS', 'PATH', 'ANSWER', 'SCORE'],
      ['moved', 'acme', '*', '*', '/api/**', '308 https://{host}{path}', 'tenant, /text/**'],
      ['user', '*', 'a.example', 'GET', '/api/users/{id}', 'respond 200', 'host, /text/text/{checked}, methods'],
      ['put', '*', 'put.example', 'PUT', '/put/x', 'users', 'host, /text/text, methods'],
      ['user', '*', '*.b.example', 'GET', '/api/users/{id}', 'respond 200', '*.host of 2 labels, /text/text/{checked}, methods'],
      ['beta', '*', '*', '*', '/api/**', 'users', '/text/**, 1 condition'],
      ['api', '*', '*', '*', '/api/**', 'users', '/text/**'],
      ['all', '*', '*', '*', '/**', 'users', '/**'],
    ]);
  });

  test('says which route takes a request, and why those with its path do not', async () => {
    const { code, lines } = await run('GET http://A.example:8080/x/../api/users/5?a=b');
    expect(code).toBe(0);
    expect(lines).toEqual([
      'GET A.example:8080/api/users/5: user at a.example answers (host, /text/text/{checked}, methods)',
      '',
      'Routes with this path that do not answer, in the order in which they are asked:',
      '  moved: it is for the tenant acme, the request has none (tenant, /text/**)',
      '  user at *.b.example: it is for the host *.b.example (*.host of 2 labels, /text/text/{checked}, methods)',
      '  beta: the condition fails: header x-beta equals "1" (/text/**, 1 condition)',
      "  api: comes later: the winner's host is more specific (/text/**)",
      "  all: comes later: the winner's host is more specific (/**)",
      '',
      '1 more has another path.',
    ]);
  });

  test('takes fields of the request, its host too', async () => {
    expect((await run('POST /api/x', 'X-Beta: 1')).lines[0]).toBe('POST /api/x: beta answers (/text/**, 1 condition)');
    expect((await run('GET /api/x', 'x-user-id:acme')).lines[0]).toMatch(/moved answers/);
    expect((await run('GET /api/users/5', 'Host: x.b.example')).lines[0]).toMatch(/user at \*\.b\.example answers/);
  });

  test('says with its exit code when no route does', async () => {
    writeFileSync(file, CONFIG.replace(/ {2}- \{ id: all.*\n/, ''));
    const [none, method] = [await run('GET http://x/'), await run('DELETE http://put.example/put/x')];
    writeFileSync(file, CONFIG);
    expect([none.code, none.lines[0], none.lines.at(-1)]).toEqual([1, 'GET x/: no route: 404', '6 more have another path.']);
    expect([method.code, method.lines[0]]).toEqual([1, 'DELETE put.example/put/x: no route for the method: 405, Allow: PUT']);
  });

  test.each([
    ['nonsense', [], /not a request: "nonsense"/],
    ['GET', [], /not a request/],
    ['GET ftp://x/', [], /not a request/],
    ['GET http://x/a b', [], /not a request/],
    ['GET http://x/../..', [], /refused before it is routed/],
    ['GET http://x/', ['no field'], /not a field: "no field"/],
    ['GET http://x/', ['a b: c'], /not a field/],
    ['GET http://x/', ['a: b\nc'], /not a field/],
    [undefined, ['a: b'], /--match is missing/],
  ])('does not take %j with %j', async (match, headers, why) => {
    const { code, complained } = await run(match, ...headers);
    expect([code, complained]).toEqual([2, expect.stringMatching(why)]);
  });

  test('tells what is wrong with the file', async () => {
    writeFileSync(file, 'routes: [{ id: a }]');
    const asked = run();
    await expect(asked).rejects.toThrow('routes[0].path: is missing');
    writeFileSync(file, CONFIG);
  });
});
