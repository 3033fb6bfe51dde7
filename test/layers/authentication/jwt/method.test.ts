import { describe, expect, test } from 'vitest';
import { Headers } from '../../../../src/http/headers.ts';
import { exchangeOf } from '../../../support/exchanges.ts';
import { JwksServer } from './jwks-server.ts';
import { bearer, JwtRig } from './open-method.ts';
import { OTHER_SECRET, SECRET, secretKey, signer, token } from './signing.ts';

const key = secretKey(SECRET);
const made = (claims: object = { sub: 'alice' }, header = {}) => token('HS256', key, { ...claims }, header);
const asking = (...fields: [string, string][]) => exchangeOf({ headers: Headers.from(fields) });

describe('A request', () => {
  test('without a token shows none', async () => {
    const rig = new JwtRig({ secret: SECRET });
    expect(rig.method.identify(exchangeOf())).toBeUndefined();
    expect(rig.method.identify(asking(['Authorization', 'Basic YTpi']))).toBeUndefined();
    expect(rig.counts()).toEqual({});
  });

  test.each([
    [[['Authorization', 'Bearer garbage']], 'invalid_token', 'the token does not have three parts'],
    [[['Authorization', 'Bearer']], 'invalid_request', 'the request shows no token after Bearer'],
    [
      [
        ['Authorization', `Bearer ${made()}`],
        ['Authorization', `Bearer ${made()}`],
      ],
      'invalid_request',
      expect.any(String),
    ],
    [[['Authorization', `Bearer ${made()} x`]], 'invalid_token', 'the signature of the token is not base64url'],
    [[['Authorization', `Bearer "${made()}"`]], 'invalid_token', expect.any(String)],
    [[['Authorization', `Bearer ${'a'.repeat(60_000)}`]], 'invalid_token', 'the token is too long'],
  ] as [[string, string][], string, string][])('with something else is refused at once: %j', (fields, refused, description) => {
    const rig = new JwtRig({ secret: SECRET });
    expect(rig.method.identify(asking(...fields))).toEqual({ refused, description });
    expect(rig.counts()).toEqual({ refused: 1 });
  });

  test('may bring the token in a field of another name', async () => {
    const rig = new JwtRig({ secret: SECRET, header: 'X-Access-Token' });
    expect(await rig.outcome(asking(['x-access-token', made()]))).toBe('valid');
    expect(await rig.outcome(asking(['X-Access-Token', `bearer ${made()}`]))).toBe('valid');
    expect(await rig.outcome(asking(['Authorization', `Bearer ${made()}`]))).toBe('none');
  });

  test('keeps its token for the upstream, unless that is not wanted', async () => {
    for (const forward of [true, false]) {
      const rig = new JwtRig({ secret: SECRET, forward });
      for (let time = 0; time < 2; time++) {
        const exchange = bearer(made());
        expect(await rig.outcome(exchange)).toBe('valid');
        expect(exchange.headers.has('authorization')).toBe(true);
        rig.method.hide(exchange);
        expect(exchange.headers.has('authorization')).toBe(forward);
      }
      expect(rig.counts()).toEqual({ valid: 1, cached: 1 });
    }
  });

  test.each([
    ['a token that nobody needed to look at', 'Authorization', ['Authorization', `Bearer ${made()}`], false],
    ['one that does not hold', 'Authorization', ['Authorization', 'Bearer x'], false],
    ['one in a field of its own', 'X-Token', ['X-Token', made()], false],
    ['another credential, which is not its own', 'Authorization', ['Authorization', 'Basic eDp5'], true],
  ] as const)('hides %s from the upstream where that is wanted', (_, header, field, stays) => {
    const rig = new JwtRig({ secret: SECRET, forward: false, header });
    const exchange = asking([...field]);
    rig.method.hide(exchange);
    expect(exchange.headers.has(header.toLowerCase())).toBe(stays);
  });
});

describe('A token that has been verified', () => {
  test('is answered synchronously, by the same identity', async () => {
    const rig = new JwtRig({ secret: SECRET });
    const first = rig.ask(made());
    expect(first).toBeInstanceOf(Promise);
    const identity = await first;
    expect(rig.ask(made())).toBe(identity);
    expect(Object.isFrozen(identity)).toBe(true);
    expect(rig.counts()).toEqual({ valid: 1, cached: 1 });
  });

  test('is not believed a moment longer than it lives', async () => {
    const rig = new JwtRig({ secret: SECRET, leeway: '2s' });
    const one = made({ exp: rig.now + 10 });
    await rig.identity(one);
    rig.clock.advance(11_999);
    expect(await rig.outcome(one)).toBe('valid');
    rig.clock.advance(1);
    expect(await rig.outcome(one)).toBe('the token has expired');
    expect(rig.keys.tokens.size).toBe(0);
  });

  test('that is not valid yet is refused until it is, and is not remembered before', async () => {
    const rig = new JwtRig({ secret: SECRET, leeway: '0s' });
    const one = made({ nbf: rig.now + 10 });
    expect([await rig.outcome(one), rig.keys.tokens.size]).toEqual(['the token is not valid yet', 0]);
    rig.clock.advance(10_000);
    expect([await rig.outcome(one), rig.keys.tokens.size]).toEqual(['valid', 1]);
  });

  test('is verified once for many requests that bring it together', async () => {
    const rig = new JwtRig({ secret: SECRET });
    const identities = await Promise.all(Array.from({ length: 10 }, () => rig.ask(made())));
    expect(new Set(identities).size).toBe(1);
    expect(rig.counts()).toEqual({ valid: 10 });
  });

  test('is known under an equal configuration, and held against a changed one', async () => {
    const rig = new JwtRig({ secret: SECRET, audience: 'api' });
    const one = made({ aud: 'api' });
    const identity = await rig.identity(one);
    rig.open({ secret: SECRET, audience: ['api'] });
    expect(rig.ask(one)).toBe(identity);
    rig.open({ secret: SECRET, audience: 'other' });
    expect(await rig.outcome(one)).toBe('the token is meant for another audience');
    rig.open({ secret: OTHER_SECRET, audience: 'api' });
    expect(await rig.outcome(one)).toBe('the signature of the token does not verify');
    for (let reload = 0; reload < 50; reload++) {
      rig.open({ secret: SECRET, audience: 'api', leeway: `${reload}s` });
      await rig.identity(one);
    }
    expect(rig.keys.tokens.size).toBe(1);
  });

  test('is not pushed out by any number of bad ones', async () => {
    const rig = new JwtRig({ secret: SECRET }, { entries: 2, bytes: 100_000 });
    const identity = await rig.identity(made());
    for (let at = 0; at < 20; at++) {
      const forged = token('HS256', secretKey(OTHER_SECRET), { sub: String(at) });
      expect(await rig.outcome(forged)).toBe('the signature of the token does not verify');
    }
    expect(rig.ask(made())).toBe(identity);
    expect(rig.keys.tokens.size).toBe(1);
  });

  test('is one of a bounded number, which the metrics show', async () => {
    const rig = new JwtRig({ secret: SECRET }, { entries: 5, bytes: 100_000 });
    for (let at = 0; at < 20; at++) await rig.identity(made({ jti: String(at) }));
    const gauge = rig.registry.all().find(({ name }) => name === 'gateway_jwt_cached_tokens');
    expect([...(gauge?.read() ?? [])]).toEqual([[{}, 5]]);
  });
});

describe('A configuration', () => {
  test('whose public key is none believes nobody, and breaks nothing', async () => {
    const { key: private_, pem } = signer('P-256');
    const rig = new JwtRig({ public_key: 'not-read.pem' });
    expect(await rig.outcome(token('ES256', private_, {}))).toBe('the signature of the token does not verify');
    rig.open({ public_key: pem });
    expect(await rig.outcome(token('ES256', private_, {}, { kid: 'any' }))).toBe('valid');
  });

  test('with a secret beside a key set keeps them apart', async () => {
    const server = await JwksServer.open({ kty: 'oct', k: Buffer.from(OTHER_SECRET).toString('base64url'), kid: 'one' });
    const rig = new JwtRig({ secret: SECRET, jwks_uri: server.uri });
    expect(await rig.outcome(made({}, { kid: 'one' }))).toBe('valid');
    expect(server.asked).toBe(0);
    expect(await rig.outcome(token('HS256', secretKey(OTHER_SECRET), {}, { kid: 'one' }))).toMatch(/does not verify/);
    rig.keys.close();
    await server.close();
  });

  test('warms up without a key set too', async () => {
    const rig = new JwtRig({ secret: SECRET });
    await rig.keys.warm({ jwks_max_age: 1 } as Parameters<JwtRig['keys']['warm']>[0]);
    expect(rig.fetches()).toEqual({});
  });
});

describe("seed claim: Photon's tokens", () => {
  const photon = { secret: 'your-256-bit-secret-key-here', algorithm: 'HS256', header: 'Authorization' };
  const by = (claims: object) => token('HS256', secretKey(photon.secret), { sub: 'user', ...claims });

  test('are verified by HMAC-SHA256, with their signature, exp and nbf', async () => {
    const rig = new JwtRig(photon);
    expect(await rig.outcome(by({ exp: rig.now + 60, nbf: rig.now - 60 }))).toBe('valid');
    expect(await rig.outcome(made({ exp: rig.now + 60 }))).toBe('the signature of the token does not verify');
    expect(await rig.outcome(by({ exp: rig.now - 60 }))).toBe('the token has expired');
    expect(await rig.outcome(by({ nbf: rig.now + 60 }))).toBe('the token is not valid yet');
  });

  test('are cached, for as long as they live instead of five minutes', async () => {
    const rig = new JwtRig(photon);
    const [long, short] = [by({ exp: rig.now + 3600 }), by({ exp: rig.now + 120 })];
    const identity = await rig.identity(long);
    await rig.identity(short);
    rig.clock.advance(299_000);
    expect(rig.ask(long)).toBe(identity);
    expect(await rig.outcome(short)).toBe('the token has expired');
    rig.clock.advance(3_000_000);
    expect(rig.ask(long)).toBe(identity);
  });

  test('that are missing are a missing credential, not a failure of the gateway', async () => {
    expect(await new JwtRig(photon).outcome(exchangeOf())).toBe('none');
  });
});
