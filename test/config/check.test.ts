import { describe, expect, test } from 'vitest';
import { checkConfig, checkText } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Config } from '../../src/config/document.ts';
import { BAD_BACKENDS, BAD_ROUTES, BAD_SYNTAX, BAD_VALUES } from './bad.cases.ts';
import { BAD_ROUTING } from './bad-routing.cases.ts';
import { BAD_SERVER } from './bad-server.cases.ts';

function complaint(make: () => Config): ConfigError {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe.each([
  ['A text that cannot be read', BAD_SYNTAX],
  ['A value that cannot be', BAD_VALUES],
  ['A server that cannot be', BAD_SERVER],
  ['A backend that cannot be', BAD_BACKENDS],
  ['A route that cannot be', BAD_ROUTES],
  ['What tells routes apart', BAD_ROUTING],
])('%s', (_, cases) => {
  test.each(cases)('is refused with its place: $what', ({ text, says }) => {
    const lines = complaint(() => checkText(text, 'a.yaml', {})).message.split('\n');
    expect(lines).toHaveLength(says.length);
    for (const [at, line] of lines.entries()) expect(line.startsWith(`a.yaml:${says[at]}`), `${line}\n${says[at]}`).toBe(true);
  });
});

test('everything that is wrong is told at once, in the order of the text', () => {
  const text = [
    'server: { timeouts: { header: 5 } }',
    'load_balancing: { backends: { users: { upstreams: [] } } }',
    'routes:',
    '  - { id: a, path: /a//b, backend: user, timout: 5s }',
    '  - { id: a, path: /b, backend: users, cache: {} }',
    `log: { level: "${'$'}{NOBODY}" }`,
  ];
  const error = complaint(() => checkText(text.join('\n'), 'a.yaml', {}));
  expect(error.problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
    '1 server.timeouts.header',
    '2 load_balancing.backends.users.upstreams',
    '4 routes[0].path',
    '4 routes[0].backend',
    '4 routes[0].timout',
    '5 routes[1].id',
    '5 routes[1].cache',
    '6 log.level',
  ]);
});

test('a problem has its parts apart, for programs', () => {
  const error = complaint(() => checkText('log: { level: inof }', 'a.yaml', {}));
  expect(error.file).toBe('a.yaml');
  expect(error.problems).toEqual([
    {
      path: 'log.level',
      line: 1,
      column: 15,
      message: '"inof" is not one of the words it may be',
      expected: 'one of trace, debug, info, warn, error, fatal, silent',
      suggestion: 'info',
    },
  ]);
});

test('a plain value has paths but no places', () => {
  const error = complaint(() => checkConfig({ routes: [{ id: 'a', path: '/a', backend: 'nobody' }], 'od d': 1 }));
  expect(error.message).toBe(
    '["od d"]: unknown key\nroutes[0].backend: there is no backend "nobody" under load_balancing.backends',
  );
});

test.each([[undefined], [null], [1], ['text'], [[]], [() => {}], [Symbol('x')]])('%s is no document', (document) => {
  expect(() => checkConfig(document)).toThrow(ConfigError);
});

test('a plain value that contains itself is refused like any other', () => {
  const document: Record<string, unknown> = {};
  document['server'] = document;
  expect(complaint(() => checkConfig(document)).message).toMatch(/^server\.server: unknown key/);
});

test('a name of Object.prototype is no backend', () => {
  const error = complaint(() => checkConfig({ routes: [{ id: 'a', path: '/a', backend: 'constructor' }] }));
  expect(error.message).toMatch(/there is no backend "constructor"/);
});
