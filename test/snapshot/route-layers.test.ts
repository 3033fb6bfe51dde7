import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { embedded } from '../../src/shared/embedded.ts';
import { openLayerParts } from '../../src/snapshot/layer-parts.ts';
import { RouteLayers } from '../../src/snapshot/route-layers.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { backendTools } from '../support/backends.ts';

const DEFINED = {
  middleware: {
    authentication: { auth_type: ['api_key'] },
    rate_limiting: { requests_per_second: 1 },
    cors: { allowed_origins: ['https://a.example'] },
    transform: { strip_prefix: '/a' },
  },
  consumers: [{ name: 'alice', rate_limits: [{ name: 'hers', requests_per_second: 1 }] }],
};

/** The names of the layers that a route has, in no order. */
function layersOf(route: object, more: object = {}): string[] {
  const config = checkConfig({
    load_balancing: { backends: { users: { upstreams: [{ address: '127.0.0.1:3001' }] } } },
    routes: [{ id: 'a', path: '/a/**', ...('respond' in route ? {} : { backend: 'users' }), ...route }],
    ...more,
  });
  const { wheel, logger, clock } = backendTools();
  const parts = openLayerParts({ wheel, logger, metrics: new Metrics(), shared: embedded(clock) });
  const [first] = config.routes;
  if (first === undefined) throw new Error('no route');
  const layers = new RouteLayers(config, parts, new Map()).of(first);
  return Object.entries(layers).flatMap(([name, layer]) => (layer === undefined ? [] : [name]));
}

describe('A route', () => {
  test('that says nothing has what every way to an upstream has, and no more', () => {
    expect(layersOf({}).sort()).toEqual(['forwarding', 'timeout', 'upgrade']);
  });

  test('that answers itself has nothing', () => expect(layersOf({ respond: {} })).toEqual([]));

  test.each<[string, object, string[]]>([
    ['auth', { middleware: ['auth'] }, ['authentication', 'rateLimit']],
    ['rate_limit', { middleware: ['rate_limit'] }, ['rateLimit']],
    ['cors', { middleware: ['cors'] }, ['cors']],
    ['transform', { middleware: ['transform'] }, ['transform', 'transformReplies']],
    ['security_headers', { middleware: ['security_headers'] }, ['securityHeaders']],
    ['compression', { middleware: ['compression'] }, ['compression']],
  ])('that names %s has its layers, and those of consumers where identity is asked for', (_, route, layers) => {
    expect(layersOf({ respond: {}, ...route }, DEFINED).sort()).toEqual(layers);
  });

  test('has what the defaults name, unless it has a list', () => {
    const defaults = { defaults: { middleware: ['cors', 'compression'] } };
    expect(layersOf({ respond: {} }, { ...DEFINED, ...defaults }).sort()).toEqual(['compression', 'cors']);
    expect(layersOf({ respond: {}, middleware: [] }, { ...DEFINED, ...defaults })).toEqual([]);
  });

  test.each<[string, object, string[]]>([
    ['limits', { rate_limits: [{ name: 'a', requests_per_second: 1 }] }, ['rateLimit']],
    ['concurrency', { concurrency: { limit: 1 } }, ['concurrency']],
    ['a list of addresses', { ip_deny: ['10.0.0.0/8'] }, ['ipAccess']],
    ['a limit of bodies', { body_bytes: '1KB' }, ['bodyLimit']],
    ['CORS of its own', { cors: { allowed_origins: ['*'] } }, ['cors']],
    ['compression of its own', { compression: {} }, ['compression']],
  ])('with %s of its own needs no name for it', (_, route, layers) => {
    expect(layersOf({ respond: {}, ...route })).toEqual(layers);
  });
});
