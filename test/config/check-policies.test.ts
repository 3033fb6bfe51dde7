import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';

const JWT = { auth_type: 'jwt', jwt: { secret: 'a-secret-of-more-than-32-characters' } };

/** What is wrong with a document whose one route is like this, a line each. */
function wrong(route: object, more: object = {}): string[] {
  try {
    checkConfig({
      load_balancing: { backends: { users: { upstreams: [{ address: '127.0.0.1:3001' }] } } },
      routes: [{ id: 'a', path: '/a/{id}', backend: 'users', ...route }],
      ...more,
    });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

const respond = { backend: undefined, respond: {} };

describe('What routes use', () => {
  test.each<[string, object, object, string]>([
    ['auth', { middleware: ['auth'] }, {}, 'routes[0].middleware[0]: needs middleware.authentication, which says how'],
    ['rate_limit', { middleware: ['rate_limit'] }, {}, 'routes[0].middleware[0]: needs middleware.rate_limiting, which says how'],
    ['cors', { middleware: ['cors'] }, {}, 'routes[0].middleware[0]: needs middleware.cors, which says how'],
    [
      'the defaults',
      {},
      { defaults: { middleware: ['transform'] } },
      'defaults.middleware[0]: needs middleware.transform, which',
    ],
    ['a slip', { middleware: ['rate_limits'] }, {}, 'there is no middleware "rate_limits"; expected one of auth, rate_limit'],
    ["the definition's own name", { middleware: ['authentication'] }, {}, 'did you mean "auth"?'],
    ['a name twice', { middleware: ['compression', 'compression'] }, {}, 'routes[0].middleware: a name stands there twice'],
    [
      'no way to prove',
      { authentication: {} },
      {},
      'routes[0].authentication: needs middleware.authentication, which says how some',
    ],
    [
      'a method that is not defined',
      { authentication: { methods: ['api_key'] } },
      { middleware: { authentication: JWT } },
      'routes[0].authentication.methods[0]: api_key is not in middleware.authentication.auth_type; expected jwt',
    ],
    [
      'a consumer that is none',
      { authentication: { consumers: ['alise'] } },
      { middleware: { authentication: JWT }, consumers: [{ name: 'alice' }] },
      'routes[0].authentication.consumers[0]: there is no consumer "alise"; did you mean "alice"?',
    ],
    ['a WebSocket of nobody', { ...respond, websocket: {} }, {}, 'routes[0].websocket: needs a backend: nothing goes on'],
    ['upgrades of nobody', { ...respond, upgrades: ['chat'] }, {}, 'routes[0].upgrades: needs a backend: nothing goes on'],
    [
      'identity for nobody',
      { ...respond, identity_headers: { 'X-A': '{user}' } },
      {},
      'routes[0].identity_headers: needs a backend',
    ],
    [
      'a transport that passes upgrades on',
      { websocket: {}, upgrades: [] },
      { load_balancing: { backends: { users: { upstreams: [{ address: '127.0.0.1:3001' }], transport: 'undici' } } } },
      'routes[0].websocket: needs a backend with transport: wire, which users has not',
    ],
  ])('must be there: %s', (_, route, more, says) => {
    expect(wrong(route, more)).toEqual([expect.stringContaining(says)]);
  });

  test.each<[string, object, object]>([
    ['names that are defined', { middleware: ['auth'] }, { middleware: { authentication: JWT } }],
    ['names with defaults of their own', { middleware: ['security_headers', 'compression'] }, {}],
    ['a list that turns the defaults off', { middleware: [] }, { defaults: { middleware: ['compression'] } }],
    ['a method that is defined', { authentication: { methods: ['jwt'] } }, { middleware: { authentication: JWT } }],
  ])('may be %s', (_, route, more) => expect(wrong(route, more)).toEqual([]));
});
