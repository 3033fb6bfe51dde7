import { describe, expect, test } from 'vitest';
import { tokenIdentity } from '../../../../src/layers/authentication/jwt/token-identity.ts';

const identity = (text: string) => tokenIdentity(JSON.parse(text));

describe('The identity that a token proves', () => {
  test('is its subject, with all claims, and no consumer', () => {
    const claims = '{"sub":"alice","role":"admin","realm_access":{"roles":["a"]}}';
    expect(identity(claims)).toEqual({
      method: 'jwt',
      subject: 'alice',
      consumer: undefined,
      groups: [],
      scopes: [],
      claims: JSON.parse(claims),
    });
  });

  test.each([
    ['{"scope":"a b"}', ['a', 'b']],
    ['{"scope":"  a  b a "}', ['a', 'b']],
    ['{"scope":["a","b c"]}', ['a', 'b', 'c']],
    ['{"scp":"a b"}', ['a', 'b']],
    ['{"scp":["a","b"]}', ['a', 'b']],
    ['{"scopes":["a"],"scp":"b","scope":"c"}', ['c', 'b', 'a']],
    ['{"scope":""}', []],
    ['{"scope":1}', []],
    ['{"scope":["a",1]}', []],
    ['{"scope":{"a":1}}', []],
    ['{"scp":null}', []],
    ['{"__proto__":{"scope":"admin"}}', []],
  ])('has the scopes of %s', (claims, scopes) => {
    expect(identity(claims).scopes).toEqual(scopes);
  });

  test.each([
    ['{"groups":["a","b"]}', ['a', 'b']],
    ['{"groups":"a"}', []],
    ['{"groups":["a",1]}', []],
    ['{"groups":{}}', []],
    ['{"__proto__":{"groups":["admin"]}}', []],
  ])('has the groups of %s', (claims, groups) => {
    expect(identity(claims).groups).toEqual(groups);
  });

  test('cannot be changed, in any part', () => {
    const { claims, groups, scopes } = identity('{"sub":"a","groups":["g"],"scope":"s","deep":{"list":[{}]}}');
    const { deep } = claims as { deep: { list: object[] } };
    const parts = [claims, groups, scopes, claims['groups'], deep, deep.list, deep.list[0]];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });

  test('has no subject where the token has none', () => {
    expect(identity('{"__proto__":{"sub":"admin"}}').subject).toBeUndefined();
  });
});
