import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkText } from '../../../src/config/check.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { importFluxgate } from '../../../src/config/import/fluxgate.ts';

const UPSTREAM = { url: 'http://localhost:9001' };
const ROUTE = { path: '/api/users', upstreams: [UPSTREAM] };
/** All that FluxGate's model has. */
const FULL = {
  path: '/api/users',
  method: 'GET',
  load_balancing: 'round_robin',
  upstreams: [
    {
      url: 'http://localhost:9001',
      weight: 2,
      circuit_breaker: {
        enabled: true,
        failure_threshold: 5,
        window_seconds: 60,
        open_seconds: 30,
        half_open_requests: 3,
        success_threshold: 2,
      },
    },
  ],
  route_rate_limit: { type: 'token_bucket', capacity: 100, refill_rate: 10 },
  user_rate_limit: { type: 'token_bucket', capacity: 20, refill_rate: 2 },
  user_id_key: ['header:X-User-ID', 'ip'],
  cache: { enabled: true, ttl_ms: 60000, max_entry: 100 },
  retry: { enabled: true, max_tries: 3, base_time_ms: 100 },
};

function load(document: unknown) {
  return checkText(importFluxgate(JSON.stringify(document), 'a.json'), 'a.yaml', {});
}

function complaint(text: string): string {
  try {
    importFluxgate(text, 'a.json');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing is wrong';
}

describe('What is made of FluxGate', () => {
  test('is a configuration of its routes, upstreams, weights and retries', () => {
    const { routes, backends } = load(FULL);
    expect(routes).toMatchObject([{ id: 'get-api-users', path: '/api/users', methods: ['GET'], backend: 'get-api-users' }]);
    // FluxGate counts the first try.
    expect(routes[0]?.retry).toMatchObject({ max_retries: 2, on: ['connect', 'reset', '5xx'], backoff: { base: 100 } });
    expect(backends['get-api-users']).toMatchObject({
      algorithm: 'round_robin',
      upstreams: [{ address: { host: 'localhost', port: 9001 }, weight: 2 }],
      circuit_breaker: { failure_threshold: 5, window: 60_000, open_for: 30_000, half_open_requests: 3, success_threshold: 2 },
    });
    expect(routes[0]?.rate_limits).toMatchObject([
      { name: 'route', algorithm: 'token_bucket', rate: 10, limit: 100, key: [[{ from: 'route' }]] },
      { name: 'user', rate: 2, limit: 20, key: [[{ from: 'header', name: 'x-user-id' }], [{ from: 'ip' }]] },
    ]);
  });

  test('has what is not built yet in comments, in the words that it will have', () => {
    const text = importFluxgate(JSON.stringify(FULL), 'a.json');
    const later = text.split('\n').flatMap((line) => /# not in this version: (.*)$/.exec(line)?.[1] ?? []);
    expect(later).toEqual(['cache: { enabled: true, ttl: "60s", max_entries: 100, statuses: [200], query: "all" }']);
  });

  test('may be a list of routes, with names that are told apart', () => {
    const { routes } = load([ROUTE, { ...ROUTE, method: 'post' }, { ...ROUTE, path: '/' }, { ...ROUTE, path: '/Api-Users' }]);
    expect(routes.map(({ id }) => id)).toEqual(['api-users', 'post-api-users', 'root', 'api-users-2']);
  });

  test('may be a map of users to their routes, which are tenants', () => {
    const { routes, tenantSource } = load({ demo: [ROUTE, { ...ROUTE, path: '/b' }], other: ROUTE });
    expect(tenantSource).toEqual({ kind: 'header', name: 'x-user-id' });
    expect(routes.map(({ id, tenant }) => [id, tenant])).toEqual([
      ['demo-api-users', 'demo'],
      ['demo-b', 'demo'],
      ['other-api-users', 'other'],
    ]);
  });

  test('has the second of two equal routes in comments', () => {
    const text = importFluxgate(JSON.stringify([ROUTE, { ...ROUTE, path: '/a/*' }, { ...ROUTE, path: '/a/:id' }]), 'a.json');
    expect(checkText(text, 'a.yaml', {}).routes).toHaveLength(2);
    expect(text).toContain('  # - id: "a-id"\n  #   path: "/a/:id"');
  });

  test('takes texts for texts: neither variables nor YAML', () => {
    const { routes } = load({ [`\${A}:#`]: { ...ROUTE, path: '/a' } });
    expect(routes[0]?.tenant).toBe(`\${A}:#`);
  });

  test.each(['', '*', 'ANY', 'all'])('takes the method %j for all of them', (method) => {
    expect(load({ ...ROUTE, method }).routes[0]?.methods).toBeUndefined();
  });
});

describe('A text that is not of FluxGate is refused with its place:', () => {
  test.each([
    ['no JSON', '{ "path": ', 'a.json:1:11: Flow map'],
    ['an empty list', '[]', 'a.json:1:1: there is no route in it'],
    ['a word', '5', 'a.json:1:1: must be a block of keys, not 5'],
    ['a user without routes', '{ "demo": 5 }', 'a.json:1:11: demo: must be a block of keys, not 5'],
    [
      'an unknown key',
      '{\n "path": "/a", "upstreams": [{ "url": "http://a" }],\n "mehtod": "GET" }',
      'a.json:3:2: mehtod: unknown key; did you mean "method"?',
    ],
    ['no upstream', '[{ "path": "/a", "upstreams": [] }]', 'a.json:1:31: [0].upstreams: needs at least 1 entry'],
    [
      'a path in a URL',
      '{ "path": "/a", "upstreams": [{ "url": "http://a/b" }] }',
      'a.json:1:40: upstreams[0].url: the URL of an upstream',
    ],
    ['a bad path', '{ "path": "a", "upstreams": [{ "url": "http://a" }] }', 'a.json:1:11: path: a path starts with /'],
    [
      'another balancer',
      '{ "path": "/a", "load_balancing": "random", "upstreams": [{ "url": "http://a" }] }',
      'a.json:1:35: load_balancing: "random" is not one of',
    ],
    [
      'a method that is none',
      '{ "path": "/a", "method": "G T", "upstreams": [{ "url": "http://a" }] }',
      'a.json:1:27: method: not a method',
    ],
    [
      'a user that is no tenant',
      '{ "a b": { "path": "/a", "upstreams": [{ "url": "http://a" }] } }',
      'a.json:1:3: ["a b"]: is no name of a user',
    ],
  ])('%s', (_, text, says) => {
    const message = complaint(text);
    expect(message.startsWith(says), message).toBe(true);
  });
});

const word = fc.constantFrom(...JSON.stringify([FULL]).split(/(?<=[,:{}[\]])|(?=[,:{}[\]])/), '', '-1', '"a"', `\${A}`, '*');

test('a text of any kind becomes a configuration or is refused with a ConfigError', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => complaint(words.join('')).length > 0),
    { numRuns: 1000 },
  );
});

const name = fc.stringMatching(/^[a-z*{}:]{0,4}$/);
const route = fc.record(
  {
    path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
    upstreams: fc
      .uniqueArray(fc.constantFrom('http://a', 'http://b:81', 'https://c'), { minLength: 1 })
      .map((urls) => urls.map((url) => ({ url }))),
    method: fc.constantFrom('GET', 'post', '*'),
    retry: fc.record({ max_tries: fc.integer({ min: 1, max: 11 }) }),
  },
  { requiredKeys: ['path', 'upstreams'] },
);

test('whatever is not refused passes a check', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        route,
        fc.array(route, { minLength: 1 }),
        fc.dictionary(fc.constantFrom('u', 'v'), fc.array(route), { minKeys: 1 }),
      ),
      (document) => {
        try {
          expect(load(document).routes.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof ConfigError) || error.file !== 'a.json') throw error;
        }
      },
    ),
    { numRuns: 500 },
  );
});
