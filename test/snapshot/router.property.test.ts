import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { When } from '../../src/config/when.ts';
import { Headers } from '../../src/http/headers.ts';
import { Router } from '../../src/snapshot/router.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { type Asked, type Asking, naiveMatch } from './naive-router.ts';

const segment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'v1') },
  { weight: 3, arbitrary: fc.constantFrom('*', '{}', '{#}') },
  { weight: 2, arbitrary: fc.constantFrom('v{}', '{}1', 'v{#}', '{}-{}', '{#}-{}') },
  { weight: 2, arbitrary: fc.constant('**') },
);

/** Each parameter gets a name of its own; `{#}` becomes one that takes digits only. */
function named(parts: readonly string[]): { path: string; path_params: Record<string, string> } {
  const path_params: Record<string, string> = {};
  let count = 0;
  const path = `/${parts.join('/')}`.replace(/\{(#?)\}/g, (_, digits: string) => {
    const name = `p${count++}`;
    if (digits !== '') path_params[name] = '^[0-9]+$';
    return `{${name}}`;
  });
  return { path, path_params };
}

const regexes = ['~^/a/(?<r>.*)1$', '~^/a/(?<r>b|v1)', '~1$', '~^/(?<r>a|b)/b'].map((path) => ({ path, path_params: {} }));
const pattern = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(fc.array(segment, { maxLength: 5 }), fc.constantFrom('', '/', '/**'))
      .map(([parts, end]) =>
        `${parts.join('/')}${end}`
          .replace(/\*\*(\/\*\*)+/g, '**')
          .replace(/^\/+/, '')
          .split('/'),
      )
      .map(named),
  },
  { weight: 1, arbitrary: fc.constantFrom(...regexes) },
);

const beta: When = { kind: 'header', name: 'x-beta', test: { kind: 'present', present: true } };
const leaf = (yes: boolean): When => (yes ? beta : { kind: 'not', of: beta });

const route = fc
  .record({
    pattern,
    methods: fc.constantFrom(undefined, ['GET'], ['POST'], ['GET', 'PUT'], ['HEAD']),
    host: fc.constantFrom(undefined, undefined, undefined, undefined, ['h.x'], ['*.x'], ['*.h.x'], ['*.x', 'k.h.x']),
    tenant: fc.constantFrom(undefined, undefined, undefined, 't', 'u'),
    conditions: fc.constantFrom([], [], [true], [false], [true, true]),
    priority: fc.constantFrom(0, 0, 1),
  })
  .map(({ pattern, conditions, ...rest }): Asking => {
    const when: When | undefined = conditions.length === 0 ? undefined : { kind: 'all', of: conditions.map(leaf) };
    return { ...rest, ...pattern, conditions, when };
  });

const path = fc
  .array(fc.constantFrom('a', 'b', 'v1', '1', 'v-1', 'c', ''), { minLength: 1, maxLength: 6 })
  .map((parts) => `/${parts.join('/')}`);

/** How many of the requests a route takes, when router and naive router agree on all of them. */
function agree(routes: readonly Asking[], requests: readonly Asked[]): number {
  const router = new Router(routes, { kind: 'header', name: 'x-tenant' });
  let found = 0;
  for (const one of requests) {
    const headers = new Headers();
    if (one.tenant !== undefined) headers.append('X-Tenant', one.tenant);
    if (one.beta) headers.append('X-Beta', '');
    const { method, path: target, host } = one;
    const match = router.match(exchangeOf({ method, target, authority: `${host.toUpperCase()}.:80`, headers }));
    const expected = naiveMatch(routes, one);
    expect(match.route).toBe(expected.route);
    if (match.route === undefined) expect(match.allow).toEqual(expected.allow);
    else {
      expect({ ...match.params }).toEqual(expected.params);
      found += 1;
    }
  }
  return found;
}

test('the tables find what asking every route finds, with the same parameters and methods', () => {
  const asked = fc.record({
    path,
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
    host: fc.constantFrom('h.x', 'k.h.x', 'l.k.h.x', 'x', 'other'),
    tenant: fc.constantFrom(undefined, 't', 'nobody'),
    beta: fc.boolean(),
  });
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(route, { minLength: 4, maxLength: 24 }),
      fc.array(asked, { minLength: 1, maxLength: 8 }),
      (routes, requests) => {
        found += agree(routes, requests);
      },
    ),
    { numRuns: 3000 },
  );
  expect(found).toBeGreaterThan(1000);
});

test('so they do where only paths compete, most of them with "**" inside', () => {
  const parts = fc.array(segment, { minLength: 1, maxLength: 3 });
  const plain = fc.tuple(fc.constantFrom('**/', '**/', 'a/**/', ''), parts).map(([start, rest]): Asking => {
    const text = `${start}${rest.join('/')}`.replace(/\*\*(\/\*\*)+/g, '**');
    return { ...named(text.split('/')), conditions: [], methods: undefined };
  });
  const requests = path.map((path): Asked => ({ path, method: 'GET', host: 'h.x', tenant: undefined, beta: false }));
  let found = 0;
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 12 }), fc.array(requests, { minLength: 1, maxLength: 8 }), (routes, requests) => {
      found += agree(routes, requests);
    }),
    { numRuns: 3000 },
  );
  expect(found).toBeGreaterThan(1000);
});

test('the time of a match among 10 000 routes is that among 10', () => {
  const table = (size: number) => Array.from({ length: size }, (_, at) => ({ path: `/api/service${at}/items/{id}` }));
  const [small, large] = [new Router(table(10)), new Router(table(10_000))];
  const asks = (router: Router<{ path: string }>) => {
    const exchange = exchangeOf({ target: '/api/service7/items/1' });
    const started = performance.now();
    for (let round = 0; round < 20_000; round++) router.match(exchange);
    return performance.now() - started;
  };
  asks(small);
  asks(large);
  // A list of routes would take a thousand times as long.
  expect(asks(large)).toBeLessThan(20 * asks(small) + 5);
});
