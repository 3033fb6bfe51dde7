import { describe, expect, test } from 'vitest';
import { bootDifferences } from '../../src/config/boot-keys.ts';
import { checkConfig } from '../../src/config/check.ts';

const UPSTREAM = { address: '127.0.0.1:3001' };

function differences(before: object, after: object): string[] {
  return bootDifferences(checkConfig(before), checkConfig(after));
}

describe('A configuration can take the place of another', () => {
  test.each([
    ['the same', {}, {}],
    ['the same in other words', { server: { http_addr: '127.0.0.1:8080' } }, { server: { http_addr: ['127.0.0.1:8080'] } }],
    [
      'routes and backends',
      {},
      { load_balancing: { backends: { a: { upstreams: [UPSTREAM] } } }, routes: [{ id: 'a', path: '/a', backend: 'a' }] },
    ],
    ['timeouts and limits', {}, { server: { timeouts: { header: '1s' }, limits: { uri_bytes: 512 }, max_connections: 5 } }],
    ['the level of the log', {}, { log: { level: 'warn' } }],
    ['the token', {}, { admin: { token: 'secret' } }],
  ])('when what differs is hot: %s', (_, before, after) => {
    expect(differences(before, after)).toEqual([]);
  });

  test.each([
    ['addresses', { server: { http_addr: 'a:1' } }, { server: { http_addr: ['a:1', 'b:2'] } }, ['server.http_addr']],
    ['the admin address', {}, { metrics: { metrics_addr: '127.0.0.1:1' } }, ['admin.addr']],
    ['metrics', {}, { metrics: { prometheus: false, metrics_path: '/m' } }, ['metrics.prometheus', 'metrics.metrics_path']],
    ['who speaks PROXY', {}, { server: { proxy_protocol: { from: ['10.0.0.0/8'] } } }, ['server.proxy_protocol']],
    ['where logs go', { log: { level: 'warn' } }, { log: { output: 'stderr' } }, ['log.output']],
    ['inner settings of logs', {}, { log: { access: { format: 'combined' } } }, ['log.access.format']],
  ])('not when the process would have to start again: %s', (_, before, after, paths) => {
    expect(differences(before, after)).toEqual(paths);
    expect(differences(after, before)).toEqual(paths);
  });
});
