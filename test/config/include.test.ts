import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checked, checkInput } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { type Files, Inputs } from '../../src/config/inputs.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-include-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Checks the first of some files, after all have been written. */
function check(files: Readonly<Record<string, string>>, environment = {}, inputs: Files = new Inputs()): Checked {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const [name = '', text = ''] = Object.entries(files)[0] ?? [];
  return checkInput({ main: { text, file: join(directory, name) }, environment }, inputs);
}

function complaint(files: Readonly<Record<string, string>>, environment = {}): string[] {
  try {
    check(files, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${directory}/`, '').split('\n');
    throw error;
  }
  return [];
}

const MAIN = 'include: ["routes.d/*.yaml"]\n';
const answer = (id: string) => `- { id: ${id}, path: /${id}, respond: {} }\n`;

describe('Included files', () => {
  test('add their routes and backends, in the order of their names, and are named', () => {
    const { config, files } = check({
      'a.yaml': `${MAIN}load_balancing: { algorithm: random }\nroutes:\n${answer('main')}`,
      'routes.d/20-two.yaml': `routes:\n${answer('two')}- { id: users, path: /users, backend: users }\n`,
      'routes.d/10-one.yaml': 'load_balancing: { backends: { users: { upstreams: [{ address: "127.0.0.1:1" }] } } }',
      'routes.d/30-empty.yaml': '# nothing yet',
      'routes.d/notes.txt': 'not: [ours',
    });
    expect(config.routes.map(({ id }) => id)).toEqual(['main', 'two', 'users']);
    expect(config.backends['users']?.algorithm).toBe('random');
    expect(files).toEqual(
      ['a.yaml', 'routes.d/10-one.yaml', 'routes.d/20-two.yaml', 'routes.d/30-empty.yaml'].map((name) => join(directory, name)),
    );
  });

  test('may be in any format, and have variables', () => {
    const { config } = check(
      {
        'a.toml': 'include = ["more.yaml", "d?/*.{json,toml}"]',
        'more.yaml': `routes:\n- { id: "\${NAME}", path: /a, respond: {} }\n`,
        'd1/b.json': '{\n\t"routes": [{ "id": "b", "path": "/b", "respond": {} }]\n}',
        'd2/c.toml': '[[routes]]\nid = "c"\npath = "/c"\nrespond = {}\n',
        file: '',
      },
      { NAME: 'a' },
    );
    expect(config.routes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('that do not exist yet are no error where a pattern names them', () => {
    mkdirSync(join(directory, 'routes.d'));
    expect(check({ 'a.yaml': MAIN }).files).toHaveLength(1);
  });

  test('are read once when two patterns name them', () => {
    const files = { 'a.yaml': 'include: [b.yaml, "*b.yaml"]', 'b.yaml': `routes:\n${answer('b')}` };
    expect(check(files).config.routes).toHaveLength(1);
  });

  test('are read and looked for by whoever keeps account of it', () => {
    const asked: string[] = [];
    const disk = new Inputs();
    const noted = <T>(path: string, answer: T): T => {
      asked.push(path);
      return answer;
    };
    const files: Files = {
      read: (path) => noted(path, disk.read(path)),
      list: (path) => noted(path, disk.list(path)),
    };
    check({ 'a.yaml': MAIN, 'routes.d/b.yaml': '' }, {}, files);
    expect(asked).toEqual([join(directory, 'routes.d'), join(directory, 'routes.d/b.yaml')]);
  });
});

const BAD: readonly [what: string, files: Readonly<Record<string, string>>, says: readonly string[]][] = [
  ['a file that is not there', { 'a.yaml': 'include: [b.yaml]' }, ['b.yaml: no such file']],
  ['a directory that is not there', { 'a.yaml': MAIN }, ['a.yaml:1:11: include[0]: there is no directory routes.d']],
  ['a tree', { 'a.yaml': 'include: ["**/*.yaml"]' }, ['a.yaml:1:11: include[0]: "**" is not taken here']],
  ['itself', { 'a.yaml': 'include: ["*.yaml"]' }, ['a.yaml: includes itself']],
  ['a directory', { 'a.yaml': 'include: ["*"]', 'b/c': '' }, ['a.yaml: includes itself', 'b: is a directory, not a file']],
  ['a text for a list', { 'a.yaml': 'include: b.yaml' }, ['a.yaml:1:10: include: must be a list, not "b.yaml"']],
  ['a number for a name', { 'a.yaml': 'include: [5]' }, ['a.yaml:1:11: include[0]: must be a text, not 5']],
  [
    'bad syntax, in all files',
    { 'a.yaml': `${MAIN}log: { level: inof }`, 'routes.d/b.yaml': 'a: [', 'routes.d/c.yaml': 'b: *x' },
    ['routes.d/b.yaml:1:5: Flow', 'routes.d/c.yaml:1:4: b: there is no anchor'],
  ],
  [
    'other settings',
    { 'a.yaml': MAIN, 'routes.d/b.yaml': 'server: {}\nload_balancing: { algorithm: random }' },
    [
      'routes.d/b.yaml:1:1: server: an included file has only routes and load_balancing.backends',
      'routes.d/b.yaml:2:19: load_balancing.algorithm: an included file has only',
    ],
  ],
  [
    'other settings of backends',
    { 'a.yaml': MAIN, 'routes.d/b.yaml': 'load_balancing: { algorithm: random }' },
    ['routes.d/b.yaml:1:19: load_balancing.algorithm: an included file has only'],
  ],
  ['a further include', { 'a.yaml': MAIN, 'routes.d/b.yaml': 'include: []' }, ['routes.d/b.yaml:1:1: include: an included']],
  ['a list', { 'a.yaml': MAIN, 'routes.d/b.yaml': '[1]' }, ['routes.d/b.yaml:1:1: must be a block of keys']],
  ['one route', { 'a.yaml': MAIN, 'routes.d/b.yaml': 'routes: { id: a }' }, ['routes.d/b.yaml:1:9: routes: must be a list']],
  [
    'backends in a list',
    { 'a.yaml': MAIN, 'routes.d/b.yaml': 'load_balancing: { backends: [] }' },
    ['routes.d/b.yaml:1:29: load_balancing.backends: must be a block of keys'],
  ],
  [
    'bad values, each with its own place and path',
    {
      'a.yaml': `${MAIN}routes:\n${answer('a')}- { id: b }`,
      'routes.d/b.yaml': 'routes:\n- { id: c, path: /c, backend: nobody, timout: 5s }',
    },
    [
      'a.yaml:4:3: routes[1].path: is missing',
      'a.yaml:4:3: routes[1]: a route has exactly one',
      'routes.d/b.yaml:2:31: routes[0].backend: there is no backend "nobody"',
      'routes.d/b.yaml:2:39: routes[0].timout: unknown key; did you mean "timeout"?',
    ],
  ],
  [
    'an id that another file has',
    { 'a.yaml': `${MAIN}routes:\n${answer('a')}`, 'routes.d/b.yaml': 'routes:\n- { id: a, path: /b, respond: {} }' },
    ['routes.d/b.yaml:2:9: routes[0].id: "a" is the id of routes[0] (a.yaml:3:3) already'],
  ],
  [
    'a path that another included file has',
    {
      'a.yaml': MAIN,
      'routes.d/b.yaml': `routes:\n${answer('b')}`,
      'routes.d/c.yaml': `routes:\n${answer('x')}- { id: c, path: /b, respond: {} }`,
    },
    ['routes.d/c.yaml:3:18: routes[1].path: routes[0] (routes.d/b.yaml:2:3) takes the same path for any method already'],
  ],
  [
    'a backend that another file has',
    {
      'a.yaml': `${MAIN}load_balancing:\n  backends:\n    u: { upstreams: [{ address: "127.0.0.1:1" }] }`,
      'routes.d/b.yaml': 'load_balancing: { backends: { u: { upstreams: [{ address: "127.0.0.1:2" }] } } }',
    },
    ['routes.d/b.yaml:1:31: load_balancing.backends.u: load_balancing.backends.u (a.yaml:4:5) is a backend already'],
  ],
  [
    'a variable that is not set',
    { 'a.yaml': MAIN, 'routes.d/b.yaml': `routes:\n- { id: "\${NO}", path: /b, respond: {} }` },
    ['routes.d/b.yaml:2:9: routes[0].id: the environment variable NO is not set'],
  ],
  [
    'variables that are not set where nothing may stand',
    {
      'a.yaml': `${MAIN}load_balancing: { backends: { u: { upstreams: [{ address: "127.0.0.1:1" }] } } }`,
      'routes.d/b.yaml': `log: "\${NO}"\nload_balancing: { backends: { u: "\${NO}" } }`,
    },
    [
      'routes.d/b.yaml:1:1: log: an included file has only routes',
      'routes.d/b.yaml:2:31: load_balancing.backends.u: load_balancing.backends.u (a.yaml:2:31) is a backend already',
    ],
  ],
  [
    'anything, when the file itself has blocks and lists of the wrong kind',
    {
      'a.yaml': `${MAIN}load_balancing: { backends: [] }\nroutes: {}`,
      'routes.d/b.yaml': `routes:\n${answer('b')}`,
    },
    ['a.yaml:2:29: load_balancing.backends: must be a block of keys', 'a.yaml:3:9: routes: must be a list'],
  ],
  [
    'a backend that is wrong',
    { 'a.yaml': MAIN, 'routes.d/b.yaml': 'load_balancing: { backends: { u: { upstreams: [] } } }' },
    ['routes.d/b.yaml:1:47: load_balancing.backends.u.upstreams: needs at least 1 entry'],
  ],
];

describe('An include of', () => {
  test.each(BAD)('%s is refused with its place', (_, files, says) => {
    const lines = complaint(files);
    expect(lines).toHaveLength(says.length);
    for (const [at, line] of lines.entries()) expect(line.startsWith(says[at] as string), `${line}\n${says[at]}`).toBe(true);
  });

  test.each([
    ['{a,b}'.repeat(30), 'at most 2 of {…} in one name'],
    ['{{a,b},{c,d}}', 'at most 2 of {…} in one name'],
    ['{1..99999999}.yaml', 'ranges and (…) are not taken here'],
    ['*+(a|aa)+(a|aa)b', 'ranges and (…) are not taken here'],
  ])('names that multiply is refused: %s', (pattern, says) => {
    const lines = complaint({ 'a.yaml': `include: ["routes.d/${pattern}"]\n`, 'routes.d/b.yaml': '' });
    expect(lines).toEqual([expect.stringMatching(/^a\.yaml:1:11: include\[0\]: "/)]);
    expect(lines[0]).toContain(says);
  });

  test('a thousand files and more is refused', () => {
    const files = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`routes.d/${at}.yaml`, '']));
    expect(complaint({ 'a.yaml': MAIN, ...files })).toEqual(['a.yaml:1:11: include[0]: matches 1001 names: at most 1000']);
  });

  test('files that together are too large is refused', () => {
    const text = `# ${'x'.repeat(9 * 1024 * 1024)}`;
    const lines = complaint({ 'a.yaml': MAIN, 'routes.d/b.yaml': text, 'routes.d/c.yaml': text });
    expect(lines).toEqual([expect.stringMatching(/^routes\.d\/c\.yaml: the included files are larger than/)]);
  });
});
