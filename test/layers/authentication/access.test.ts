import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../src/http/identity.ts';
import { access } from '../../../src/layers/authentication/access.ts';

const NOTHING = { scopes: [], claims: {}, consumers: [], groups: [], match: 'all' } as const;

const ALICE: Identity = {
  method: 'jwt',
  subject: 'alice',
  consumer: 'alice',
  groups: ['staff', 'admin'],
  scopes: ['users:read', 'users:write'],
  claims: {
    ...{ role: 'admin', level: 3, verified: true, nothing: null, empty: '' },
    ...{ teams: ['a', 'b', 7, { name: 'c' }], nested: { roles: ['x'], deep: { flag: false } } },
    ...{ 'https://example.com/role': 'owner', 'nested.shadow': 'flat' },
  },
};
const NOBODY: Identity = { method: 'certificate', subject: undefined, consumer: undefined, groups: [], scopes: [], claims: {} };

type Demands = Partial<Parameters<typeof access>[0]>;
const lets = (demands: Demands, identity = ALICE) => access({ ...NOTHING, ...demands })(identity);

describe('A route', () => {
  const rows: [string, Demands, boolean][] = [
    ['that asks for nothing', {}, true],
    ['for a scope that is held', { scopes: ['users:read'] }, true],
    ['for scopes that are all held', { scopes: ['users:read', 'users:write'] }, true],
    ['for scopes of which one is not held', { scopes: ['users:read', 'users:delete'] }, false],
    ['for part of a scope', { scopes: ['users'] }, false],
    ['for a consumer of several', { consumers: ['bob', 'alice'] }, true],
    ['for another consumer', { consumers: ['bob'] }, false],
    ['for one of the groups', { groups: ['guests', 'admin'] }, true],
    ['for another group', { groups: ['guests'] }, false],
    ['for a claim with its value', { claims: { role: ['admin'] } }, true],
    ['for a claim with one of several values', { claims: { role: ['user', 'admin'] } }, true],
    ['for a claim with another value', { claims: { role: ['user'] } }, false],
    ['for a claim in another case', { claims: { role: ['Admin'] } }, false],
    ['for a number', { claims: { level: ['3'] } }, true],
    ['for another number', { claims: { level: ['30'] } }, false],
    ['for true', { claims: { verified: ['true'] } }, true],
    ['for what a list has', { claims: { teams: ['b'] } }, true],
    ['for a number that a list has', { claims: { teams: ['7'] } }, true],
    ['for what a block in a list has', { claims: { teams: ['c', '[object Object]'] } }, false],
    ['for all of two claims', { claims: { role: ['admin'], teams: ['a'] } }, true],
    ['for two claims of which one is not held', { claims: { role: ['admin'], teams: ['z'] } }, false],
    ['for a claim whose name has dots', { claims: { 'https://example.com/role': ['owner'] } }, true],
    ['for a claim one step down', { claims: { 'nested.roles': ['x'] } }, true],
    ['for a claim two steps down', { claims: { 'nested.deep.flag': ['false'] } }, true],
    ['for a claim with a dot before one a step down', { claims: { 'nested.shadow': ['flat'] } }, true],
    ['for steps that lead nowhere', { claims: { 'nested.none.flag': ['x'] } }, false],
    ['for steps into a text', { claims: { 'role.length': ['5'] } }, false],
    ['for steps into a list', { claims: { 'teams.0': ['a'], 'teams.length': ['4'] } }, false],
    ['for a block', { claims: { nested: ['[object Object]'] } }, false],
    ['for null', { claims: { nothing: ['null', ''] } }, false],
    ['for an absent claim', { claims: { absent: ['undefined', ''] } }, false],
    ['for an empty text', { claims: { empty: [''] } }, true],
    ['for what objects inherit', { claims: { 'constructor.name': ['Object'] } }, false],
    ['for what blocks inherit', { claims: { 'nested.constructor.name': ['Object'] } }, false],
    ['for what their prototype has', { claims: { 'nested.__proto__.x': ['undefined'] } }, false],
  ];

  test.each(rows)('%s: %j is answered with %s', (_, demands, expected) => {
    expect(lets(demands)).toBe(expected);
    expect(lets({ ...demands, match: 'any' })).toBe(expected);
  });

  test.each<[Demands, boolean, boolean]>([
    [{ scopes: ['users:read'], groups: ['admin'] }, true, true],
    [{ scopes: ['none'], groups: ['admin'] }, false, true],
    [{ scopes: ['none'], groups: ['guests'] }, false, false],
    [{ consumers: ['bob'], claims: { role: ['admin'] } }, false, true],
    [{ scopes: ['users:read'], claims: { role: ['admin'] }, consumers: ['alice'], groups: ['staff'] }, true, true],
    [{ scopes: ['users:read'], claims: { role: ['admin'] }, consumers: ['alice'], groups: ['guests'] }, false, true],
    // What is not listed is no kind: it is neither held nor missing.
    [{ scopes: ['none'], groups: [] }, false, false],
  ])('that lists %j answers with %s for all and %s for any', (demands, all, any) => {
    expect([lets({ ...demands, match: 'all' }), lets({ ...demands, match: 'any' })]).toEqual([all, any]);
  });

  test('that asks for nothing lets in whoever is known, and no other demand does', () => {
    expect(lets({}, NOBODY)).toBe(true);
    for (const demand of [{ scopes: ['a'] }, { claims: { a: ['b'] } }, { consumers: ['a'] }, { groups: ['a'] }]) {
      expect([lets(demand, NOBODY), lets({ ...demand, match: 'any' }, NOBODY)]).toEqual([false, false]);
    }
  });

  test('is answered whatever a token holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.string(), (claims, name, value) => {
        const answer = lets({ claims: { [name]: [value] } }, { ...ALICE, claims });
        return (
          typeof answer === 'boolean' &&
          (!answer || name.split('.').some((step) => Object.hasOwn(claims, step) || Object.hasOwn(claims, name)))
        );
      }),
    );
  });
});
