import { describe, expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import { Router } from '../../src/snapshot/router.ts';
import type { Routable } from '../../src/snapshot/rule.ts';
import { exchangeOf } from '../support/exchanges.ts';

const any = (...paths: string[]): Routable[] => paths.map((path) => ({ path }));
const ask = <Route extends Routable>(router: Router<Route>, target: string, method = 'GET') =>
  router.match(exchangeOf({ method, target }));

function find(routes: readonly Routable[], path: string, method = 'GET') {
  const match = ask(new Router(routes), path, method);
  return match.route === undefined ? match.allow : match.route.path;
}

describe('A path', () => {
  test.each([
    ['/', '/'],
    ['/a', '/a'],
    ['/a/', '/a/'],
    ['/a/b', '/a/b'],
    ['/x', '/*'],
    ['/a/x', '/a/:id'],
    ['/b/x', '/b/{id}/**'],
    ['/b/x/', '/b/{id}/**'],
    ['/b/x/y/z', '/b/{id}/**'],
    ['/c', '/c/**'],
    ['/c/', '/c/**'],
    ['/c/d', '/c/**'],
    ['/a/b/c', []],
    ['/x/', []],
    ['/b', '/*'],
    ['/b/', []],
    ['//', []],
    ['/A', '/*'],
  ])('%s is found by %s', (path, found) => {
    expect(find(any('/', '/a', '/a/', '/a/b', '/*', '/a/:id', '/b/{id}/**', '/c/**'), path)).toEqual(found);
  });

  test.each([
    ['a fixed text before a parameter', ['/a/:id', '/a/b'], '/a/b', '/a/b'],
    ['a parameter before the rest', ['/a/**', '/a/*'], '/a/b', '/a/*'],
    ['the longer beginning', ['/**', '/a/**'], '/a/b', '/a/**'],
    ['the earlier fixed text', ['/*/b', '/a/*'], '/a/b', '/a/*'],
    ['the end here before the rest of nothing', ['/a/**', '/a'], '/a', '/a'],
    ['a pattern inside a segment before a parameter', ['/:a', '/v{a}'], '/v1', '/v{a}'],
    ['more fixed characters', ['/v{a}', '/{a}-{b}.x'], '/v1-2.x', '/{a}-{b}.x'],
    ['fixed text before a pattern inside a segment', ['/v{a}', '/v1'], '/v1', '/v1'],
    ['a regular expression before a parameter', ['/raw/:a/x', '~^/raw/(?<b>.*)$'], '/raw/1/x', '~^/raw/(?<b>.*)$'],
    ['a pattern inside a segment before a regular expression', ['/raw/v{a}', '~^/raw/.'], '/raw/v1', '/raw/v{a}'],
    ['a regular expression where its fixed beginning ends', ['/raw/*/x', '~^/raw/1/[a-z]$'], '/raw/1/x', '~^/raw/1/[a-z]$'],
    ['a regular expression without a fixed beginning after fixed text', ['/raw/*', '~/raw/'], '/raw/1', '/raw/*'],
    ['"**" inside before "**" at the end', ['/a/**', '/a/**/z'], '/a/b/z', '/a/**/z'],
    ['"*" before "**" inside', ['/a/*/z', '/a/**/z'], '/a/b/z', '/a/*/z'],
    ['more behind "**"', ['/**/z', '/**/y/z'], '/a/y/z', '/**/y/z'],
    ['what goes on behind "**"', ['/**/b', '/**/b/b'], '/b/b', '/**/b/b'],
    ['a parameter behind "**" after fixed text', ['/**/:a/z', '/**/y/z'], '/a/y/z', '/**/y/z'],
    ['what is left when the better one does not go on', ['/a/b/c', '/:x/b/d'], '/a/b/d', '/:x/b/d'],
    ['what is left when nothing better goes on', ['/a/b/c', '/:x/b/d', '/**'], '/a/b/e', '/**'],
  ])('is found by the most specific: %s', (_, paths, path, found) => {
    expect(find(any(...paths), path)).toBe(found);
    expect(find(any(...[...paths].reverse()), path)).toBe(found);
  });

  test.each([
    ['/a/**/z', ['/a/z', '/a/b/z', '/a/b/c/z'], ['/a', '/a/z/', '/z', '/a/zz', '/a/b/']],
    ['/a/**/', ['/a/', '/a/b/'], ['/a', '/a/b']],
    ['/**/a/**/a', ['/a/a', '/x/a/y/a', '/a/b/a/a'], ['/a', '/a/b', '/b/a']],
    ['/**/a/**', ['/a', '/a/', '/x/a', '/x/a/y'], ['/', '/b/c']],
    ['/**/{x}/v{n}/**/end', ['/a/v1/end', '/b/a/v1/c/end'], ['/v1/end', '/a/v/end', '/a/v1']],
    ['/{name}.json', ['/a.json', '/a.b.json', '/.json.json'], ['/.json', '/a.jsonx', '/a.json/']],
    ['/{a}-{b}', ['/a-b', '/a-b-c', '/--a', '/---'], ['/a', '/a-', '/-a', '/--', '/-']],
    ['/x{a}-{b}y', ['/x1-2y', '/x--yy'], ['/x-y', '/x1-y', '/1-2y']],
    ['/a:b', ['/a:b'], ['/a:c', '/a']],
    ['~^/raw/(?:a|b)+$', ['/raw/ab'], ['/raw/', '/raw/c', '/x/raw/a']],
    ['~b+', ['/abc', '/a/b'], ['/a', '/']],
  ])('%s takes these and no others', (pattern, good, bad) => {
    expect(good.map((path) => find(any(pattern), path))).toEqual(good.map(() => pattern));
    expect(bad.map((path) => find(any(pattern), path))).toEqual(bad.map(() => []));
  });

  test('seed claim: /api/** beats /** whatever the order', () => {
    for (const paths of [
      ['/**', '/api/**'],
      ['/api/**', '/**'],
    ]) {
      expect(find(any(...paths), '/api/users')).toBe('/api/**');
      expect(find(any(...paths), '/api')).toBe('/api/**');
      expect(find(any(...paths), '/other')).toBe('/**');
    }
  });

  test('is asked for without its query', () => {
    expect(find(any('/a', '/**'), '/a?x=/b')).toBe('/a');
    expect(find(any('~^/a$'), '/a?x')).toBe('~^/a$');
  });

  test.each(['*', '', 'a'])('that is none, %j, is found by nobody', (path) => {
    expect(find(any('/**', '/*'), path)).toEqual([]);
  });
});

describe('Parameters', () => {
  const params = (routes: readonly Routable[], path: string) => {
    const match = ask(new Router(routes), path);
    return match.route === undefined ? 'no route' : match.params;
  };

  test('are the segments by their names, as they came', () => {
    const routes = any('/users/:id/files/{name}/**');
    expect(params(routes, '/users/%C3%A4/files/b/c/d')).toEqual({ id: '%C3%A4', name: 'b' });
  });

  test('are those of the route, whatever another one called them', () => {
    const routes = any('/:a/x', '/:b/y', '/*/:c/z');
    expect(params(routes, '/1/x')).toEqual({ a: '1' });
    expect(params(routes, '/1/y')).toEqual({ b: '1' });
    expect(params(routes, '/1/2/z')).toEqual({ c: '2' });
  });

  test('that were tried in vain are forgotten', () => {
    expect(params(any('/:a/b/:c/d', '/:x/**'), '/1/b/2/e')).toEqual({ x: '1' });
  });

  test('are undefined where the route has none', () => {
    expect(params(any('/*/a'), '/1/a')).toBeUndefined();
  });

  test('may stand inside segments, behind "**" and in regular expressions', () => {
    expect(params(any('/api/v{version}/{name}.{type}'), '/api/v2/a.b.c')).toEqual({ version: '2', name: 'a', type: 'b.c' });
    expect(params(any('/:a/**/{b}/v{c}/**'), '/1/2/3/v4/v5')).toEqual({ a: '1', b: '3', c: '4' });
    expect(params(any('~^/raw/(?<x>[0-9]+)(?:-(?<y>.))?$'), '/raw/12')).toEqual({ x: '12' });
    expect(params(any('~^/raw/(?<x>[0-9]+)(?:-(?<y>.))?$'), '/raw/12-a')).toEqual({ x: '12', y: 'a' });
  });

  test('that must match choose between routes; one with a constraint is asked first', () => {
    const routes: Routable[] = [
      { path: '/users/{name}' },
      { path: '/users/{id}', path_params: { id: '^[0-9]+$' } },
      { path: '/users/v{a}', path_params: { a: '^[0-9]$' } },
      { path: '/users/v{a}' },
    ];
    const found = (path: string) => ask(new Router(routes), path).route;
    expect([found('/users/12'), found('/users/1a'), found('/users/v1'), found('/users/v12')]).toEqual([
      routes[1],
      routes[0],
      routes[2],
      routes[3],
    ]);
  });

  test('may have any name without meaning anything else', () => {
    expect(params(any('/:__proto__/:constructor'), '/1/2')).toEqual(
      Object.assign(Object.create(null), { ['__proto__']: '1', constructor: '2' }),
    );
  });
});

describe('Methods', () => {
  const route = (path: string, ...methods: string[]): Routable => ({ path, ...(methods.length > 0 && { methods }) });

  test('tell routes on one path apart, those that name theirs first', () => {
    const routes = [route('/a'), route('/a', 'GET'), route('/a', 'POST', 'PUT')];
    const router = new Router(routes);
    for (const [method, at] of [
      ['GET', 1],
      ['PUT', 2],
      ['DELETE', 0],
    ] as const) {
      expect(ask(router, '/a', method).route).toBe(routes[at]);
    }
  });

  test('that a route lacks leave the path to the next best', () => {
    expect(find([route('/a', 'POST'), route('/*', 'GET')], '/a')).toBe('/*');
  });

  test('that nobody has are answered with all that the path has, each once, sorted', () => {
    const routes = [route('/a', 'POST'), route('/*', 'PUT', 'POST'), route('/**', 'DELETE'), route('/b', 'PATCH')];
    expect(find(routes, '/a', 'GET')).toEqual(['DELETE', 'POST', 'PUT']);
    expect(find(routes, '/a', 'post')).toEqual(['DELETE', 'POST', 'PUT']);
  });

  test('HEAD goes where GET goes, unless a route names it', () => {
    const routes = [route('/a', 'GET'), route('/a', 'HEAD'), route('/b', 'GET'), route('/b')];
    const router = new Router(routes);
    expect(ask(router, '/a', 'HEAD').route).toBe(routes[1]);
    expect(ask(router, '/b', 'HEAD').route).toBe(routes[2]);
    expect(find([route('/a', 'GET')], '/a', 'POST')).toEqual(['GET', 'HEAD']);
    expect(find([route('/a', 'POST')], '/a', 'HEAD')).toEqual(['POST']);
  });
});

test('a pattern that is none is no route', () => {
  expect(() => new Router(any('a'))).toThrow('a: a path starts with /');
  expect(() => new Router([{ path: '/:a', path_params: { a: '(' } }])).toThrow('(: not a regular expression');
});

describe('Between routes that are equal as far as the path goes', () => {
  const [present, b] = [{ kind: 'present', present: true }, 'x-b'] as const;
  const beta = { kind: 'header', name: b, test: present } as const;
  const both = { kind: 'all', of: [beta, { kind: 'cookie', name: 'c', test: present }] } as const;
  const winner = (...routes: Routable[]) => {
    const exchange = exchangeOf({
      target: '/a',
      headers: Headers.from([
        ['X-B', ''],
        ['Cookie', 'c=1'],
      ]),
    });
    const [one, other] = [new Router(routes).match(exchange).route, new Router(routes.toReversed()).match(exchange).route];
    expect(one).toBe(other);
    return routes.indexOf(one as Routable);
  };

  test('more conditions come before fewer, whatever their methods', () => {
    expect(winner({ path: '/a', methods: ['GET'] }, { path: '/a', when: beta })).toBe(1);
    expect(winner({ path: '/a', when: beta, priority: 9 }, { path: '/a', when: both })).toBe(1);
  });

  test('then one that names its methods, then the higher priority, then the earlier', () => {
    expect(winner({ path: '/a', priority: 9 }, { path: '/a', methods: ['GET'] })).toBe(1);
    expect(winner({ path: '/a', priority: 1 }, { path: '/a', priority: 2 }, { path: '/a', priority: -1 })).toBe(1);
    const same = [{ path: '/a/v{x}' }, { path: '/a/{x}1' }];
    expect(ask(new Router(same), '/a/v1').route).toBe(same[0]);
  });

  test('conditions that fail leave the path to the next best and add nothing to Allow', () => {
    const routes: Routable[] = [
      { path: '/a', methods: ['PUT'], when: beta },
      { path: '/a', methods: ['POST'] },
    ];
    expect(find(routes, '/a')).toEqual(['POST']);
    expect(find([{ path: '/a', when: beta }, { path: '/**' }], '/a')).toBe('/**');
    expect(find([{ path: '/a', when: beta }], '/a')).toEqual([]);
  });
});

test('a hostile path takes time that grows with its length, not with the ways to read it', () => {
  const routes = any('/**/a/**/a/**/a/**/b', '/**/a/**/a/**/:x/b', '/a/**/a/**/a/c', '/*/**/v{x}/**/a/d');
  const router = new Router(routes);
  const exchange = exchangeOf({ target: '/a'.repeat(4096) });
  const started = performance.now();
  for (let round = 0; round < 20; round++) expect(router.match(exchange).route).toBeUndefined();
  // Each way to put three a's among 4096 tried would be 10 000 000 000 steps.
  expect(performance.now() - started).toBeLessThan(2000);
});

test('a table is the same when routes are added one by one', () => {
  const router = new Router<Routable>();
  for (const route of any('/**', '/a/:b', '/a/b')) router.add(route);
  expect(ask(router, '/a/b').route?.path).toBe('/a/b');
  router.add({ path: '/a/b', methods: ['GET'] });
  expect(ask(router, '/a/b').route?.methods).toEqual(['GET']);
});
