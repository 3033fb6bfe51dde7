import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkConfig, checkText } from '../../src/config/check.ts';
import { documentSchema } from '../../src/config/document.ts';
import { allKeys, keysAt } from '../../src/config/keys.ts';

const UPSTREAM = { address: '127.0.0.1:3001' };

describe('A configuration', () => {
  test('of nothing is a gateway with the documented defaults', () => {
    expect(checkConfig({})).toEqual({
      server: {
        http_addr: [{ host: '127.0.0.1', port: 8080 }],
        https_addr: [],
        tls: { certificates: [], min_version: '1.2', client_auth: { mode: 'none' }, handshake_timeout: 10_000 },
        timeouts: { header: 30_000, body: 60_000, keep_alive: 75_000, drain_lead: 0, drain: 30_000 },
        limits: { header_bytes: 16_384, header_count: 100, uri_bytes: 8192, body_bytes: 0 },
        max_connections: 10_000,
        trusted_proxies: [],
        normalize_path: 'safe',
        error_bodies: {},
        workers: 1,
        zone: '',
      },
      admin: { addr: { host: '127.0.0.1', port: 9090 }, token: '' },
      metrics: { prometheus: true, metrics_path: '/metrics', detailed_metrics: true },
      redis: undefined,
      fleet: { name: 'default', heartbeat: 1000, member_ttl: 5000, expected_members: 0 },
      log: {
        level: 'info',
        format: 'json',
        output: 'stdout',
        access: { format: 'json', fields: [], redact: ['authorization', 'cookie'], sample_requests: 0 },
      },
      config_source: { file: { watch: true } },
      extensions: { directories: [] },
      backends: {},
      routes: [],
      middleware: { authentication: undefined, rate_limiting: undefined, ip_key: { ipv6_prefix: 64 } },
      consumers: [],
      tenantSource: undefined,
    });
  });

  test('has the defaults of backends and routes filled in', () => {
    const { backends, routes } = checkConfig({
      load_balancing: { backends: { users: { upstreams: [UPSTREAM] } } },
      routes: [
        { id: 'users', path: '/users/**', backend: 'users' },
        { id: 'hello', path: '/hello', methods: ['GET'], respond: { body: 'hi' }, timeout: '1s' },
      ],
    });
    expect(backends).toEqual({
      users: {
        algorithm: 'round_robin',
        hash_on: [[{ from: 'ip' }]],
        upstreams: [
          {
            address: { host: '127.0.0.1', port: 3001 },
            tls: false,
            weight: 1,
            backup: false,
            zone: '',
            max_connections: 0,
            connection_timeout: 5000,
            read_timeout: 30_000,
            write_timeout: 30_000,
          },
        ],
        health_checks: [],
        slow_start: 0,
        panic_threshold: 0,
        retry_budget: { ratio: 0.2, min_per_second: 3 },
        pool: { max_idle: 64, idle_timeout: 30_000, queue: 1024, queue_timeout: 1000 },
        transport: 'wire',
        tls: { verify: true },
      },
    });
    const lists = { rate_limits: [], ip_allow: [], ip_deny: [], upgrades: [], custom: [], shared_limit: false };
    const common = { ...lists, priority: 0, preserve_host: true, access_log: true, retry: routes[0]?.retry };
    expect(routes[0]?.retry).toMatchObject({ max_retries: 0, backoff: { base: 25, max: 1000 } });
    expect(routes).toEqual([
      { ...common, id: 'users', path: '/users/**', backend: 'users', timeout: 60_000 },
      {
        ...common,
        id: 'hello',
        path: '/hello',
        methods: ['GET'],
        respond: { status: 200, headers: {}, body: 'hi' },
        timeout: 1000,
      },
    ]);
  });

  test('is plain data, which another thread can be given', () => {
    const document = {
      server: { trusted_proxies: ['10.0.0.0/8'] },
      load_balancing: { backends: { a: { upstreams: [UPSTREAM], algorithm: 'consistent_hash', health_check: { path: '/up' } } } },
      routes: [{ id: 'a', path: '/{id}', path_params: { id: '^[0-9]+$' }, when: { header: 'X', matches: '^a' }, backend: 'a' }],
    };
    const config = checkConfig(document);
    expect(structuredClone(config)).toStrictEqual(config);
  });

  test('gives routes the default timeout that it names', () => {
    const route = { id: 'a', path: '/a', respond: {} };
    const { routes } = checkConfig({
      defaults: { timeout: '3s' },
      routes: [route, { ...route, id: 'b', path: '/b', timeout: '4s' }],
    });
    expect(routes.map(({ timeout }) => timeout)).toEqual([3000, 4000]);
  });

  test('is frozen all through', () => {
    const config = checkConfig({ load_balancing: { backends: { users: { upstreams: [UPSTREAM] } } } });
    expect(Object.isFrozen(config.backends['users']?.upstreams[0]?.address)).toBe(true);
    expect(Object.isFrozen(config.server.http_addr)).toBe(true);
  });

  test('leaves the document that it was made of alone', () => {
    const document = { routes: [{ id: 'a', path: '/a', respond: { headers: { A: 'b' } } }] };
    checkConfig(document);
    expect(Object.isFrozen(document.routes[0]?.respond.headers)).toBe(false);
  });

  test('takes numbers and flags from variables', () => {
    const text = `server: { max_connections: "\${N}" }\nmetrics: { prometheus: "\${ON:-false}" }`;
    const { server, metrics } = checkText(text, 'a.yaml', { N: '7' });
    expect([server.max_connections, metrics.prometheus]).toEqual([7, false]);
  });

  test('lets a route for every method stand beside one for some', () => {
    const routes = ['a', 'b', 'c'].map((id) => ({ id, path: '/a', respond: {} }));
    expect(() =>
      checkConfig({ routes: [routes[0], { ...routes[1], methods: ['GET'] }, { ...routes[2], methods: ['HEAD'] }] }),
    ).not.toThrow();
  });
});

const reference = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

test('the example of the reference is a configuration', () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(reference) ?? [];
  expect(checkText(example, 'configuration.md', {}).routes).toHaveLength(2);
});

describe('Every key', () => {
  const keys = allKeys(documentSchema);

  test('is in the reference', () => {
    const missing = keys.filter((key) => !reference.includes(`\`${key.split('.').at(-1)}\``));
    expect(missing).toEqual([]);
  });

  test('is found where it belongs', () => {
    expect(keysAt(documentSchema, ['server', 'timeouts'])).toContain('drain');
    expect(keysAt(documentSchema, ['load_balancing', 'backends', 'any', 'upstreams', 3, 'tcp_keepalive'])).toContain('idle');
    expect(keysAt(documentSchema, ['routes', 0, 'respond'])).toEqual(['status', 'headers', 'body']);
    expect(keysAt(documentSchema, ['server', 'nothing', 'here'])).toEqual([]);
  });
});
