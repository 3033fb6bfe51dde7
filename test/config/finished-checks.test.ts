import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkConfig, checkText } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';

const backends = { users: { upstreams: [{ address: '127.0.0.1:3001' }] } };
const route = (more: object) => ({ id: 'a', path: '/a/{id}', backend: 'users', ...more });
const limit = (more: object) => ({ name: 'all', key: 'global', requests_per_second: 5, ...more });

function wrong(document: object): string[] {
  try {
    checkConfig({ load_balancing: { backends }, ...document });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

describe('Parts that are right alone', () => {
  test.each<[string, object, string]>([
    [
      'a limit by tenant',
      { routes: [route({ rate_limits: [limit({ key: 'tenant' })] })] },
      'routes[0].rate_limits[0].key: tenancy.from is missing: it says where a tenant is read',
    ],
    [
      'concurrency by tenant',
      { routes: [route({ concurrency: { limit: 1, key: 'tenant+ip' } })] },
      'routes[0].concurrency.key: ten',
    ],
    [
      'the shared limit by tenant',
      { middleware: { rate_limiting: limit({ key: 'tenant' }) } },
      'middleware.rate_limiting.key: ten',
    ],
    [
      'a hash by tenant',
      { load_balancing: { backends: { users: { ...backends.users, hash_on: 'tenant' } } } },
      'load_balancing.backends.users.hash_on: tenancy.from is missing',
    ],
    [
      'a hash with a name that no path has',
      { routes: [route({})], load_balancing: { backends: { users: { ...backends.users, hash_on: ['{idd}', 'ip'] } } } },
      'load_balancing.backends.users.hash_on: {idd} is no parameter of any route\'s path; did you mean "id"?',
    ],
    [
      "a consumer's limit by tenant",
      { consumers: [{ name: 'alice', rate_limits: [limit({ key: ['tenant', 'ip'] })] }] },
      'consumers[0].rate_limits[0].key: tenancy.from is missing',
    ],
    [
      'a rewrite with a name that the path lacks',
      { routes: [route({ transform: { rewrite: '/b/{idd}' } })] },
      'routes[0].transform: {idd} is no parameter of the path; did you mean "id"?',
    ],
    [
      'an identity header with one',
      { routes: [route({ identity_headers: { 'X-A': '{none}' } })] },
      'routes[0].identity_headers: {none} is no parameter of the path',
    ],
    [
      'a key with one',
      { routes: [route({ rate_limits: [limit({ key: '{nobody}-{client_ip}' })] })] },
      'routes[0].rate_limits[0].key: {nobody} is no parameter of the path',
    ],
    [
      'one global limit with two numbers',
      {
        routes: [route({ rate_limits: [limit({})] }), { ...route({ rate_limits: [limit({ burst: 9 })] }), id: 'b', path: '/b' }],
      },
      'routes[1].rate_limits[0]: a global limit has one bucket, and routes[0].rate_limits[0] has other numbers for it',
    ],
    [
      'one global limit with two numbers, shared and of a route',
      {
        middleware: { rate_limiting: limit({ burst: 9 }) },
        routes: [route({ rate_limits: [limit({})] })],
      },
      'routes[0].rate_limits[0]: a global limit has one bucket, and middleware.rate_limiting has other numbers for it',
    ],
    [
      'one global limit with two numbers, of a consumer and of a route',
      {
        consumers: [{ name: 'alice', rate_limits: [limit({ burst: 9 })] }],
        routes: [route({ rate_limits: [limit({})] })],
      },
      'routes[0].rate_limits[0]: a global limit has one bucket, and consumers[0].rate_limits[0] has other numbers for it',
    ],
  ])('may not fit together: %s', (_, document, says) => {
    expect(wrong(document)).toEqual([expect.stringContaining(says)]);
  });

  test('fit with what they need', () => {
    const limits = [limit({}), limit({ name: 'tenants', key: 'tenant' }), limit({ name: 'keys', key: '{id}-{client_ip}' })];
    const routes = [
      route({ rate_limits: limits, transform: { rewrite: '/b/{id}' }, identity_headers: { 'X-Id': '{id}' } }),
      { ...route({ rate_limits: [limit({})] }), id: 'b', path: '/b' },
    ];
    expect(wrong({ tenancy: { from: 'header:X-User-ID' }, routes })).toEqual([]);
  });

  test('a tenant is read as tenancy says, wherever it is a key', () => {
    const {
      routes,
      middleware,
      backends: kept,
    } = checkConfig({
      tenancy: { from: 'header:X-User-ID' },
      load_balancing: { backends: { users: { ...backends.users, hash_on: ['tenant', 'ip'] } } },
      middleware: { rate_limiting: limit({ key: 'tenant' }) },
      routes: [route({ rate_limits: [limit({ key: 'tenant+route' })], concurrency: { limit: 2, key: 'tenant' } })],
    });
    const header = { from: 'header', name: 'x-user-id' };
    expect(routes[0]?.rate_limits[0]?.key).toEqual([[header, { from: 'route' }]]);
    expect([routes[0]?.concurrency?.key, middleware.rate_limiting?.key]).toEqual([[[header]], [[header]]]);
    expect(kept['users']?.hash_on).toEqual([[header], [{ from: 'ip' }]]);
    const byHost = checkConfig({
      tenancy: { from: 'host' },
      routes: [{ ...route({ rate_limits: [limit({ key: 'tenant' })] }), backend: undefined, respond: {} }],
    });
    expect(byHost.routes[0]?.rate_limits[0]?.key).toEqual([[{ from: 'host' }]]);
  });
});

describe('The key file of tokens', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const check = (jwt: string, content: string | Error) =>
    checkText(
      `middleware: { authentication: { auth_type: jwt, jwt: ${jwt} } }`,
      'a.yaml',
      {},
      {
        read: () => {
          if (content instanceof Error) throw content;
          return Buffer.from(content);
        },
        list: () => [],
      },
    );

  test('is read with the configuration', () => {
    expect(check('{ public_key: key.pem }', pem).middleware.authentication?.jwt?.public_key).toBe(pem);
  });

  test.each([
    [
      'that is not there',
      '{ public_key: key.pem }',
      Object.assign(new Error('x'), { code: 'ENOENT' }),
      /public_key: key.pem: no such file/,
    ],
    ['that holds no key', '{ public_key: key.pem }', 'nothing', /a.yaml:1:\d+: middleware.authentication.jwt.public_key: /],
    ['whose key does not go with the algorithms', '{ public_key: key.pem, algorithms: [RS256] }', pem, /jwt.public_key: /],
  ])('%s is told', (_, jwt, content, says) => {
    expect(() => check(jwt, content)).toThrow(says);
  });
});
