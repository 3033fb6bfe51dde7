import { afterAll, describe, expect, test } from 'vitest';
import { checkInput } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Config } from '../../src/config/document.ts';
import { SHORT_NAMES } from '../../src/config/short-settings.ts';
import { issue, PemFiles } from '../support/certificates.ts';

const files = new PemFiles();
const ISSUED = issue();
const { cert: TLS_CERT, key: TLS_KEY } = files.put('a', ISSUED);
const PAIR = { TLS_CERT, TLS_KEY };

afterAll(() => files.close());

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
load_balancing: { backends: { users: { upstreams: [{ address: "127.0.0.1:3001" }], health_check: { interval: 3s } } } }
routes: [{ id: a, path: /a, backend: users }, { id: b, path: /b, backend: users, timeout: 7s }]
`;

describe('Short variables without a file', () => {
  test('are a proxy with the defaults of the table', () => {
    const config = check({ LOG_LEVEL: 'info' });
    expect(config.server.http_addr).toEqual([{ host: '127.0.0.1', port: 8080 }]);
    expect(config.server.max_connections).toBe(10_000);
    expect(config.admin.addr).toEqual({ host: '127.0.0.1', port: 9090 });
    expect([config.log.level, config.metrics.prometheus]).toEqual(['info', true]);
    expect(config.routes.map(({ id, path, backend, timeout }) => [id, path, backend, timeout])).toEqual([
      ['default', '/**', 'default', 30_000],
    ]);
    const [backend, ...others] = Object.values(config.backends);
    expect(others).toEqual([]);
    expect(backend?.upstreams.map(({ address }) => address)).toEqual([{ host: '127.0.0.1', port: 3000 }]);
    expect(backend?.algorithm).toBe('round_robin');
    expect(backend?.health_checks).toMatchObject([{ check_type: 'http', path: '/health', interval: 30_000 }]);
  });

  test('set all that the table says', () => {
    const config = check({
      LISTEN_ADDR: '0.0.0.0:80',
      BACKEND_SERVERS: '10.0.1.10:8080,10.0.1.11:8080, 10.0.1.12:8080',
      MAX_CONNECTIONS: '50000',
      TIMEOUT_SECONDS: '5',
      HEALTH_CHECK_INTERVAL_SECONDS: '7',
      HEALTH_CHECK_PATH: '/up',
      LOG_LEVEL: 'warn',
      ENABLE_METRICS: 'false',
      METRICS_ADDR: '127.0.0.1:9999',
      ENABLE_TLS: 'false',
      LOAD_BALANCING_ALGORITHM: 'least_connections',
    });
    expect(config.server).toMatchObject({ http_addr: [{ host: '0.0.0.0', port: 80 }], max_connections: 50_000 });
    expect(config.backends['default']).toMatchObject({
      algorithm: 'least_connections',
      upstreams: [10, 11, 12].map((host) => ({ address: { host: `10.0.1.${host}`, port: 8080 } })),
      health_checks: [{ path: '/up', interval: 7000 }],
    });
    expect(config).toMatchObject({ log: { level: 'warn' }, metrics: { prometheus: false }, admin: { addr: { port: 9999 } } });
    expect(config.routes[0]?.timeout).toBe(5000);
  });

  test('take the primary address first, and one that is named twice once', () => {
    const { backends } = check({ BACKEND_ADDR: 'b:2', BACKEND_SERVERS: 'a:1,b:2' });
    expect(backends['default']?.upstreams.map(({ address }) => address.host)).toEqual(['b', 'a']);
  });

  test('probe nothing when told so', () => {
    expect(check({ ENABLE_HEALTH_CHECK: 'false', HEALTH_CHECK_PATH: '/up' }).backends['default']?.health_checks).toEqual([]);
  });

  test('give way to long ones, which are more exact', () => {
    const { server } = check({ LISTEN_ADDR: '127.0.0.1:1', SERVER__HTTP_ADDR: '127.0.0.1:2' });
    expect(server.http_addr[0]?.port).toBe(2);
  });
});

describe('Short variables beside a file', () => {
  test('set what they name, and nothing else', () => {
    const config = check({ LISTEN_ADDR: '127.0.0.1:1', TIMEOUT_SECONDS: '5', LOAD_BALANCING_ALGORITHM: 'random' }, FILE);
    expect(config.server.http_addr[0]?.port).toBe(1);
    // A route's own timeout is more exact.
    expect(config.routes.map(({ timeout }) => timeout)).toEqual([5000, 7000]);
    expect(config.backends['users']).toMatchObject({ algorithm: 'random', health_checks: [{ interval: 3000 }] });
  });

  test('turn all probes off, or on for backends without their own', () => {
    const plain = FILE.replace(', health_check: { interval: 3s }', '');
    expect(check({ ENABLE_HEALTH_CHECK: 'false' }, `${FILE}health_check: {}`).backends['users']?.health_checks).toEqual([]);
    expect(check({ ENABLE_HEALTH_CHECK: 'true' }, FILE).backends['users']?.health_checks).toMatchObject([{ interval: 3000 }]);
    expect(check({ ENABLE_HEALTH_CHECK: 'true' }, plain).backends['users']?.health_checks).toHaveLength(1);
    expect(check({ HEALTH_CHECK_PATH: '/up' }, plain).backends['users']?.health_checks).toMatchObject([{ path: '/up' }]);
  });

  test('move the admin address by whichever name the file has for it', () => {
    const { admin } = check({ METRICS_ADDR: '127.0.0.1:1' }, `${FILE}metrics: { metrics_addr: "127.0.0.1:2" }`);
    expect(admin.addr.port).toBe(1);
  });

  test('make a proxy of a file that has neither backends nor routes', () => {
    const { routes, server } = check({ BACKEND_ADDR: 'a:1' }, 'server: { max_connections: 3 }\nroutes: []');
    expect([routes[0]?.path, server.max_connections]).toEqual(['/**', 3]);
  });
});

describe('TLS by short variables', () => {
  const here = (port: number) => [{ host: '127.0.0.1', port }];
  const secure = `${FILE}server: { https_addr: "127.0.0.1:4430", tls_cert: "${PAIR.TLS_CERT}", tls_key: "${PAIR.TLS_KEY}", tls: { min_version: "1.3" } }`;

  test('has an address of its own, and certificates that are named', () => {
    const { http_addr, https_addr, tls } = check({ ENABLE_TLS: 'true', ...PAIR }).server;
    expect([http_addr, https_addr]).toEqual([here(8080), here(8443)]);
    expect(tls.certificates).toEqual([{ name: PAIR.TLS_CERT, cert: ISSUED.cert, key: ISSUED.key }]);
  });

  test('may be elsewhere', () => {
    expect(check({ HTTPS_ADDR: '127.0.0.1:1', ...PAIR }).server.https_addr).toEqual(here(1));
    expect(check({ ENABLE_TLS: 'true', HTTPS_ADDR: '127.0.0.1:1', ...PAIR }).server.https_addr).toEqual(here(1));
    expect(check({ ENABLE_TLS: 'true', SERVER__HTTPS_ADDR: '127.0.0.1:2', ...PAIR }).server.https_addr).toEqual(here(2));
  });

  test('is where the file has it', () => {
    expect(check({ ENABLE_TLS: 'true' }, secure).server.https_addr).toEqual(here(4430));
    expect(check({ HTTPS_ADDR: '127.0.0.1:1' }, secure).server.https_addr).toEqual(here(1));
  });

  test('is off with all that belongs to it, whatever the file says', () => {
    for (const more of [{}, { ...PAIR, HTTPS_ADDR: '127.0.0.1:1' }]) {
      const { https_addr, tls } = check({ ENABLE_TLS: 'false', ...more }, secure).server;
      expect([https_addr, tls.certificates, tls.min_version]).toEqual([[], [], '1.2']);
    }
  });
});

describe('A short variable that cannot be is refused by its name:', () => {
  test.each([
    ['LISTEN_ADDR', '8080', '$LISTEN_ADDR: server.http_addr: the port is missing'],
    ['BACKEND_ADDR', 'a:1/x', '$BACKEND_ADDR: load_balancing.backends.default.upstreams[0].address: not an address'],
    ['BACKEND_SERVERS', 'a:1,b', '$BACKEND_SERVERS: load_balancing.backends.default.upstreams[1].address: the port'],
    [
      'BACKEND_ADDR',
      '127.0.0.1:9090',
      '$BACKEND_ADDR: load_balancing.backends.default.upstreams[0].address: 127.0.0.1:9090 is the admin',
    ],
    [
      'METRICS_ADDR',
      '127.0.0.1:3000',
      'the default of SLUICE_BACKEND_ADDR: load_balancing.backends.default.upstreams[0].address',
    ],
    ['MAX_CONNECTIONS', 'many', '$MAX_CONNECTIONS: server.max_connections: not a whole number: "many"'],
    ['TIMEOUT_SECONDS', '5s', '$TIMEOUT_SECONDS: not a number of seconds: "5s"'],
    ['TIMEOUT_SECONDS', '0', '$TIMEOUT_SECONDS: defaults.timeout: 0s is too short'],
    ['ENABLE_HEALTH_CHECK', 'yes', '$ENABLE_HEALTH_CHECK: must be true or false, not "yes"'],
    ['HEALTH_CHECK_INTERVAL_SECONDS', '-1', '$HEALTH_CHECK_INTERVAL_SECONDS: not a number of seconds'],
    ['HEALTH_CHECK_PATH', 'up', '$HEALTH_CHECK_PATH: health_check.path: not a path: "up"'],
    ['LOG_LEVEL', 'inof', '$LOG_LEVEL: log.level: "inof" is not one of'],
    ['ENABLE_METRICS', '1', '$ENABLE_METRICS: metrics.prometheus: must be true or false'],
    ['METRICS_ADDR', '9090', '$METRICS_ADDR: admin.addr: the port is missing'],
    ['ENABLE_TLS', 'true', '$ENABLE_TLS: server.https_addr: needs a certificate; expected tls_cert and tls_key'],
    ['ENABLE_TLS', 'on', '$ENABLE_TLS: must be true or false'],
    ['TLS_CERT', 'none.crt', '$TLS_CERT: server.tls_cert: none.crt: no such file'],
    ['TLS_KEY', 'none.key', '$TLS_KEY: server.tls_key: none.key: no such file'],
    ['LOAD_BALANCING_ALGORITHM', 'rundom', '$LOAD_BALANCING_ALGORITHM: load_balancing.algorithm: there is no balancer "rundom"'],
  ])('%s=%s', (name, text, says) => {
    const lines = complaint({ [name]: text });
    expect(lines).toHaveLength(1);
    expect((lines[0] as string).startsWith(says), `${lines[0]}\n${says}`).toBe(true);
  });

  test.each(['BACKEND_ADDR', 'BACKEND_SERVERS'])('%s beside a file with backends: which would be meant?', (name) => {
    const lines = complaint({ [name]: 'a:1' }, FILE);
    expect(lines).toEqual([
      `$${name}: the configuration has backends or routes of its own; expected SLUICE_LOAD_BALANCING__BACKENDS__NAME__UPSTREAMS__0__ADDRESS`,
    ]);
  });

  test('HTTPS_ADDR=8443', () => {
    expect(complaint({ ...PAIR, HTTPS_ADDR: '8443' })).toEqual([
      '$HTTPS_ADDR: server.https_addr: the port is missing; expected host:port, such as 127.0.0.1:8080 or [::1]:8080',
    ]);
  });

  test('and each of the table is tried here or above', () => {
    expect(SHORT_NAMES).toHaveLength(16);
  });
});
