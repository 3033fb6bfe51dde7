import { describe, expect, test } from 'vitest';
import { when } from '../../src/config/when.ts';
import { Headers } from '../../src/http/headers.ts';
import { LinearRegex, linearRegex } from '../../src/lib/linear-regex.ts';
import { condition, describeWhen, unfulfilled } from '../../src/snapshot/condition.ts';
import { exchangeOf } from '../support/exchanges.ts';

function regexes(text: string): LinearRegex {
  const regex = linearRegex(text);
  if (regex instanceof LinearRegex) return regex;
  throw new Error(regex);
}

const asked = (target: string, ...fields: [string, string][]) => exchangeOf({ target, headers: Headers.from(fields) });
const holds = (written: unknown, ...of: Parameters<typeof asked>) => condition(when().parse(written), regexes)(asked(...of));

describe('A condition', () => {
  test.each<[unknown, boolean, [string, string][]]>([
    [{ header: 'X-A', present: true }, true, [['x-a', '']]],
    [{ header: 'X-A', present: true }, false, [['X-B', '1']]],
    [{ header: 'X-A', present: false }, true, []],
    [{ header: 'X-A', equals: '1' }, true, [['X-A', '1']]],
    [{ header: 'X-A', equals: '' }, false, []],
    [
      { header: 'X-A', equals: '1' },
      false,
      [
        ['X-A', '1'],
        ['X-A', '1'],
      ],
    ],
    [
      { header: 'X-A', matches: '^1, 2$' },
      true,
      [
        ['X-A', '1'],
        ['X-A', '2'],
      ],
    ],
    [{ header: 'X-A', matches: '' }, false, []],
    [{ cookie: 'a', equals: '1' }, true, [['Cookie', 'b=2; a=1']]],
    [{ cookie: 'a', present: true }, false, [['Cookie', 'b=2; A=1']]],
    [
      { cookie: 'a', matches: '^1' },
      true,
      [
        ['Cookie', 'b=2'],
        ['Cookie', 'a="12"'],
      ],
    ],
    [{ accept: 'text/html' }, true, []],
    [{ accept: 'text/html' }, false, [['Accept', 'application/json']]],
    [
      { accept: 'text/html' },
      true,
      [
        ['Accept', 'application/json'],
        ['Accept', 'text/*;q=0.1'],
      ],
    ],
    [{ version: { is: '2' } }, true, [['X-API-Version', ' v2 ']]],
    [{ version: { is: 'v2' } }, true, [['X-API-Version', '2']]],
    [{ version: { is: '2' } }, false, [['X-API-Version', '2.0']]],
    [{ version: { is: '2' } }, false, []],
    [{ version: { accept: 'version', is: '2' } }, true, [['Accept', 'a/b, application/json;Version=2']]],
    [{ version: { accept: 'version', is: '2' } }, false, [['Accept', 'application/json;version=2;q=0']]],
    [{ version: { accept: 'version', is: '2' } }, false, []],
    [
      {
        all: [
          { header: 'a', present: true },
          { header: 'b', present: true },
        ],
      },
      false,
      [['a', '']],
    ],
    [
      {
        any: [
          { header: 'a', present: true },
          { header: 'b', present: true },
        ],
      },
      true,
      [['b', '']],
    ],
    [
      {
        any: [
          { header: 'a', present: true },
          { header: 'b', present: true },
        ],
      },
      false,
      [],
    ],
    [
      {
        not: {
          any: [
            { header: 'a', present: true },
            { header: 'b', present: true },
          ],
        },
      },
      false,
      [['b', '']],
    ],
    [
      {
        not: {
          all: [
            { header: 'a', present: true },
            { header: 'b', present: true },
          ],
        },
      },
      true,
      [['b', '']],
    ],
  ])('%j is %j of %j', (written, expected, fields) => {
    expect(holds(written, '/', ...fields)).toBe(expected);
  });

  test.each([
    [{ query: 'v', equals: '2' }, '/?v=2', true],
    [{ query: 'v', equals: '2' }, '/?w=2&v=3&v=2', false],
    [{ query: 'v', present: true }, '/a?v', true],
    [{ query: 'v', present: true }, '/v', false],
    [{ query: 'a b', matches: '^ä$' }, '/?a+b=%C3%A4', true],
    [{ version: { query: 'v', is: '2' } }, '/?v=v2', true],
  ])('%j of %s is %j', (written, target, expected) => {
    expect(holds(written, target)).toBe(expected);
  });

  test('says in words which part of it a request does not fulfil', () => {
    const parsed = when().parse({
      all: [
        { header: 'X-A', equals: '1' },
        {
          any: [
            { query: 'v', matches: '^2' },
            { cookie: 'c', present: false },
          ],
        },
        { not: { accept: 'text/html' } },
        { version: { is: '2' } },
      ],
    });
    const why = (...of: Parameters<typeof asked>) => unfulfilled(parsed, asked(...of), regexes);
    expect(why('/')).toBe('header x-a equals "1"');
    expect(why('/', ['X-A', '1'], ['Cookie', 'c=1'])).toBe('any of (query v matches "^2", cookie c is not present)');
    expect(why('/', ['X-A', '1'])).toBe('not (accepts text/html)');
    expect(why('/', ['X-A', '1'], ['Accept', 'a/b'])).toBe('version in header x-api-version is 2');
    expect(why('/', ['X-A', '1'], ['Accept', 'a/b'], ['X-API-Version', '2'])).toBeUndefined();
    expect(describeWhen(parsed)).toMatch(/^all of \(header x-a equals "1", any of \(.*\), not \(accepts text\/html\), version/);
  });
});
