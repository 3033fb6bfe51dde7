import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  authenticationSchema,
  checkConsumers,
  consumerShape,
  routeAuthenticationSchema,
} from '../../../src/layers/authentication/config.ts';

const consumersSchema = z.array(z.strictObject(consumerShape)).superRefine(checkConsumers);
const SECRET = 'your-256-bit-secret-key-here';
const HEX = 'ab'.repeat(32);
const PASSWORD = `scrypt:32768:8:3:${'A'.repeat(22)}:${'B'.repeat(43)}`;

/** What is wrong, as `path: message`. */
function wrongs(schema: z.ZodType, value: unknown): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('middleware.authentication', () => {
  test("seed claim: Photon's block loads as it is, with a token's secret, algorithm and field", () => {
    const block = { auth_type: 'jwt', jwt: { secret: SECRET, algorithm: 'HS256', header: 'Authorization' } };
    expect(authenticationSchema.parse(block)).toMatchObject({
      ...{ auth_type: ['jwt'], realm: 'sluice', jwt: { secret: SECRET, header: 'Authorization', algorithms: ['HS256'] } },
    });
  });

  test("seed claim: Photon's block for keys loads as it is, with its field and its parameter", () => {
    const block = { auth_type: 'api_key', api_key: { header: 'X-API-Key', query: 'api_key' } };
    expect(authenticationSchema.parse(block)).toEqual({
      ...{ auth_type: ['api_key'], realm: 'sluice', api_key: { header: 'X-API-Key', query: 'api_key' } },
    });
  });

  test('says where keys come in even when nothing was said', () => {
    expect(authenticationSchema.parse({ auth_type: ['basic', 'certificate'] })).toEqual({
      ...{ auth_type: ['basic', 'certificate'], realm: 'sluice', api_key: { header: 'X-API-Key', query: '' } },
    });
  });

  test('may define what auth_type does not use', () => {
    const block = { auth_type: 'basic', jwt: { secret: SECRET }, api_key: { query: 'k' } };
    expect(authenticationSchema.safeParse(block).success).toBe(true);
  });

  test.each([
    [{}, [/^auth_type: /]],
    [{ auth_type: [] }, [/^auth_type: /]],
    [{ auth_type: 'oauth2' }, [/^auth_type: /]],
    [{ auth_type: ['basic', 'basic'] }, [/^auth_type: /]],
    [{ auth_type: 'jwt' }, [/^auth_type: jwt needs a jwt block/]],
    [{ auth_type: ['basic', 'jwt'] }, [/^auth_type: jwt needs a jwt block/]],
    [{ auth_type: 'jwt', jwt: {} }, [/^jwt: /]],
    [{ auth_type: 'api_key', api_key: { header: '' } }, [/^api_key: a key needs a field or a parameter/]],
    [{ auth_type: 'api_key', api_key: { header: 'X Key' } }, [/^api_key\.header: not a field name/]],
    [{ auth_type: 'api_key', api_key: { header: 'Authorization' } }, [/^api_key\.header: Authorization has another meaning/]],
    [{ auth_type: 'api_key', api_key: { header: 'cookie' } }, [/^api_key\.header: cookie has/]],
    [{ auth_type: 'api_key', api_key: { header: 'Content-Type' } }, [/^api_key\.header: Content-Type has/]],
    [{ auth_type: 'api_key', api_key: { name: 'x' } }, [/^api_key: /]],
    [{ auth_type: 'basic', realm: 'a"b' }, [/^realm: not a realm/]],
    [{ auth_type: 'basic', realm: '' }, [/^realm: /]],
    [{ auth_type: 'basic', realm: 'a\\b' }, [/^realm: /]],
    [{ auth_type: 'basic', realm: 'é' }, [/^realm: /]],
    [{ auth_type: ['jwt', 'api_key'], jwt: { secret: SECRET, header: 'x-api-key' } }, [/^api_key\.header: tokens come in this/]],
  ])('%j is refused', (block, messages) => {
    expect(wrongs(authenticationSchema, block)).toEqual(messages.map((message) => expect.stringMatching(message)));
  });

  test('oauth2 and oidc are told to be for another version', () => {
    expect(JSON.stringify(authenticationSchema.safeParse({ auth_type: 'oauth2' }).error)).toMatch(/not in this version/);
    expect(JSON.stringify(authenticationSchema.safeParse({ auth_type: ['oidc'] }).error)).toMatch(/not in this version/);
    expect(JSON.stringify(authenticationSchema.safeParse({ auth_type: 'digest' }).error)).not.toMatch(/not in this version/);
  });
});

describe('authentication of a route', () => {
  test('of nothing asks who it is and no more', () => {
    expect(routeAuthenticationSchema.parse({})).toEqual({ scopes: [], claims: {}, consumers: [], groups: [], match: 'all' });
  });

  test('has the values of claims as texts in lists', () => {
    const claims = { role: ['admin', 1], level: 3, verified: true, 'https://a/b': 'x' };
    const texts = { role: ['admin', '1'], level: ['3'], verified: ['true'], 'https://a/b': ['x'] };
    expect(routeAuthenticationSchema.parse({ claims }).claims).toEqual(texts);
  });

  test.each([
    [{ methods: [] }, /^methods: an empty list/],
    [{ methods: ['jwt', 'jwt'] }, /^methods: .*twice/],
    [{ methods: ['token'] }, /^methods\.0: /],
    [{ scopes: ['a b'] }, /^scopes\.0: not a scope/],
    [{ scopes: ['a"'] }, /^scopes\.0: not a scope/],
    [{ scopes: 'a' }, /^scopes: /],
    [{ claims: { role: [] } }, /^claims\.role: /],
    [{ claims: { role: { a: 1 } } }, /^claims\.role: /],
    [{ match: 'some' }, /^match: /],
    [{ methods: ['api_key'], scopes: ['a'] }, /^scopes: only tokens have scopes/],
    [{ methods: ['basic'], claims: { a: 'b' } }, /^claims: only tokens have claims/],
    [{ role: 'admin' }, /^: /],
  ])('%j is refused', (block, message) => {
    expect(wrongs(routeAuthenticationSchema, block)).toEqual([expect.stringMatching(message)]);
  });
});

describe('consumers', () => {
  test('are read with their credentials in one spelling', () => {
    const alice = {
      name: 'alice',
      api_keys: [`sha256:${HEX.toUpperCase()}`],
      basic: PASSWORD,
      certificates: ['alice', `${HEX}`],
    };
    expect(consumersSchema.parse([alice, { name: 'bob', groups: ['admin'] }])).toMatchObject([
      { name: 'alice', api_keys: [`sha256:${HEX}`], certificates: ['CN:alice', `sha256:${HEX}`], groups: [] },
      { name: 'bob', api_keys: [], certificates: [], groups: ['admin'] },
    ]);
  });

  test('are plain data', () => {
    const read = consumersSchema.parse([{ name: 'alice', api_keys: [`sha256:${HEX}`], basic: PASSWORD, certificates: ['a'] }]);
    expect(structuredClone(read)).toEqual(read);
  });

  test.each([
    ['two of a name', [{ name: 'a' }, { name: 'a' }], ['1.name: there is a consumer "a" already']],
    ['no name', [{ name: '' }], [/^0\.name: /]],
    ['a name that no user can have', [{ name: 'a:b' }], [/^0\.name: /]],
    [
      'a key of two',
      [
        { name: 'a', api_keys: [`sha256:${HEX}`] },
        { name: 'b', api_keys: [`sha256:${HEX.toUpperCase()}`] },
      ],
      ['1.api_keys.0: this key is that of a already'],
    ],
    ['a key twice', [{ name: 'a', api_keys: [`sha256:${HEX}`, `sha256:${HEX}`] }], ['0.api_keys.1: this key is there twice']],
    [
      'a certificate of two',
      [
        { name: 'a', certificates: ['x'] },
        { name: 'b', certificates: ['CN=x'] },
      ],
      ['1.certificates.0: this certificate is that of a already'],
    ],
    ['an empty certificate', [{ name: 'a', certificates: [''] }], [/^0\.certificates\.0: not the name/]],
    ['an unknown key', [{ name: 'a', apikeys: [] }], [/^0: /]],
  ])('with %s are refused', (_, consumers, messages) => {
    expect(wrongs(consumersSchema, consumers)).toEqual(messages.map((message) => expect.stringMatching(message)));
  });

  test.each([
    ['api_keys', ['hunter2-hunter2']],
    ['api_keys', ['sha256:hunter2']],
    ['api_keys', [1234567]],
    ['api_keys', 'hunter2-hunter2'],
    ['api_keys', 1234567],
    ['basic', 'hunter2'],
    ['basic', 'scrypt:hunter2'],
    ['basic', 1234567],
  ])('with a plain secret in %s are refused without showing it, and told of sluice hash', (key, value) => {
    const { error } = consumersSchema.safeParse([{ name: 'alice', [key]: value }]);
    const text = JSON.stringify(error?.issues);
    expect(text).toMatch(/sluice hash/);
    expect(text).not.toMatch(/hunter2|1234567/);
  });
});
