import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePattern } from '../../src/config/pattern.ts';
import { Router } from '../../src/snapshot/router.ts';

interface Route {
  readonly path: string;
  readonly methods: readonly string[] | undefined;
}

const any = (...paths: string[]): Route[] => paths.map((path) => ({ path, methods: undefined }));

function find(routes: readonly Route[], path: string, method = 'GET') {
  const match = new Router(routes).match(method, path);
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
    ['what is left when the better one does not go on', ['/a/b/c', '/:x/b/d'], '/a/b/d', '/:x/b/d'],
    ['what is left when nothing better goes on', ['/a/b/c', '/:x/b/d', '/**'], '/a/b/e', '/**'],
  ])('is found by the most specific: %s', (_, paths, path, found) => {
    expect(find(any(...paths), path)).toBe(found);
    expect(find(any(...[...paths].reverse()), path)).toBe(found);
  });

  test.each(['*', '', 'a'])('that is none, %j, is found by nobody', (path) => {
    expect(find(any('/**', '/*'), path)).toEqual([]);
  });
});

describe('Parameters', () => {
  const params = (routes: readonly Route[], path: string) => {
    const match = new Router(routes).match('GET', path);
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

  test('may have any name without meaning anything else', () => {
    expect(params(any('/:__proto__/:constructor'), '/1/2')).toEqual(
      Object.assign(Object.create(null), { ['__proto__']: '1', constructor: '2' }),
    );
  });
});

describe('Methods', () => {
  const route = (path: string, ...methods: string[]): Route => ({ path, methods: methods.length === 0 ? undefined : methods });

  test('tell routes on one path apart, those that name theirs first', () => {
    const routes = [route('/a'), route('/a', 'GET'), route('/a', 'POST', 'PUT')];
    const router = new Router(routes);
    for (const [method, at] of [
      ['GET', 1],
      ['PUT', 2],
      ['DELETE', 0],
    ] as const) {
      expect(router.match(method, '/a').route).toBe(routes[at]);
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
    expect(router.match('HEAD', '/a').route).toBe(routes[1]);
    expect(router.match('HEAD', '/b').route).toBe(routes[2]);
    expect(find([route('/a', 'GET')], '/a', 'POST')).toEqual(['GET', 'HEAD']);
    expect(find([route('/a', 'POST')], '/a', 'HEAD')).toEqual(['POST']);
  });
});

test('a pattern that is none is no route', () => {
  expect(() => new Router(any('a'))).toThrow('a: a path starts with /');
});

/** Whether a pattern matches, segment by segment, and how well: one letter a segment, the better the smaller. */
function naive(pattern: string, path: string): string | undefined {
  const segments = parsePattern(pattern);
  if (typeof segments === 'string') throw new Error(segments);
  const parts = path.slice(1).split('/');
  let rank = '';
  for (const [at, segment] of segments.entries()) {
    // The rest may be nothing at all.
    if (segment.kind === 'rest') return `${rank}${at === parts.length ? 'b' : 'd'}`;
    const part = parts[at];
    if (part === undefined) return undefined;
    if (segment.kind === 'exact' ? segment.text !== part : part === '') return undefined;
    rank += segment.kind === 'exact' ? 'b' : 'c';
  }
  return segments.length === parts.length ? `${rank}a` : undefined;
}

function naiveMethods(routes: readonly Route[], method: string): Route | undefined {
  const named = routes.filter(({ methods }) => methods !== undefined);
  const implied = method === 'HEAD' ? named.find(({ methods }) => methods?.includes('GET')) : undefined;
  return named.find(({ methods }) => methods?.includes(method)) ?? implied ?? routes.find(({ methods }) => methods === undefined);
}

test('the trie finds what a naive matcher finds', () => {
  const text = fc.constantFrom('a', 'b', 'c');
  const segment = fc.oneof({ weight: 3, arbitrary: text }, { weight: 2, arbitrary: fc.constantFrom('*', ':p') });
  const pattern = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '', '**'))
    .map(
      ([parts, rest]) => `/${(rest === '' && parts.length > 0 ? parts : [...parts, rest]).join('/').replace(/:p/g, () => '*')}`,
    );
  const methods: fc.Arbitrary<readonly string[] | undefined> = fc.constantFrom(
    undefined,
    ['GET'],
    ['POST'],
    ['GET', 'PUT'],
    ['HEAD'],
  );
  const routes = fc.uniqueArray(fc.record({ path: pattern, methods }), { maxLength: 14, selector: (one) => JSON.stringify(one) });
  const path = fc
    .array(fc.oneof(text, fc.constantFrom('', 'd')), { minLength: 1, maxLength: 5 })
    .map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(routes, path, fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'), (routes, path, method) => {
      const ranked = routes
        .flatMap((route) => {
          const rank = naive(route.path, path);
          return rank === undefined ? [] : [{ route, rank }];
        })
        .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
      let expected: Route | undefined;
      for (const { rank } of ranked) {
        expected ??= naiveMethods(
          ranked.filter((one) => one.rank === rank).map((one) => one.route),
          method,
        );
      }
      const match = new Router(routes).match(method, path);
      expect(match.route).toBe(expected);
      if (match.route === undefined) {
        const all = ranked.flatMap(({ route }) =>
          route.methods?.includes('GET') ? [...route.methods, 'HEAD'] : (route.methods ?? []),
        );
        expect(match.allow).toEqual([...new Set(all)].sort());
      }
    }),
    { numRuns: 3000 },
  );
});
