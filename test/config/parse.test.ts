import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { MAX_TEXT, parse } from '../../src/config/parse.ts';

function value(text: string, environment = {}): unknown {
  return parse(text, 'a.yaml', environment).value;
}

/** Nine levels of ten aliases each: a billion words in two hundred characters. */
const BOMB = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  .concat([...'bcdefghi'].map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[at]}`).join(', ')}]`))
  .join('\n');

describe('A text', () => {
  test('in YAML and in JSON gives the same value', () => {
    const yaml = 'server:\n  http_addr: [a:1]\n  max_connections: 5\nlog: { level: null, x: true }\n';
    const json = '{\n\t"server": { "http_addr": ["a:1"], "max_connections": 5 },\n\t"log": { "level": null, "x": true }\n}';
    expect(value(json)).toEqual(value(yaml));
    expect(value(yaml)).toEqual({ server: { http_addr: ['a:1'], max_connections: 5 }, log: { level: null, x: true } });
  });

  test('keeps keys that look like numbers as they are written', () => {
    expect(value('0404: a\n1.0: b')).toEqual({ '0404': 'a', '1.0': 'b' });
  });

  test('may repeat a part by an alias', () => {
    expect(value('a: &x { b: 1 }\nc: *x\nd: [*x]')).toEqual({ a: { b: 1 }, c: { b: 1 }, d: [{ b: 1 }] });
  });

  test('means by an alias the last anchor of the name before it, where the alias is repeated too', () => {
    expect(value('a: &y 1\nb: &x [*y]\nc: &y 2\nd: *x\ne: *y')).toEqual({ a: 1, b: [1], c: 2, d: [1], e: 2 });
    expect(value('a: &x { k: &y 1 }\nb: &y 2\nc: *x\nd: *y')).toEqual({ a: { k: 1 }, b: 2, c: { k: 1 }, d: 2 });
    expect(value('&k a: 1\nb: *k')).toEqual({ a: 1, b: 'a' });
  });

  test('may have many aliases: the time does not grow with their square', () => {
    expect(value(`a: &a 1\nb: [${'*a , '.repeat(60_000)}]`)).toEqual({ a: 1, b: Array(60_000).fill(1) });
  });

  test('with aliases that multiply is refused in no time', () => {
    const before = performance.now();
    expect(() => value(BOMB)).toThrow(/aliases repeat too much/);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('that is too large is refused before it is looked at', () => {
    expect(() => value(' '.repeat(MAX_TEXT + 1))).toThrow(/larger than/);
  });

  test.each([1_000, 20_000])('with %i open brackets is refused', (count) => {
    expect(() => value('['.repeat(count))).toThrow(ConfigError);
    expect(() => value('{a: '.repeat(count))).toThrow(ConfigError);
    expect(() => value('- '.repeat(count))).toThrow(ConfigError);
  });

  test('with many keys takes time in step with their number', () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n');
    const before = performance.now();
    expect(Object.keys(value(text) as object)).toHaveLength(20_000);
    expect(performance.now() - before).toBeLessThan(3000);
  });

  test('is TOML when its name says so, whatever the case', () => {
    expect(parse('a = 1', 'sluice.TOML', {}).value).toEqual({ a: 1 });
    expect(() => parse('a = 1\nb = 2', 'toml', {})).not.toThrow();
  });

  test('tells only of the first slips when one makes a hundred', () => {
    try {
      value('['.repeat(1000));
    } catch (error) {
      expect((error as ConfigError).problems).toHaveLength(10);
    }
    expect.assertions(1);
  });
});

describe('Variables', () => {
  test('are put into values and keys, whatever the quotes', () => {
    const text = `\${K}:\n- \${A}\n- "\${A}"\n- '\${A}'\n- \${NO:-d}`;
    expect(value(text, { K: 'key', A: 'a: [1]' })).toEqual({ key: ['a: [1]', 'a: [1]', 'a: [1]', 'd'] });
  });

  test('without quotes inside brackets are a slip with a hint', () => {
    expect(() => value(`a: [\${X}]`)).toThrow(/expected a variable inside .* in quotes/);
    expect(() => value(`a: { b: \${X} }`)).toThrow(/expected a variable inside .* in quotes/);
  });

  test('never change the shape of the document', () => {
    expect(value(`a: \${X}`, { X: '1\nb: 2' })).toEqual({ a: '1\nb: 2' });
  });

  test('do not count in comments', () => {
    expect(value(`a: 1 # \${NOT_SET}`)).toEqual({ a: 1 });
  });

  test('that are not set are told with their places, all of them', () => {
    const { findings, locate } = parse(`a: \${ONE}\nb:\n  - "x\${TWO}"\n`, 'a.yaml', {});
    expect(findings.map(({ path, atKey }) => locate(path, atKey))).toEqual([
      { line: 1, column: 4 },
      { line: 3, column: 5 },
    ]);
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('ONE'), expect.stringContaining('TWO')]);
  });
});

test('Variables have no meaning where there is no environment', () => {
  expect(parse(`a: \${X}`, 'a.yaml', null).value).toEqual({ a: `\${X}` });
});

describe('A place', () => {
  const { locate } = parse('server:\n  http_addr: [a, b]\nroutes:\n  - id: x\n  - { id: y }\n', 'a.yaml', {});

  test.each([
    ['of a value', ['server', 'http_addr', 1], false, 2, 18],
    ['of a key', ['server', 'http_addr'], true, 2, 3],
    ['of a list entry', ['routes', 1], false, 5, 5],
    ['of something that is not there is its parent', ['routes', 1, 'path'], false, 5, 5],
    ['of something beyond a value is that value', ['server', 'http_addr', 0, 'x', 'y'], false, 2, 15],
    ['of the document is its start', [], false, 1, 1],
  ])('%s', (_, path, atKey, line, column) => {
    expect(locate(path, atKey)).toEqual({ line, column });
  });

  test('of what an alias brings in is where that stands', () => {
    expect(parse('a: &x { b: 1 }\nc: *x', 'a.yaml', {}).locate(['c', 'b'])).toEqual({ line: 1, column: 12 });
  });
});
