import { describe, expect, test } from 'vitest';
import { hostName } from '../../src/snapshot/host-table.ts';
import { Router } from '../../src/snapshot/router.ts';
import type { Routable } from '../../src/snapshot/rule.ts';
import { exchangeOf } from '../support/exchanges.ts';

interface Named extends Routable {
  readonly id: string;
}

const ask = (router: Router<Named>, authority: string, path = '/a', method = 'GET') => {
  const match = router.match(exchangeOf({ authority, target: path, method }));
  return match.route === undefined ? match.allow : match.route.id;
};

test.each([
  ['Example.COM:8080', 'example.com'],
  ['example.com.', 'example.com'],
  ['example.com.:80', 'example.com'],
  ['[::1]:80', '[::1]'],
  ['[2001:DB8::1]', '[2001:db8::1]'],
  ['', ''],
])('%s is the host %s', (authority, host) => {
  expect(hostName(authority)).toBe(host);
});

describe('Hosts', () => {
  const routes: Named[] = [
    { id: 'none', path: '/a' },
    { id: 'wide', path: '/a', host: ['*.example.com'] },
    { id: 'long', path: '/a', host: ['*.eu.example.com'] },
    { id: 'exact', path: '/a', host: ['api.eu.example.com', '[::1]'] },
    { id: 'rest', path: '/**', host: ['api.eu.example.com'] },
    { id: 'write', path: '/b', methods: ['PUT'], host: ['api.eu.example.com'] },
    { id: 'read', path: '/b', methods: ['GET'] },
  ];

  test.each([
    ['api.eu.example.com', 'exact'],
    ['API.EU.example.com.:443', 'exact'],
    ['[::1]:8080', 'exact'],
    ['www.eu.example.com', 'long'],
    ['a.b.eu.example.com', 'long'],
    ['eu.example.com', 'wide'],
    ['www.example.com', 'wide'],
    ['example.com', 'none'],
    ['.example.com', 'wide'],
    ['badexample.com', 'none'],
    ['', 'none'],
    ['x'.repeat(300), 'none'],
  ])('%s goes to %s, whatever the order', (authority, id) => {
    expect(ask(new Router(routes), authority)).toBe(id);
    expect(ask(new Router(routes.toReversed()), authority)).toBe(id);
  });

  test('that do not take the request leave it to the next table, and Allow is of all of them', () => {
    const some = routes.filter(({ id }) => id !== 'rest');
    expect(ask(new Router(some), 'api.eu.example.com', '/b')).toBe('read');
    expect(ask(new Router(some), 'api.eu.example.com', '/b', 'DELETE')).toEqual(['GET', 'HEAD', 'PUT']);
    expect(ask(new Router(some), 'www.eu.example.com', '/b', 'DELETE')).toEqual(['GET', 'HEAD']);
    // A better host comes before a better path.
    expect(ask(new Router(routes), 'api.eu.example.com', '/b', 'DELETE')).toBe('rest');
  });

  test('of many labels are not looked up label by label', () => {
    const started = performance.now();
    for (let round = 0; round < 100; round++) ask(new Router(routes), 'a.'.repeat(8000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('Tenants', () => {
  const routes: Named[] = [
    { id: 'common', path: '/a', host: ['api.example.com'] },
    { id: 'acme', path: '/**', tenant: 'Acme' },
    { id: 'other', path: '/b', tenant: 'other' },
  ];

  test('have their table before the common one', () => {
    const router = new Router(routes, { kind: 'header', name: 'x-user-id' });
    const of = (tenant: string | undefined, target: string) => {
      const exchange = exchangeOf({ authority: 'api.example.com', target });
      if (tenant !== undefined) exchange.headers.append('X-User-ID', tenant);
      const match = router.match(exchange);
      return match.route === undefined ? match.allow : match.route.id;
    };
    expect([of('Acme', '/a'), of('acme', '/a'), of('other', '/a'), of('other', '/b'), of(undefined, '/b')]).toEqual([
      'acme',
      'common',
      'common',
      'other',
      [],
    ]);
  });

  test('may be told by the host, whose case is no matter', () => {
    const router = new Router([...routes, { id: 'host', path: '/c', tenant: 'A.Example.com' }], { kind: 'host' });
    expect(ask(router, 'a.EXAMPLE.com:80', '/c')).toBe('host');
    expect(ask(router, 'b.example.com', '/c')).toEqual([]);
  });

  test('that nothing tells are nobody', () => {
    expect(ask(new Router(routes), 'x', '/b')).toEqual([]);
  });
});
