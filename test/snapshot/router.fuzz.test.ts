import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Config } from '../../src/config/document.ts';
import { Headers } from '../../src/http/headers.ts';
import { explainRoute } from '../../src/snapshot/explain-route.ts';
import { Router } from '../../src/snapshot/router.ts';
import { exchangeOf } from '../support/exchanges.ts';

const piece = fc.constantFrom('/', '/a', '/*', '/**', '/:x', '/{id}', 'v{y}', '{z}.b', '-', '%2e', ':', '.');
const regex = fc.array(fc.constantFrom('^/', 'a', '/', '(?<x>', ')', '[0-9]', '+', '*', '|', '$', '.', '\\d'), { maxLength: 8 });
const path = fc.oneof(
  { weight: 4, arbitrary: fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')) },
  { weight: 1, arbitrary: regex.map((pieces) => `~${pieces.join('')}`) },
);
const leaf = fc.constantFrom(
  { header: 'X-A', matches: '^[a-z]+$' },
  { query: 'q', present: true },
  { cookie: 'c', equals: '1' },
  { accept: 'text/html' },
  { version: { accept: 'v', is: '2' } },
);
const when = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ all: fc.array(tie('any'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ any: fc.array(tie('any'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('any') }),
  ),
}));
const route = fc.record(
  {
    path,
    path_params: fc.constantFrom({}, { id: '^[0-9]+$' }, { x: 'a|b' }, { y: '(' }),
    host: fc.constantFrom('a.b', '*.b', ['a.b', 'c'], 'A.B.'),
    tenant: fc.constantFrom('t', 'a.b'),
    when: when.any,
    methods: fc.constantFrom(['GET'], ['HEAD', 'PUT']),
    priority: fc.integer({ min: -3, max: 3 }),
  },
  { requiredKeys: ['path'] },
);

function accepted(routes: readonly unknown[]): Config | undefined {
  try {
    const named = routes.map((one, at) => ({ id: `r${at}`, respond: {}, ...(one as object) }));
    return checkConfig({ tenancy: { from: 'host' }, routes: named });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

test('whatever configuration is accepted makes a table, and whatever is asked of it has an answer that can be explained', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '/', '.', '1', '-', ':', '%', '?', '&', '=', 'q', '"', ',', ';', 'ä') });
  let tables = 0;
  fc.assert(
    fc.property(fc.array(route, { maxLength: 4 }), text, text, text, (routes, target, authority, field) => {
      const config = accepted(routes);
      if (config === undefined) return;
      tables += 1;
      const router = new Router(config.routes, config.tenantSource);
      const headers = Headers.from(['X-A', 'Cookie', 'Accept'].map((name) => [name, field]));
      const exchange = exchangeOf({ target: `/${target}`, authority, headers });
      const { route } = router.match(exchange);
      const winners = explainRoute(router, exchange).filter(({ wins }) => wins);
      expect(winners.map(({ rule }) => rule.route)).toEqual(route === undefined ? [] : [route]);
    }),
    { numRuns: 2000 },
  );
  expect(tables).toBeGreaterThan(300);
});
