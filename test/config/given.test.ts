import { expect, test } from 'vitest';
import { checkInput } from '../../src/config/check.ts';
import type { Given } from '../../src/config/given.ts';

function check(given: Given, environment: Readonly<Record<string, string>> = {}) {
  return checkInput({ given, environment });
}

test('upstreams on the command line are a proxy without a file, which probes nothing', () => {
  const { config, files } = check({ backends: ['http://127.0.0.1:3000', 'b:80'] });
  expect(config.routes).toMatchObject([{ id: 'default', path: '/**', backend: 'default', timeout: 60_000 }]);
  expect(config.backends['default']).toMatchObject({
    upstreams: [{ address: { host: '127.0.0.1', port: 3000 } }, { address: { host: 'b', port: 80 } }],
    health_checks: [],
  });
  expect(config.server.http_addr).toEqual([{ host: '127.0.0.1', port: 8080 }]);
  expect(files).toEqual([]);
});

test('the command line wins over variables, and leaves the rest to them', () => {
  const environment = {
    SLUICE_BACKEND_ADDR: 'x:1',
    SLUICE_LISTEN_ADDR: '127.0.0.1:1',
    SLUICE_SERVER__HTTP_ADDR: '127.0.0.1:2',
    SLUICE_MAX_CONNECTIONS: '7',
  };
  const { config } = check({ backends: ['a:1'], listen: '127.0.0.1:3' }, environment);
  expect(config.backends['default']?.upstreams.map(({ address }) => address.host)).toEqual(['a']);
  expect(config.server).toMatchObject({ http_addr: [{ port: 3 }], max_connections: 7 });
});

test('what is wrong on the command line is told by the name of its option', () => {
  expect(() => check({ backends: ['a:1', 'http://b/c'] })).toThrow(
    /^--backend: load_balancing\.backends\.default\.upstreams\[1\]\.address: the URL of an upstream/,
  );
  expect(() => check({ backends: ['a:1'], listen: '80' })).toThrow(
    /^--listen: server\.http_addr: not an address|^--listen: server\.http_addr: the port/,
  );
});
