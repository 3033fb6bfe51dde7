import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { Reply } from '../../../src/http/reply.ts';
import type { Refused } from '../../../src/layers/authentication/method.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { basicField } from './consumer-of.ts';
import { challenges, gateOf, problemOf, TOKEN_OF_CAROL } from './gate.ts';

const EXPIRED: Refused = { refused: 'invalid_token', description: 'The token has expired' };
const TWO_TOKENS: Refused = { refused: 'invalid_request', description: 'There is more than one token' };

describe('A request without a credential', () => {
  test('seed claim: is answered with 401 and a challenge for each method, not with 500', async () => {
    const { ask, seen, counts } = gateOf(['jwt', 'api_key', 'basic', 'certificate']);
    const reply = await ask();
    expect(reply.status).toBe(401);
    expect(challenges(reply)).toEqual([
      'Bearer realm="sluice"',
      'ApiKey realm="sluice"',
      'Basic realm="sluice", charset="UTF-8"',
      'Certificate realm="sluice"',
    ]);
    expect(problemOf(reply)).toMatchObject({ status: 401, code: 'credential_missing' });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect([seen, counts()]).toEqual([[], { 'none missing': 1 }]);
  });

  test('is challenged by the methods of its route alone', async () => {
    const { ask } = gateOf(['jwt', 'api_key', 'basic'], { methods: ['basic'] });
    expect(challenges(await ask({ 'X-API-Key': 'key-of-alice' }))).toEqual(['Basic realm="sluice", charset="UTF-8"']);
  });
});

describe('An API key', () => {
  test.each([
    ['field', { 'X-API-Key': 'key-of-alice', Accept: '*/*' }, '/a?x=1'],
    ['query, which Photon never read,', { Accept: '*/*' }, '/a?api_key=key-of-alice&x=1'],
  ])('seed claim: in the %s proves who asks, and does not reach the upstream', async (_, fields, target) => {
    const { ask, seen, counts } = gateOf(['api_key']);
    expect((await ask(fields, { target })).status).toBe(200);
    expect(seen).toEqual([
      {
        target: '/a?x=1',
        fields: ['Accept', '*/*'],
        identity: expect.objectContaining({ consumer: 'alice', method: 'api_key' }),
      },
    ]);
    expect(counts()).toEqual({ 'api_key accepted': 1 });
  });

  test('is checked without waiting for anything', () => {
    expect(gateOf(['api_key']).ask({ 'X-API-Key': 'key-of-bob' })).toBeInstanceOf(Reply);
  });

  test('of nobody is answered with 401', async () => {
    const { ask, seen, counts } = gateOf(['api_key']);
    const reply = await ask({ 'X-API-Key': 'guess' });
    expect([reply.status, challenges(reply), seen, counts()]).toEqual([
      ...[401, ['ApiKey realm="sluice"'], [], { 'api_key refused': 1 }],
    ]);
    expect(problemOf(reply)).toMatchObject({ code: 'credential_refused', detail: 'The key is not valid' });
  });

  test('that was not needed does not reach the upstream either', async () => {
    const { ask, jwt, seen } = gateOf(['jwt', 'api_key', 'basic']);
    jwt.find = () => TOKEN_OF_CAROL;
    await ask({ 'X-API-Key': 'key-of-alice', Authorization: basicField('x', 'y') }, { target: '/?api_key=key-of-bob' });
    expect(seen).toEqual([{ target: '/', fields: [], identity: TOKEN_OF_CAROL }]);
  });

  test('goes on where the route does not look for keys: it is the upstream’s', async () => {
    const { ask, jwt, seen } = gateOf(['jwt', 'api_key'], { methods: ['jwt'] });
    jwt.find = () => TOKEN_OF_CAROL;
    await ask({ 'X-API-Key': 'of-the-upstream' });
    expect(seen[0]?.fields).toEqual(['X-API-Key', 'of-the-upstream']);
  });
});

describe('A password', () => {
  test('proves who asks, and does not reach the upstream', async () => {
    const { ask, seen } = gateOf(['basic']);
    for (let times = 0; times < 2; times++)
      expect((await ask({ Authorization: basicField('alice', 'open sesame') })).status).toBe(200);
    expect(seen.map(({ fields, identity }) => [fields, identity?.consumer])).toEqual(Array(2).fill([[], 'alice']));
  });

  test('that is wrong is answered with the same as a name that is nobody', async () => {
    const replies = ['alice', 'nobody'].map((user) => gateOf(['basic']).ask({ Authorization: basicField(user, 'guess') }));
    const [wrong, unknown] = await Promise.all(replies);
    expect(String(wrong?.body)).toBe(String(unknown?.body));
    expect(wrong?.headers.lines()).toBe(unknown?.headers.lines());
    expect(wrong?.status).toBe(401);
  });

  test('is not waited for when the client has gone', async () => {
    const { handler, seen } = gateOf(['basic']);
    const exchange = exchangeOf();
    exchange.headers.append('Authorization', basicField('alice', 'open sesame'));
    const reply = handler(exchange);
    exchange.cancel(new GatewayError('client_gone'));
    await expect(reply).rejects.toMatchObject({ code: 'client_gone' });
    expect(seen).toEqual([]);
  });
});

test('A certificate proves who asks', async () => {
  const certificate = { subject: 'CN=bob', commonName: 'bob', names: [], fingerprint: '00'.repeat(32), notAfter: 0 };
  const { ask, seen } = gateOf(['certificate']);
  expect(await ask({}, { peer: { certificate } })).toMatchObject({ status: 200 });
  expect(seen[0]?.identity).toMatchObject({ method: 'certificate', subject: 'bob', consumer: 'bob' });
});

describe('A token', () => {
  test('RFC 6750 §3: that does not hold is told why, in its own challenge', async () => {
    const { ask, jwt, counts } = gateOf(['jwt', 'basic']);
    jwt.find = () => EXPIRED;
    const reply = await ask();
    expect([reply.status, challenges(reply)]).toEqual([
      401,
      [
        'Bearer realm="sluice", error="invalid_token", error_description="The token has expired"',
        'Basic realm="sluice", charset="UTF-8"',
      ],
    ]);
    expect(counts()).toEqual({ 'jwt refused': 1 });
  });

  test('RFC 6750 §3.1: that contradicts itself is answered with 400', async () => {
    const { ask, jwt } = gateOf(['jwt']);
    jwt.find = () => Promise.resolve(TWO_TOKENS);
    const reply = await ask();
    expect([reply.status, problemOf(reply)['code']]).toEqual([400, 'credential_malformed']);
    expect(challenges(reply)).toEqual([expect.stringContaining('error="invalid_request"')]);
  });

  test('RFC 6750 §3.1: with too few scopes is answered with 403 and the scopes', async () => {
    const { ask, jwt, seen, counts } = gateOf(['jwt'], { scopes: ['users:read', 'users:write'] });
    jwt.find = () => TOKEN_OF_CAROL;
    const reply = await ask();
    expect([reply.status, challenges(reply), seen]).toEqual([
      ...[403, ['Bearer realm="sluice", error="insufficient_scope", scope="users:read users:write"'], []],
    ]);
    expect([problemOf(reply)['code'], counts()]).toEqual(['access_denied', { 'jwt forbidden': 1 }]);
  });

  test('that cannot be verified now is no 401: asking again may help', async () => {
    const { ask, jwt, counts } = gateOf(['jwt', 'api_key']);
    jwt.find = () => {
      throw new GatewayError('identity_unavailable');
    };
    expect(() => ask({ 'X-API-Key': 'guess' })).toThrow(expect.objectContaining({ status: 503 }));
    jwt.find = () => Promise.reject(new GatewayError('identity_unavailable'));
    await expect(ask()).rejects.toMatchObject({ code: 'identity_unavailable' });
    expect(counts()).toEqual({ 'jwt unavailable': 2 });
  });
});

describe('Several credentials', () => {
  test.each([
    ['is refused', () => EXPIRED],
    ['is refused later', () => Promise.resolve(EXPIRED)],
    ['is absent, as is known later', () => Promise.resolve(undefined)],
    ['contradicts itself', () => TWO_TOKENS],
    ['cannot be verified', () => Promise.reject(new GatewayError('identity_unavailable'))],
    [
      'cannot be verified, as is known at once',
      () => {
        throw new GatewayError('identity_unavailable');
      },
    ],
  ])('let in when the first %s and the second holds', async (_, find) => {
    const { ask, jwt, seen, counts } = gateOf(['jwt', 'api_key']);
    jwt.find = find;
    expect((await ask({ 'X-API-Key': 'key-of-bob' })).status).toBe(200);
    expect([seen[0]?.identity?.consumer, counts()]).toEqual(['bob', { 'api_key accepted': 1 }]);
  });

  test('are tried in the order of the route until one holds', async () => {
    const { ask, jwt, seen } = gateOf(['jwt', 'api_key'], { methods: ['api_key', 'jwt'] });
    jwt.find = () => TOKEN_OF_CAROL;
    await ask({ 'X-API-Key': 'key-of-bob' });
    expect([jwt.asked, seen[0]?.identity?.consumer]).toEqual([0, 'bob']);
    await ask({ 'X-API-Key': 'guess' });
    expect([jwt.asked, seen[1]?.identity?.subject]).toEqual([1, 'carol']);
  });

  test('that all fail are answered by the first that was shown', async () => {
    const { ask, jwt } = gateOf(['api_key', 'jwt']);
    jwt.find = () => EXPIRED;
    const reply = await ask({ 'X-API-Key': 'guess' });
    expect(challenges(reply)).toEqual(['ApiKey realm="sluice"', 'Bearer realm="sluice"']);
  });

  test('are not tried after a fault of ours: it must not let another decide', async () => {
    const { ask, jwt, seen } = gateOf(['jwt', 'api_key']);
    jwt.find = () => {
      throw new RangeError('a fault');
    };
    expect(() => ask({ 'X-API-Key': 'key-of-bob' })).toThrow(RangeError);
    jwt.find = () => Promise.reject(new RangeError('a fault'));
    await expect(ask({ 'X-API-Key': 'key-of-bob' })).rejects.toThrow(RangeError);
    expect(seen).toEqual([]);
  });
});

describe('Who is known', () => {
  test.each([
    [{ groups: ['admin'] }, 'key-of-alice', 200],
    [{ groups: ['admin'] }, 'key-of-bob', 403],
    [{ consumers: ['bob'] }, 'key-of-bob', 200],
    [{ consumers: ['bob'] }, 'key-of-alice', 403],
    [{ consumers: ['bob'], groups: ['admin'] }, 'key-of-alice', 403],
    [{ consumers: ['bob'], groups: ['admin'], match: 'any' }, 'key-of-alice', 200],
  ])('by a route that asks for %j, with %s: %i', async (route, key, status) => {
    const { ask, seen } = gateOf(['api_key'], route);
    const reply = await ask({ 'X-API-Key': key });
    expect([reply.status, seen.length, challenges(reply)]).toEqual([status, status === 200 ? 1 : 0, []]);
  });

  test('goes on synchronously, and as the reply of the next layer', () => {
    const { jwt, ask } = gateOf(['jwt']);
    jwt.find = () => TOKEN_OF_CAROL;
    expect(ask()).toBeInstanceOf(Reply);
  });
});

test('A route cannot ask for a method that nobody defined', () => {
  expect(() => gateOf(['api_key'], { methods: ['basic'] })).toThrow('there is no method basic');
});
