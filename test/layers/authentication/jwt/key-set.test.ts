import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { JwksServer } from './jwks-server.ts';
import { JwtRig } from './open-method.ts';
import { type Signer, signer, token } from './signing.ts';

let first: Signer;
let second: Signer;
let server: JwksServer;
let rig: JwtRig;

const named = ({ jwk }: Signer, kid: string) => ({ ...jwk, kid });
const claims = { sub: 'alice' };
const by = ({ key }: Signer, kid?: string, more = {}) =>
  token('ES256', key, { ...claims, ...more }, kid === undefined ? {} : { kid });

const UNKNOWN = 'the signature of the token does not verify';

/** Lets time pass, and the fetch that this may have begun come to its end. */
async function pass(ms: number): Promise<void> {
  const before = server.asked;
  rig.clock.advance(ms);
  await rig.keys.open(server.uri, configured()).settled();
  expect(server.asked - before).toBeLessThanOrEqual(1);
}

function configured() {
  return { jwks_max_age: 600_000, jwks_cooldown: 30_000, jwks_timeout: 5000 };
}

beforeAll(() => {
  first = signer('P-256');
  second = signer('P-256');
});

beforeEach(async () => {
  server = await JwksServer.open(named(first, 'one'));
  rig = new JwtRig({ jwks_uri: server.uri });
});

afterEach(async () => {
  rig.keys.close();
  await server.close();
});

describe('A key set', () => {
  test('is fetched by the first token, and once for many that come together', async () => {
    expect(server.asked).toBe(0);
    const tokens = Array.from({ length: 20 }, (_, at) => by(first, 'one', { jti: String(at) }));
    expect(new Set(await Promise.all(tokens.map((one) => rig.outcome(one))))).toEqual(new Set(['valid']));
    expect([server.asked, rig.fetches()]).toEqual([1, { ok: 1 }]);
  });

  test('is not fetched for a token that would be refused anyway', async () => {
    await rig.outcome(by(first, 'one', { exp: 1 }));
    await rig.outcome('garbage');
    expect(server.asked).toBe(0);
  });

  test('can be fetched before anybody needs it', async () => {
    await rig.keys.warm({ jwks_uri: server.uri, ...configured() } as Parameters<typeof rig.keys.warm>[0]);
    server.breakOff();
    expect(await rig.outcome(by(first, 'one'))).toBe('valid');
    expect(server.asked).toBe(1);
  });

  test('learns of a new key by the first token that it has signed, once the cooldown is over', async () => {
    await rig.outcome(by(first, 'one'));
    server.publish(named(first, 'one'), named(second, 'two'));
    await pass(29_999);
    expect([await rig.outcome(by(second, 'two')), server.asked]).toEqual([UNKNOWN, 1]);
    await pass(1);
    expect([await rig.outcome(by(second, 'two')), server.asked]).toEqual(['valid', 2]);
    expect(await rig.outcome(by(first, 'one'))).toBe('valid');
  });

  test('is fetched once in a cooldown, however many tokens with keys of no meaning come', async () => {
    for (let at = 0; at < 90; at++) {
      expect(await rig.outcome(by(second, `random-${at}`))).toBe(UNKNOWN);
      rig.clock.advance(1000);
    }
    expect(server.asked).toBe(3);
  });

  test('is fetched again before it is too old, without anybody asking', async () => {
    await rig.outcome(by(first, 'one'));
    await pass(479_999);
    expect(server.asked).toBe(1);
    await pass(1);
    expect(server.asked).toBe(2);
    await pass(480_000);
    expect([server.asked, rig.fetches()]).toEqual([3, { ok: 3 }]);
  });

  test('that no longer lists a key makes it, and all that it has verified, worthless at once', async () => {
    const old = by(first, 'one');
    server.publish(named(first, 'one'), named(second, 'two'));
    const stays = by(second, 'two');
    const kept = await rig.identity(stays);
    await rig.identity(old);
    await pass(480_000);
    expect(rig.ask(old)).toMatchObject({ subject: 'alice' });
    server.publish(named(second, 'two'));
    await pass(480_000);
    expect(await rig.outcome(old)).toBe(UNKNOWN);
    expect(rig.ask(stays)).toBe(kept);
    expect(rig.keys.tokens.size).toBe(1);
  });

  test('that lists another key under an old name takes the new one only', async () => {
    await rig.identity(by(first, 'one'));
    server.publish(named(second, 'one'));
    await pass(480_000);
    expect(await rig.outcome(by(first, 'one', { jti: 'new' }))).toBe(UNKNOWN);
    expect(await rig.outcome(by(second, 'one'))).toBe('valid');
  });

  test('with nothing in it believes nobody, and says so', async () => {
    server.publish();
    expect(await rig.outcome(by(first, 'one'))).toBe(UNKNOWN);
    expect(rig.log.entries).toEqual([['warn', { uri: server.uri }, 'jwks has no key that can verify a token']]);
  });

  test('that is being fetched again lets a token wait for it, in the cooldown too', async () => {
    rig.open({ jwks_uri: server.uri, jwks_max_age: '10s', jwks_cooldown: '1m' });
    await rig.outcome(by(first, 'one'));
    server.publish(named(second, 'two'));
    rig.clock.advance(8000);
    expect([await rig.outcome(by(second, 'two')), server.asked]).toEqual(['valid', 2]);
  });

  test('takes the times of a new configuration', async () => {
    await rig.outcome(by(first, 'one'));
    rig.open({ jwks_uri: server.uri, jwks_max_age: '1m', jwks_cooldown: '5s' });
    rig.clock.advance(48_000);
    await rig.keys.open(server.uri, configured()).settled();
    expect(server.asked).toBe(2);
  });
});

describe('A token that names no key', () => {
  test('is held against all that go with its algorithm', async () => {
    server.publish({ ...signer('P-384').jwk, kid: 'x' }, first.jwk, named(second, 'two'));
    expect(await rig.outcome(by(second))).toBe('valid');
    expect(await rig.outcome(by(signer('P-256')))).toBe(UNKNOWN);
  });

  test('is held against eight of them at most', async () => {
    const many = Array.from({ length: 9 }, () => signer('P-256'));
    server.publish(...many.map(({ jwk }) => jwk));
    expect(await rig.outcome(by(many[7] as Signer))).toBe('valid');
    expect(await rig.outcome(by(many[8] as Signer))).toBe(UNKNOWN);
  });

  test('finds the key that has taken the place of another without a name', async () => {
    server.publish(first.jwk);
    expect(await rig.outcome(by(first))).toBe('valid');
    server.publish(second.jwk);
    await pass(30_000);
    expect(await rig.outcome(by(second))).toBe('valid');
    expect(server.asked).toBe(2);
  });
});

describe('Two keys of one name', () => {
  test('are both tried', async () => {
    server.publish(named(first, 'same'), named(second, 'same'), { ...signer('ed25519').jwk, kid: 'same' });
    expect(await rig.outcome(by(first, 'same'))).toBe('valid');
    expect(await rig.outcome(by(second, 'same'))).toBe('valid');
  });
});

describe('Keys of a set', () => {
  test('verify by the algorithm that they are published for, and by no other', async () => {
    const rsa = signer('rsa');
    server.publish({ ...rsa.jwk, kid: 'rs', alg: 'RS256' }, { ...rsa.jwk, kid: 'any' });
    expect(await rig.outcome(token('RS256', rsa.key, claims, { kid: 'rs' }))).toBe('valid');
    expect(await rig.outcome(token('PS256', rsa.key, claims, { kid: 'rs' }))).toBe(UNKNOWN);
    expect(await rig.outcome(token('RS384', rsa.key, claims, { kid: 'rs' }))).toBe(UNKNOWN);
    expect(await rig.outcome(token('PS256', rsa.key, claims, { kid: 'any' }))).toBe('valid');
  });
});
