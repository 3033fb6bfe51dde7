import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../src/gateway.ts';
import { ask, ExampleUpstream, exampleFile, runExample } from './support/examples.ts';

const ISSUER = 'https://id.example.com/';

let keys: GenerateKeyPairResult;
let provider: ExampleUpstream;
let shop: ExampleUpstream;
let gateway: Gateway;

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  const published = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] });
  [provider, shop] = [await ExampleUpstream.start(), await ExampleUpstream.start()];
  provider.answer = (_, response) => void response.setHeader('Content-Type', 'application/json').end(published);
  gateway = await runExample(
    exampleFile('identity.yaml'),
    { shop: [shop] },
    {
      SLUICE_MIDDLEWARE__AUTHENTICATION__JWT__JWKS_URI: `http://${provider.address}/.well-known/jwks.json`,
      // The test stands where TLS ends, and is every client that it likes.
      SLUICE_SERVER__TRUSTED_PROXIES: '127.0.0.1/32',
    },
  );
});
beforeEach(() => {
  shop.seen.length = 0;
});
afterAll(async () => {
  await gateway.close();
  for (const upstream of [provider, shop]) upstream.close();
});

/** @param claims beside those that every token has, or in their place */
async function bearer(claims: Record<string, unknown>, key = keys.privateKey): Promise<{ authorization: string }> {
  const whole = { iss: ISSUER, aud: 'shop', sub: 'alice', exp: Math.floor(Date.now() / 1000) + 60, ...claims };
  const token = await new SignJWT(whole).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key);
  return { authorization: `Bearer ${token}` };
}

const key = (name: string) => ({ 'x-api-key': `demo-key-of-a-${name}` });
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`olga:${password}`).toString('base64')}` });
const from = (address: string) => ({ 'x-forwarded-for': address });

async function status(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return (await ask(gateway, path, { method, headers })).status;
}

describe('examples/identity.yaml:', () => {
  test('one route is open; all others are closed, those of the defaults too, and say what they take', async () => {
    expect(await ask(gateway, '/status')).toMatchObject({ status: 200, body: 'ok\n' });
    for (const path of ['/orders/1', '/catalogue/1', '/reports/1', '/anything'])
      expect([path, await status(path, {})]).toEqual([path, 401]);
    const { headers } = await ask(gateway, '/anything');
    expect(headers['www-authenticate']).toMatch(/Bearer realm="shop".*Basic realm="shop"/);
    expect(shop.seen).toEqual([]);
  });

  test('reading takes a token with one scope, writing one with both', async () => {
    const [reader, writer] = [await bearer({ scope: 'orders.read' }), await bearer({ scope: 'orders.read orders.write' })];
    expect([await status('/orders/1', reader), await status('/orders/1', writer, 'PUT')]).toEqual([200, 200]);
    const refused = await ask(gateway, '/orders/1', { method: 'DELETE', headers: reader });
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      403,
      expect.stringMatching(/error="insufficient_scope".*scope="orders.read orders.write"/),
    ]);
  });

  test.each<[string, () => ReturnType<typeof bearer>]>([
    ['of another issuer', () => bearer({ iss: 'https://id.example.org/' })],
    ['for another service', () => bearer({ aud: 'payments' })],
    ['that has expired', () => bearer({ exp: Math.floor(Date.now() / 1000) - 60 })],
    ['without a subject', () => bearer({ sub: undefined })],
    ['without an end', () => bearer({ exp: undefined })],
    ['signed by somebody else', async () => bearer({}, (await generateKeyPair('ES256')).privateKey)],
  ])('a token %s is none', async (_, make) => {
    expect(await status('/anything', await make())).toBe(401);
    expect(shop.seen).toEqual([]);
  });

  test('upstreams learn who asks, not what a client says of that, and get no credential', async () => {
    const headers = await bearer({ scope: 'orders.read', email: 'alice@example.com' });
    await ask(gateway, '/orders/1', { headers: { ...headers, 'X-User': 'root', x_email: 'root@example.com' } });
    await ask(gateway, '/catalogue/1', { headers: { ...key('partner'), 'X-Consumer': 'root' } });
    await ask(gateway, '/anything', { headers: { ...basic('demo-password-of-olga'), 'X-User': 'root' } });
    const seen = shop.seen.map(({ headers: { 'x-user': user, 'x-email': email, 'x-consumer': consumer } }) => [
      user,
      email,
      consumer,
    ]);
    expect(seen).toEqual([
      ['alice', 'alice@example.com', undefined],
      [undefined, undefined, 'partner'],
      ['olga', undefined, undefined],
    ]);
    for (const { headers: told } of shop.seen) {
      expect(Object.keys(told)).not.toContain('x_email');
      expect(Object.keys(told)).not.toContain('x-api-key');
    }
    expect(shop.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('the catalogue is for partners, not for everybody who has a key', async () => {
    const statuses = [await status('/catalogue/1', key('partner')), await status('/catalogue/1', key('supplier'))];
    expect(statuses).toEqual([200, 403]);
    expect([await status('/catalogue/1', key('stranger')), await status('/catalogue/1', await bearer({}))]).toEqual([401, 401]);
  });

  test('reports take the token of an analyst or the key of a partner', async () => {
    const roles = (...list: string[]) => bearer({ realm_access: { roles: list } });
    const headers = [
      await roles('analyst'),
      await roles('buyer', 'admin'),
      await roles('buyer'),
      key('partner'),
      key('supplier'),
    ];
    const statuses = await Promise.all(headers.map((one) => status('/reports/1', one)));
    expect(statuses).toEqual([200, 200, 403, 200, 403]);
  });

  test('the back office is for operators at their own machines in the office', async () => {
    const olga = basic('demo-password-of-olga');
    const at = (address: string, credential: Record<string, string>) =>
      status('/back-office/', { ...from(address), ...credential });
    expect(await at('203.0.113.5', olga)).toBe(200);
    expect([await at('203.0.113.66', olga), await at('198.51.100.5', olga)]).toEqual([403, 403]);
    // What the client itself says stands to the left of what the proxy says.
    expect(await at('203.0.113.5, 198.51.100.5', olga)).toBe(403);
    expect([await at('203.0.113.5', basic('wrong')), await at('203.0.113.5', key('partner'))]).toEqual([401, 401]);
    expect(shop.seen).toHaveLength(1);
  });
});
