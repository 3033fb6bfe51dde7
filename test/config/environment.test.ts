import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkInput } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { type Config, documentSchema } from '../../src/config/document.ts';
import { isLongName } from '../../src/config/environment.ts';
import { allKeys } from '../../src/config/keys.ts';

/** With the names without their prefix. */
function check(environment: Readonly<Record<string, string>>, text?: string): Config {
  const prefixed = Object.fromEntries(Object.entries(environment).map(([name, value]) => [`SLUICE_${name}`, value]));
  return checkInput({ environment: prefixed, ...(text !== undefined && { main: { text, file: 'a.yaml' } }) }).config;
}

function complaint(environment: Readonly<Record<string, string>>, text?: string): string[] {
  try {
    check(environment, text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll('environment variable SLUICE_', '$').split('\n');
    throw error;
  }
  return [];
}

const FILE = `
server: { http_addr: "127.0.0.1:1", max_connections: 5 }
load_balancing: { backends: { user-API.v2: { upstreams: [{ address: "127.0.0.1:3001" }] } } }
routes: [{ id: users, path: /users, backend: user-API.v2 }]
`;

describe('A variable', () => {
  test('sets what its name says, over what the file says', () => {
    const config = check({ SERVER__HTTP_ADDR: '0.0.0.0:80', SERVER__TIMEOUTS__BODY: '5s', METRICS__PROMETHEUS: 'false' }, FILE);
    expect(config.server.http_addr).toEqual([{ host: '0.0.0.0', port: 80 }]);
    expect([config.server.timeouts.body, config.server.max_connections]).toEqual([5000, 5]);
    expect(config.metrics.prometheus).toBe(false);
  });

  test.each([
    ['one value where one is enough', 'SERVER__HTTP_ADDR', '127.0.0.1:2', (config: Config) => config.server.http_addr.length, 1],
    ['an IPv6 address', 'SERVER__HTTP_ADDR', '[::1]:2', (config: Config) => config.server.http_addr[0]?.host, '::1'],
    ['values with commas', 'SERVER__HTTP_ADDR', '127.0.0.1:2, [::1]:2', (config: Config) => config.server.http_addr.length, 2],
    ['one value of a list', 'SERVER__TRUSTED_PROXIES', '::1', (config: Config) => config.server.trusted_proxies.length, 1],
    ['a list as JSON', 'ROUTES__0__METHODS', '["GET","PUT"]', (config: Config) => config.routes[0]?.methods, ['GET', 'PUT']],
    ['a list as YAML', 'ROUTES__0__METHODS', '[GET, PUT]', (config: Config) => config.routes[0]?.methods, ['GET', 'PUT']],
    ['a block', 'SERVER__LIMITS', '{"uri_bytes":"1KB"}', (config: Config) => config.server.limits.uri_bytes, 1024],
    ['no variable in a variable', 'ADMIN__TOKEN', `\${A}`, (config: Config) => config.admin.token, `\${A}`],
  ])('may hold %s', (_, name, text, read, expected) => {
    expect(read(check({ [name]: text }, FILE))).toEqual(expected);
  });

  test('steps into lists by numbers and adds to their end, ten after nine', () => {
    const entries = Array.from(
      { length: 12 },
      (_, at) => [`ROUTES__${at}`, `{ id: r${at}, path: /${at}, respond: {} }`] as const,
    );
    const { routes } = check({ ...Object.fromEntries(entries), ROUTES__3__PATH: '/three' }, FILE);
    expect(routes.map(({ id }) => id)).toEqual(entries.map((_, at) => `r${at}`));
    expect(routes[3]?.path).toBe('/three');
  });

  test('puts a list where the file has one value', () => {
    const { server } = check({ SERVER__HTTP_ADDR__0: '127.0.0.1:2', SERVER__HTTP_ADDR__1: '127.0.0.1:3' }, FILE);
    expect(server.http_addr.map(({ port }) => port)).toEqual([2, 3]);
  });

  test('finds the name in the file that differs from its own in case and signs alone', () => {
    const { backends } = check({ LOAD_BALANCING__BACKENDS__USER_API_V2__UPSTREAMS__0__ADDRESS: 'a:1' }, FILE);
    expect(Object.keys(backends)).toEqual(['user-API.v2']);
    expect(backends['user-API.v2']?.upstreams[0]?.address.host).toBe('a');
  });

  test('makes a name of small letters where there is none', () => {
    const { backends } = check({ LOAD_BALANCING__BACKENDS__MY_API__UPSTREAMS: '[{ address: "a:1" }]' }, FILE);
    expect(Object.keys(backends)).toEqual(['user-API.v2', 'my_api']);
  });

  test('that is empty counts as not set', () => {
    expect(check({ SERVER__HTTP_ADDR: '' }, FILE).server.http_addr[0]?.port).toBe(1);
  });

  test('takes the place of a text whose own variable is not set', () => {
    const text = `admin: { token: "\${NOBODY}" }`;
    expect(check({ ADMIN__TOKEN: 'secret' }, text).admin.token).toBe('secret');
    expect(complaint({ ADMIN__ADDR: '127.0.0.1:1' }, text)).toEqual([
      'a.yaml:1:17: admin.token: the environment variable NOBODY is not set, and there is no default',
    ]);
  });

  test('makes a configuration without a file', () => {
    const { routes } = check({ ROUTES__0__ID: 'a', ROUTES__0__PATH: '/a', ROUTES__0__RESPOND__STATUS: '204' });
    expect(routes[0]?.respond?.status).toBe(204);
  });
});

describe('A variable that cannot be is refused by its name:', () => {
  test.each([
    ['SERVER__HTTP_ADR', 'a:1', '$SERVER__HTTP_ADR: server.http_adr: unknown key; did you mean "http_addr"?'],
    ['SEVER__HTTP_ADDR', 'a:1', '$SEVER__HTTP_ADDR: sever: unknown key; did you mean "server"?'],
    ['_SERVER__HTTP_ADDR', 'a:1', '$_SERVER__HTTP_ADDR: _server: unknown key; did you mean "server"?'],
    ['SERVER____HTTP_ADDR', 'a:1', '$SERVER____HTTP_ADDR: the parts of a name have two underscores between them'],
    ['SERVER__', 'a:1', '$SERVER__: the parts of a name have two underscores between them'],
    ['SERVER__HTTP_ADDR', 'nowhere', '$SERVER__HTTP_ADDR: server.http_addr: the port is missing'],
    ['SERVER__TRUSTED_PROXIES', '::1,x', '$SERVER__TRUSTED_PROXIES: server.trusted_proxies[1]: not an IP address'],
    ['SERVER__LIMITS', '16KB', '$SERVER__LIMITS: server.limits: must be a block of keys, not "16KB"'],
    ['SERVER__LIMITS', '{', '$SERVER__LIMITS: Flow map'],
    ['SERVER__LIMITS', '{a: 1, a: 2}', '$SERVER__LIMITS: a: stands there twice'],
    ['ROUTES__FIRST__ID', 'x', '$ROUTES__FIRST__ID: routes is a list: a number stands behind it, from 0 to 1'],
    ['ROUTES__2__ID', 'x', '$ROUTES__2__ID: routes has 1 entries: the next is 1'],
    ['ROUTES__4294967296__ID', 'x', '$ROUTES__4294967296__ID: routes is a list'],
    ['ROUTES__0__BACKEND', 'nobody', '$ROUTES__0__BACKEND: routes[0].backend: there is no backend "nobody"'],
    ['ROUTES__0__CACHE__TTL', '5s', '$ROUTES__0__CACHE__TTL: routes[0].cache: not in this version'],
    ['REDIS__URL', 'redi://a', '$REDIS__URL: redis.url: '],
    ['DISCOVERY__CONSUL__ADDR', 'a:1', '$DISCOVERY__CONSUL__ADDR: discovery: not in this version'],
    ['INCLUDE__0', 'a.yaml', '$INCLUDE__0: include: stands in the file alone'],
    ['SERVER__CONSTRUCTOR__PROTOTYPE', 'x', '$SERVER__CONSTRUCTOR__PROTOTYPE: server.constructor: unknown key'],
    ['ADMIN__TOKEN', 'a b', '$ADMIN__TOKEN: admin.token: must be visible ASCII'],
  ])('%s', (name, text, says) => {
    const lines = complaint({ [name]: text }, FILE);
    expect(lines).toHaveLength(1);
    expect((lines[0] as string).startsWith(says), `${lines[0]}\n${says}`).toBe(true);
  });

  test('and what is missing beside it, by the name that made it necessary', () => {
    expect(complaint({ ROUTES__1__ID: 'b' }, FILE)).toEqual([
      expect.stringMatching(/^\$ROUTES__1__ID: routes\[1\]\.path: is missing/),
      expect.stringMatching(/^\$ROUTES__1__ID: routes\[1\]: a route has exactly one/),
    ]);
  });

  test('what is wrong with the file is not hidden by it', () => {
    expect(complaint({ SERVER__HTTP_ADDR: 'a:1' }, 'server: fast')).toEqual([
      'a.yaml:1:9: server: must be a block of keys, not "fast"',
    ]);
    expect(complaint({ SERVER__HTTP_ADDR: 'a:1' }, '')).toEqual(['a.yaml:1:1: must be a block of keys, not empty']);
  });
});

test('what only looks like a setting changes nothing', () => {
  const kubernetes = {
    PORT: 'tcp://10.0.0.1:80',
    SERVICE_HOST: 'x',
    PORT_80_TCP_ADDR: 'x',
    SERVER_HTTP_ADDR: 'x',
    ADMIN_TOKEN: 'x',
  };
  expect(check(kubernetes, FILE)).toEqual(check({}, FILE));
  expect(isLongName('OTHER__X')).toBe(false);
});

const words = [...new Set(allKeys(documentSchema).flatMap((key) => key.split('.')))].filter((word) => word !== '*');
const part = fc.oneof(fc.constantFrom(...words, '0', '1', '7', 'constructor', '__proto__', 'x'), fc.string({ maxLength: 4 }));
const names = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('__').toUpperCase());
const texts = fc.oneof(
  fc.constantFrom('[', '{', '[1]', '{a: 1}', '{"__proto__": 1}', ',', 'a,b', '5s', 'true', '*x', '&a [*a]'),
  fc.string(),
);

test('variables of any kind make a configuration or are refused with a ConfigError', () => {
  fc.assert(
    fc.property(
      fc.dictionary(names, texts, { maxKeys: 5 }),
      fc.constantFrom(undefined, FILE, 'server: 1'),
      (environment, text) => {
        for (const line of complaint(environment, text)) expect(line.length).toBeGreaterThan(5);
      },
    ),
    { numRuns: 1000 },
  );
});
