import { describe, expect, test } from 'vitest';
import { checkRoutes } from '../../src/config/check-routes.ts';

const says = (...routes: Record<string, unknown>[]) => {
  const named = routes.map((route, at) => ({ id: `r${at}`, respond: {}, ...route }));
  return checkRoutes({ tenancy: { from: 'host' }, routes: named }).map(({ message }) =>
    typeof message === 'string' ? message : message((path) => path.join('.')),
  );
};

describe('Two routes of one path', () => {
  test.each([
    [{ path: '/a' }, { path: '/b' }],
    [{ path: '/a' }, { path: '/a/' }],
    [{ path: '/a' }, { path: '/a', host: 'x.y' }],
    [
      { path: '/a', host: '*.y' },
      { path: '/a', host: 'x.y' },
    ],
    [{ path: '/a' }, { path: '/a', tenant: 't' }],
    [{ path: '/a' }, { path: '/a', methods: ['GET'] }],
    [
      { path: '/a', methods: ['PUT'] },
      { path: '/a', methods: ['GET'] },
    ],
    [{ path: '/a' }, { path: '/a', when: { accept: 'a/b' } }],
    [{ path: '/a' }, { path: '/a', priority: 1 }],
    [{ path: '/{a}' }, { path: '/{a}', path_params: { a: '^1$' } }],
    [{ path: '~^/a' }, { path: '~^/b' }],
    [{ path: '/**' }, { path: '/*' }],
  ])('are told apart: %j and %j', (one, other) => {
    expect(says(one, other)).toEqual([]);
  });

  test.each([
    [{ path: '/:a' }, { path: '/{b}' }, 'any method'],
    [{ path: '/*' }, { path: '/{b}' }, 'any method'],
    [{ path: '/v{a}' }, { path: '/v{b}' }, 'any method'],
    [{ path: '~^/a' }, { path: '~^/a' }, 'any method'],
    [{ path: '/a', methods: ['PUT', 'GET'] }, { path: '/a', methods: ['POST', 'GET'] }, 'GET'],
    [{ path: '/a', priority: 0 }, { path: '/a', priority: '0' }, 'any method'],
  ])('are one too many: %j and %j', (one, other, method) => {
    expect(says(one, other)).toEqual([`routes.0 takes the same path for ${method} already`]);
  });
});

test.each([undefined, null, [], 'x', { routes: {} }, { routes: [null, 1, [], { path: 1, path_params: [], redirect: 1 }] }])(
  '%j has nothing to fit together',
  (document) => {
    expect(checkRoutes(document)).toEqual([]);
  },
);
