import { describe, expect, test } from 'vitest';
import { Router } from '../../src/snapshot/router.ts';
import { exchangeOf } from '../support/exchanges.ts';

const routes = [
  { path: '/users/{id}', methods: ['GET'] },
  { path: '/users/{name}', methods: ['PUT'] },
  { path: '/**', methods: ['OPTIONS'] },
];
const match = (target: string, method?: string) => new Router(routes).match(exchangeOf({ method: 'OPTIONS', target }), method);

describe('The route of another method than the own', () => {
  test('is that which a request of the method would get, with its parameters', () => {
    expect(match('/users/7', 'GET')).toEqual({ route: routes[0], params: { id: '7' } });
    expect(match('/users/7', 'PUT')).toEqual({ route: routes[1], params: { name: '7' } });
    expect(match('/users/7', 'HEAD').route).toBe(routes[0]);
    expect(match('/users/7').route).toBe(routes[2]);
  });

  test.each(['DELETE', 'get', 'GET, PUT', '', '\xff', 'x'.repeat(10_000)])(
    'is none for %j, and the path says what it has',
    (method) => {
      expect(match('/users/7', method)).toEqual({ route: undefined, allow: ['GET', 'HEAD', 'OPTIONS', 'PUT'] });
    },
  );

  test('leaves the exchange and the next search as they were', () => {
    const router = new Router(routes);
    const exchange = exchangeOf({ method: 'OPTIONS', target: '/users/7' });
    router.match(exchange, 'GET');
    expect([exchange.method, router.match(exchange).route]).toEqual(['OPTIONS', routes[2]]);
  });
});
