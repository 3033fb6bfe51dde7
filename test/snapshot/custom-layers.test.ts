import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Handler, Layer } from '../../src/http/layer.ts';
import { Reply } from '../../src/http/reply.ts';
import { customLayers, type LayerFactories, type LayerFactory, loadLayers } from '../../src/snapshot/custom-layers.ts';
import { Extensions } from '../../src/snapshot/extensions.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualClock } from '../support/manual-clock.ts';

const logger = createLogger({ level: 'fatal', format: 'json' });

function routeOf(id: string, ...modules: (string | readonly [string, unknown])[]) {
  const custom = modules.map((one) =>
    typeof one === 'string' ? { module: one, config: {} } : { module: one[0], config: one[1] },
  );
  return { id, custom };
}

describe('Modules that routes name', () => {
  let base = '';
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'sluice-layers-'));
  });
  afterEach(() => rmSync(base, { recursive: true }));

  const write = (name: string, text: string) => writeFileSync(join(base, name), text);

  test('are loaded, each once however many routes name it', async () => {
    write('a.ts', 'export default (): string => "a";');
    write('b.mjs', 'export default () => "b";');
    const extensions = new Extensions(['.'], base);
    const asked: string[] = [];
    const counting = {
      load(name: string) {
        asked.push(name);
        return extensions.load(name);
      },
    };
    const factories = await loadLayers(
      [routeOf('one', './a.ts', './b.mjs'), routeOf('two', './a.ts'), routeOf('none')],
      counting,
    );
    expect([...factories.keys()]).toEqual(['./a.ts', './b.mjs']);
    expect([...factories.values()].map((factory) => (factory as unknown as () => string)())).toEqual(['a', 'b']);
    expect(asked).toEqual(['./a.ts', './b.mjs']);
  });

  test('that cannot be had are told all at once, each place of each route', async () => {
    write('a.ts', 'export default () => 1;');
    write('broken.mjs', 'throw new Error("at home");');
    const routes = [routeOf('one', './a.ts', './none.ts'), routeOf('two', './none.ts', './broken.mjs')];
    await expect(loadLayers(routes, new Extensions(['.'], base))).rejects.toThrow(
      [
        'routes[one].custom[1].module: ./none.ts: no such file',
        'routes[two].custom[0].module: ./none.ts: no such file',
        'routes[two].custom[1].module: ./broken.mjs: cannot be loaded: Error: at home',
      ].join('\n'),
    );
  });

  test('are not looked for where there are none', async () => {
    expect(await loadLayers([routeOf('one')], new Extensions([], base))).toEqual(new Map());
  });
});

function compose(route: ReturnType<typeof routeOf>, factories: Record<string, unknown>): Layer {
  return customLayers(route, new Map(Object.entries(factories)) as LayerFactories, logger, new ManualClock());
}

describe('The layers of a route', () => {
  test('stand in the order of the list, the first outermost', async () => {
    const met: unknown[] = [];
    const factory: LayerFactory = (config) => (next) => async (exchange) => {
      met.push(config);
      const reply = await next(exchange);
      met.push(`${config} again`);
      return reply;
    };
    const reply = new Reply(200);
    const layer = compose(routeOf('one', ['a', 'outer'], ['a', 'inner']), { a: factory });
    expect(await layer(() => reply)(exchangeOf())).toBe(reply);
    expect(met).toEqual(['outer', 'inner', 'inner again', 'outer again']);
  });

  test('are given a copy of their configuration, their route and their tools', () => {
    const config = Object.freeze({ list: Object.freeze([1]) });
    let got: unknown;
    const factory: LayerFactory = (mine, tools) => {
      got = [mine, tools.route];
      (mine as { list: number[] }).list.push(2);
      return (next) => next;
    };
    compose(routeOf('users', ['a', config]), { a: factory });
    expect([got, config]).toEqual([[{ list: [1, 2] }, 'users'], { list: [1] }]);
  });

  test.each<[string, unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('config.colour is missing');
      },
      'the default export throws: Error: config.colour is missing',
    ],
    [
      'throws no error',
      () => {
        throw undefined;
      },
      'the default export throws: undefined',
    ],
    ['gives nothing', () => undefined, 'the default export must return a layer: a function of the next handler'],
    ['gives a promise of a layer', async () => (next: Handler) => next, 'the default export must return a layer'],
    [
      'gives a promise that fails',
      async () => {
        throw new Error('x');
      },
      'the default export must return a layer',
    ],
    ['is not there', undefined, 'the default export must return a layer'],
    [
      'gives a layer that throws',
      () => () => {
        throw new Error('x');
      },
      'the layer throws when it is put together: Error: x',
    ],
    [
      'gives a layer that is asynchronous',
      () => async () => {
        throw new Error('x');
      },
      'the layer must return a handler',
    ],
    ['gives a layer of nothing', () => () => ({}), 'the layer must return a handler: a function of the exchange'],
  ])('refuse the configuration when a factory %s', (_, factory, why) => {
    const fails = () =>
      compose(routeOf('users', 'good', './layers/a.ts'), { good: () => (next: Handler) => next, './layers/a.ts': factory })(
        () => new Reply(200),
      );
    expect(fails).toThrow(`routes[users].custom[1]: ./layers/a.ts: ${why}`);
  });

  test('cost the one request when they fail, by the system\u2019s clock too', () => {
    const layer = customLayers(routeOf('users', 'a'), new Map([['a', () => () => () => null as never]]), logger);
    expect(() => layer(() => new Reply(200))(exchangeOf())).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('The example of a layer', () => {
  const examples = new Extensions(['./layer'], new URL('../../examples', import.meta.url).pathname);
  const window = { from: '2026-12-01T02:00:00Z', until: '2026-12-01T03:00:00+00:00' };

  async function setUp(config: object, at: string) {
    const route = routeOf('users', ['./layer/maintenance.ts', config]);
    const factories = await loadLayers([route], examples);
    const reply = new Reply(200);
    const handler = customLayers(route, factories, logger, new ManualClock(0, Date.parse(at)))(() => reply);
    return { reply, handler };
  }

  test.each<[string, object, string, number]>([
    ['before the window', {}, '2026-12-01T01:59:59Z', 200],
    ['in the window', {}, '2026-12-01T02:00:00Z', 503],
    ['after the window', {}, '2026-12-01T03:00:00Z', 200],
    ['in the window, from an address that is let through', { addresses: ['192.0.2.7'] }, '2026-12-01T02:30:00Z', 200],
    ['in the window, to a path that is let through', { paths: ['/health'] }, '2026-12-01T02:30:00Z', 200],
  ])('answers a request %s', async (_, more, at, status) => {
    const { handler } = await setUp({ ...window, ...more }, at);
    const reply = (await handler(exchangeOf({ target: '/health?deep' }))) as Reply;
    expect(reply.status).toBe(status);
    if (status === 503)
      expect([reply.headers.get('retry-after'), reply.body]).toEqual(['3600', expect.stringContaining('back soon')]);
  });

  test.each<[object, string]>([
    [{}, 'from must be a time'],
    [{ ...window, from: '2026-12-01T02:00:00' }, 'from must be a time'],
    [{ ...window, until: '2026-13-01T02:00:00Z' }, 'until must be a time'],
    [{ ...window, until: window.from }, 'until must be later than from'],
    [{ ...window, page: 5 }, 'page must be a text'],
    [{ ...window, paths: '/health' }, 'paths must be a list of texts'],
    [{ ...window, addresses: [1] }, 'addresses must be a list of texts'],
  ])('refuses %j', async (config, why) => {
    await expect(setUp(config, '2026-12-01T02:30:00Z')).rejects.toThrow(
      `routes[users].custom[0]: ./layer/maintenance.ts: the default export throws: Error: ${why}`,
    );
  });
});
