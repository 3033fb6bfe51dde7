import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayError } from '../../../../src/http/errors.ts';
import { JwksServer } from './jwks-server.ts';
import { bearer, JwtRig } from './open-method.ts';
import { type Signer, signer, token } from './signing.ts';

const TIMES = { jwks_max_age: 600_000, jwks_cooldown: 30_000, jwks_timeout: 5000 };

let first: Signer;
let second: Signer;
let server: JwksServer;
let rig: JwtRig;

const named = ({ jwk }: Signer, kid: string) => ({ ...jwk, kid });
const by = ({ key }: Signer, kid: string, jti = '') => token('ES256', key, { sub: 'alice', jti }, { kid });
const set = () => rig.keys.open(server.uri, TIMES);

async function pass(ms: number): Promise<void> {
  rig.clock.advance(ms);
  await set().settled();
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

describe('While the identity provider is away', () => {
  test('known keys go on verifying, old tokens and new ones, for as long as it takes', async () => {
    await rig.identity(by(first, 'one'));
    server.breakOff();
    await pass(480_000);
    for (let hour = 0; hour < 24; hour++) {
      expect(await rig.outcome(by(first, 'one'))).toBe('valid');
      expect(await rig.outcome(by(first, 'one', String(hour)))).toBe('valid');
      await pass(30_000);
      rig.clock.stall(3_600_000);
      await set().settled();
    }
    expect(rig.fetches()).toMatchObject({ ok: 1, connect: expect.any(Number) });
  });

  test('a token whose key is not known is nobody-knows (503), and says when to come back', async () => {
    await rig.identity(by(first, 'one'));
    server.send('', 500);
    await pass(480_000);
    const error = await Promise.resolve(rig.method.identify(bearer(by(second, 'two')))).catch((thrown) => thrown as GatewayError);
    expect(error).toMatchObject({ code: 'identity_unavailable', status: 503, retryAfter: 1 });
    expect(rig.counts()).toEqual({ valid: 1, unavailable: 1 });
  });

  test('and has been from the start, no token is known, and each is told so without another fetch', async () => {
    server.breakOff();
    const tokens = Array.from({ length: 20 }, (_, at) => by(first, 'one', String(at)));
    for (const one of tokens) expect(await rig.outcome(one)).toBe('identity_unavailable');
    expect([server.asked, rig.counts()]).toEqual([1, { unavailable: 20 }]);
  });

  test('it is asked after 1, 2, 4 … seconds up to the cooldown, whatever clients send', async () => {
    server.breakOff();
    const at: number[] = [];
    for (let second = 0; second <= 125; second++) {
      const before = server.asked;
      await rig.outcome(by(first, `random-${second}`));
      if (server.asked > before) at.push(second);
      const after = server.asked;
      await pass(1000);
      if (server.asked > after) at.push(second + 1);
    }
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  });

  test('and comes back, tokens are good again at the next retry, and the log has one line for each', async () => {
    server.breakOff();
    expect(await rig.outcome(by(first, 'one'))).toBe('identity_unavailable');
    await pass(1000);
    server.publish(named(first, 'one'));
    await pass(2000);
    expect(await rig.outcome(by(first, 'one'))).toBe('valid');
    expect(rig.log.entries).toEqual([
      ['warn', { uri: server.uri, keys: 0, reason: expect.stringMatching(/\w/) }, 'jwks fetch failed'],
      ['info', { uri: server.uri, keys: 1 }, 'jwks fetched again'],
    ]);
  });

  test('a key that is gone when it comes back is gone at once', async () => {
    const one = by(first, 'one');
    await rig.identity(one);
    server.breakOff();
    await pass(480_000);
    expect(await rig.outcome(one)).toBe('valid');
    server.publish(named(second, 'two'));
    await pass(1000);
    expect(await rig.outcome(one)).toBe('the signature of the token does not verify');
    expect(await rig.outcome(by(second, 'two'))).toBe('valid');
  });

  test('or too slow, requests wait no longer than the timeout', async () => {
    server.does(() => {});
    const arrived = server.arrival();
    const outcomes = Promise.all([rig.outcome(by(first, 'one')), rig.outcome(by(first, 'one', 'other'))]);
    await arrived;
    rig.clock.advance(5000);
    expect(await outcomes).toEqual(['identity_unavailable', 'identity_unavailable']);
    expect([server.asked, rig.fetches()]).toEqual([1, { timeout: 1 }]);
  });

  test('for longer than a token lives, the token does not live longer', async () => {
    server.does(() => {});
    const arrived = server.arrival();
    const outcome = rig.outcome(token('ES256', first.key, { exp: rig.now - 4 }, { kid: 'one' }));
    await arrived;
    rig.clock.stall(2000);
    for (const { socket } of server.requests) socket.write(reply(named(first, 'one')));
    expect(await outcome).toBe('the token has expired');
  });
});

function reply(key: unknown): string {
  const body = JSON.stringify({ keys: [key] });
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe('What is no key set', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', '<html>Maintenance</html>'],
    ['JSON that breaks off', '{"keys": ['],
    ['null', 'null'],
    ['a list', '[]'],
    ['no keys', '{}'],
    ['keys that are no list', '{"keys": {"kid": "one"}}'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
  ])('changes nothing: %s', async (_, body) => {
    await rig.identity(by(first, 'one'));
    server.send(body);
    await pass(480_000);
    expect(await rig.outcome(by(first, 'one', 'new'))).toBe('valid');
    expect(rig.fetches()).toEqual({ ok: 1, malformed: 1 });
  });
});

describe('A set that no configuration names any more', () => {
  test('is fetched no more, and what it has verified is forgotten', async () => {
    const one = by(first, 'one');
    await rig.identity(one);
    rig.keys.keep(new Set());
    expect(rig.clock.pending).toBe(0);
    expect(rig.ask(one)).toBeInstanceOf(Promise);
  });

  test('still serves who holds it, for requests under way', async () => {
    rig.keys.keep(new Set());
    expect(await rig.outcome(by(first, 'one'))).toBe('valid');
    expect(await rig.outcome(by(first, 'one'))).toBe('valid');
    expect([server.asked, rig.clock.pending, rig.keys.tokens.size]).toEqual([1, 0, 0]);
  });

  test('and one that it names stays as it is', async () => {
    const one = by(first, 'one');
    const identity = await rig.identity(one);
    rig.keys.keep(new Set([server.uri]));
    rig.open({ jwks_uri: server.uri });
    expect(rig.ask(one)).toBe(identity);
    expect(server.asked).toBe(1);
  });
});

describe('A gateway that closes', () => {
  test('lets go of the fetch that is under way, and of who waits for it', async () => {
    server.does(() => {});
    const arrived = server.arrival();
    const outcome = rig.outcome(by(first, 'one'));
    await arrived;
    rig.keys.close();
    expect(await outcome).toBe('identity_unavailable');
    expect([rig.clock.pending, rig.log.entries, rig.keys.tokens.size]).toEqual([0, [], 0]);
  });
});
