import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reply } from '../../../src/http/reply.ts';
import { asked, preflight } from './asked.ts';

const APP = 'https://app.example.com';
const VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
const REFUSED = { status: 204, fields: { vary: VARY }, passed: 0 };
const allowed = async (...args: Parameters<typeof preflight>) =>
  (await preflight(...args)).fields['access-control-allow-origin'] !== undefined;

describe('A preflight', () => {
  test('is answered by the layer, and not sent on', async () => {
    const config = {
      allowed_methods: ['GET', 'PUT'],
      allowed_headers: ['Content-Type', 'X-A'],
      max_age: '10m',
      credentials: true,
    };
    expect(await preflight(config, APP, 'PUT', 'Access-Control-Request-Headers: content-type,x-a')).toEqual({
      status: 204,
      passed: 0,
      fields: {
        vary: VARY,
        'access-control-allow-origin': APP,
        'access-control-allow-methods': 'GET, PUT, HEAD',
        'access-control-allow-headers': 'content-type, x-a',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '600',
      },
    });
  });

  test('without credentials, an age or fields says nothing of them', async () => {
    const { fields } = await preflight({}, APP, 'POST');
    expect(fields).toEqual({
      vary: VARY,
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, HEAD, POST',
    });
  });

  test('of any origin is told so, and without a word about credentials', async () => {
    const { fields } = await preflight({ allowed_origins: ['*'] }, 'https://anyone.example', 'GET');
    expect(fields).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(fields).not.toHaveProperty('access-control-allow-credentials');
  });

  test.each([
    ['an origin that is not allowed', 'https://evil.example', 'GET'],
    ['one that ends alike', 'https://evilapp.example.com', 'GET'],
    ['null', 'null', 'GET'],
    ['none', '', 'GET'],
    ['several', `${APP}, ${APP}`, 'GET'],
    ['a huge one', `${APP}${'.a'.repeat(10_000)}`, 'GET'],
    ['bytes', '\xff\xfe', 'GET'],
    ['a method that is not allowed', APP, 'DELETE'],
    ['another case of one', APP, 'get'],
    ['two methods', APP, 'GET, POST'],
    ['what is no method', APP, 'G\xc9T'],
    ['a star for a method', APP, '*'],
  ])('that asks with %s is refused with what is missing', async (_, origin, method) => {
    expect(await preflight({}, origin, method)).toEqual(REFUSED);
  });

  test('for GET or POST is refused where they are not listed, though a browser needs no word for them', async () => {
    expect(await allowed({ allowed_methods: ['PUT'] }, APP, 'POST')).toBe(false);
    expect(await allowed({ allowed_methods: ['GET'] }, APP, 'HEAD')).toBe(true);
    expect(await allowed({ allowed_methods: ['POST'] }, APP, 'HEAD')).toBe(false);
  });

  test('for any method is told the star, never what it asked for', async () => {
    const { fields } = await preflight({ allowed_methods: ['*'] }, APP, 'EVIL');
    expect(fields['access-control-allow-methods']).toBe('*');
  });

  test.each([
    ['the allowed of them', ['X-A'], 'x-a,x-b', 'x-a'],
    ['each once', ['X-A', 'X-B'], 'x-a, X-B ,x-a', 'x-a, x-b'],
    ['none', ['X-A'], 'x-b', undefined],
    ['none that were not asked for', ['X-A', 'X-B'], '', undefined],
    ['any but Authorization, by the star', ['*'], 'x-a,authorization,x-b', 'x-a, x-b'],
    ['Authorization by its name beside the star', ['*', 'Authorization'], 'x-a,authorization', 'x-a, authorization'],
    ['nothing that is no name', ['*'], 'x a,x\xe9,x:y,"x",,;', undefined],
    ['nothing that is too long', ['*'], 'x'.repeat(200), undefined],
    ['nothing of a thousand commas', ['*'], ','.repeat(1000), undefined],
  ])('is told of the fields that it asks for %s', async (_, allowed_headers, fields, expected) => {
    const reply = await preflight({ allowed_headers }, APP, 'GET', `Access-Control-Request-Headers: ${fields}`);
    expect(reply.fields['access-control-allow-headers']).toBe(expected);
  });

  test('may come with its fields in several lines', async () => {
    const lines = ['Access-Control-Request-Headers: x-a', 'Access-Control-Request-Headers: x-b'];
    const reply = await preflight({ allowed_headers: ['X-A', 'X-B'] }, APP, 'GET', ...lines);
    expect(reply.fields['access-control-allow-headers']).toBe('x-a, x-b');
  });

  test('into a private network is let in where that is configured and asked for', async () => {
    const asks = (value: string) => `Access-Control-Request-Private-Network: ${value}`;
    const given = async (private_network: boolean, ...lines: string[]) =>
      (await preflight({ private_network }, APP, 'GET', ...lines)).fields['access-control-allow-private-network'];
    expect(await given(true, asks('true'))).toBe('true');
    expect(await given(true)).toBeUndefined();
    expect(await given(true, asks('yes'))).toBeUndefined();
    expect(await given(false, asks('true'))).toBeUndefined();
    const { fields } = await preflight({ private_network: true }, 'https://evil.example', 'GET', asks('true'));
    expect(fields).toEqual({ vary: `${VARY}, Access-Control-Request-Private-Network` });
  });

  test('of an age below a second is remembered for none', async () => {
    expect((await preflight({ max_age: '999ms' }, APP, 'GET')).fields['access-control-max-age']).toBe('0');
  });
});

describe('What is no preflight', () => {
  test.each([
    ['OPTIONS alone', 'OPTIONS', []],
    ['OPTIONS of a page that asks for nothing', 'OPTIONS', [`Origin: ${APP}`]],
    ['OPTIONS with an empty method', 'OPTIONS', [`Origin: ${APP}`, 'Access-Control-Request-Method:']],
    ['OPTIONS of nobody', 'OPTIONS', ['Access-Control-Request-Method: GET']],
    ['another method', 'GET', [`Origin: ${APP}`, 'Access-Control-Request-Method: GET']],
    ['another case', 'options', [`Origin: ${APP}`, 'Access-Control-Request-Method: GET']],
  ])('goes on: %s', async (_, method, fields) => {
    expect(await asked({}, method, fields, () => new Reply(200))).toMatchObject({ status: 200, passed: 1 });
  });
});

test('whatever a preflight says, it is answered 204, and only what is configured is allowed', async () => {
  const text = fc.string({
    unit: fc.constantFrom(...'aAxX-.,:/*"@\t \xe9\xff', 'https://', APP, 'null', 'GET', 'x-a'),
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(text, text, text, async (origin, method, fields) => {
      const asks = `Access-Control-Request-Headers: ${fields}`;
      const reply = await preflight({ allowed_headers: ['X-A'] }, origin, `${method}`, asks);
      if (reply.passed === 1) expect(method.trim()).toBe('');
      else {
        const { 'access-control-allow-origin': allows, 'access-control-allow-headers': names } = reply.fields;
        expect([undefined, APP]).toContain(allows);
        if (allows !== undefined)
          expect([origin.trim(), ['GET', 'HEAD', 'POST']]).toEqual([APP, expect.arrayContaining([method.trim()])]);
        expect([undefined, 'x-a']).toContain(names);
      }
    }),
    { numRuns: 500 },
  );
});
