import { describe, expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { parse } from '../../src/config/parse.ts';

function read(text: string, environment = {}) {
  return parse(text, 'a.toml', environment);
}

function complaint(text: string, environment = {}): string {
  try {
    checkText(text, 'a.toml', environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing is wrong';
}

const EXAMPLE = `
# A comment.
[server]
http_addr = ["127.0.0.1:1", '127.0.0.1:2']
timeouts.header = "5s"

[load_balancing.backends.users]
upstreams = [{ address = "127.0.0.1:3001", weight = 2 }]

[[routes]]
id = "users"
path = "/users/**"
backend = "users"

[[routes]]
id = "robots"
path = "/robots.txt"
[routes.respond]
body = """
User-agent: *
"""
`;

test('the same configuration in TOML and in YAML is the same', () => {
  const yaml = `
server: { http_addr: ["127.0.0.1:1", "127.0.0.1:2"], timeouts: { header: 5s } }
load_balancing: { backends: { users: { upstreams: [{ address: "127.0.0.1:3001", weight: 2 }] } } }
routes:
  - { id: users, path: /users/**, backend: users }
  - { id: robots, path: /robots.txt, respond: { body: "User-agent: *\\n" } }
`;
  expect(checkText(EXAMPLE, 'a.toml', {})).toEqual(checkText(yaml, 'a.yaml', {}));
});

describe('A text that cannot be read', () => {
  test.each([
    ['an open bracket', 'a = [1', '1:7: expected comma or end of structure'],
    ['no value', 'a =', '1:4: '],
    ['two values in a line', 'a = 1 b = 2', '1:7: each key-value declaration must be followed by an end-of-line'],
    ['a key twice', '[log]\nlevel = "info"\nlevel = "warn"', '3:1: trying to redefine'],
    ['a table twice', '[log]\n[server]\n[log]', '3:2: trying to redefine'],
    ['a key twice in braces', 'log = { level = "info", level = "warn" }', '1:25: trying to redefine'],
    ['a key twice through a variable', `[log]\nlevel = "info"\n"\${A}" = "warn"`, '3:1: log.level: stands there twice'],
    ['the key __proto__', '[server]\n__proto__ = { a = 1 }', '2:1: server.__proto__: cannot be a key'],
    ['a date', 'log = { level = 1979-05-27 }', '1:17: log.level: is a date'],
    ['a time', 'log = { level = 07:32:00 }', '1:17: log.level: is a date'],
    ['a number beyond all', 'a = 99999999999999999999', '1:5: integer value cannot be represented losslessly'],
    ['deep lists', `a = ${'['.repeat(40)}${']'.repeat(40)}`, '1:'],
    ['deep tables', `[${Array(40).fill('a').join('.')}]`, '1:66: a.a.a'],
  ])('is refused with its place: %s', (_, text, says) => {
    const message = complaint(text, { A: 'level' });
    expect(message.startsWith(`a.toml:${says}`), message).toBe(true);
    expect(message).not.toContain('\n');
  });

  test.each([1_000, 100_000])('is refused in no time: %i levels', (count) => {
    const before = performance.now();
    for (const text of [`a = ${'['.repeat(count)}`, `a = ${'{a='.repeat(count)}`, `a${'.a'.repeat(count)} = 1`])
      expect(() => read(text)).toThrow(ConfigError);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe('A value that cannot be', () => {
  test.each([
    ['in a table', '[server]\nmax_connections = 0', '2:19: server.max_connections: 0 is too small'],
    [
      'an unknown key',
      '[server]\nmax_conections = 5',
      '2:1: server.max_conections: unknown key; did you mean "max_connections"?',
    ],
    ['an unknown table', '[sever]\n', '1:2: sever: unknown key; did you mean "server"?'],
    ['a date-like text in a list', 'include = []\nroutes = 1979', '2:10: routes: must be a list, not 1979'],
    ['in a list of tables', '[[routes]]\nid = "a"\npath = "a"\nrespond = {}', '3:8: routes[0].path: a path starts with /'],
    ['missing in a list of tables', '[[routes]]\nid = "a"\nrespond = {}', '1:1: routes[0].path: is missing'],
    ['not a number', '[server]\nmax_connections = nan', '2:19: server.max_connections: must be a whole number'],
    ['a variable that is not set', `[log]\nlevel = "\${NOBODY}"`, '2:9: log.level: the environment variable NOBODY is not set'],
  ])('is refused with its place: %s', (_, text, says) => {
    const message = complaint(text);
    expect(message.startsWith(`a.toml:${says}`), message).toBe(true);
  });
});

describe('Variables', () => {
  test('are put into values and quoted keys, not into what they bring in', () => {
    const { value } = read(`"\${K}" = ["\${A}", '\${NO:-d}', "$\${A}"]`, { K: 'key', A: `\${K}` });
    expect(value).toEqual({ key: [`\${K}`, 'd', `\${A}`] });
  });

  test('do not count in comments', () => {
    expect(read(`a = 1 # \${NOBODY}`).findings).toEqual([]);
  });
});

test('a text with many keys takes time in step with their number', () => {
  const text = Array.from({ length: 20_000 }, (_, at) => `[[routes]]\nid = "r${at}"\n`).join('');
  const before = performance.now();
  const { value, locate } = read(text);
  expect((value as { routes: unknown[] }).routes).toHaveLength(20_000);
  expect(locate(['routes', 19_999, 'id'])).toEqual({ line: 40_000, column: 6 });
  expect(performance.now() - before).toBeLessThan(3000);
});
