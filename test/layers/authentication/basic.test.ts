import { describe, expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { Basic } from '../../../src/layers/authentication/basic.ts';
import { Consumers } from '../../../src/layers/authentication/consumers.ts';
import { isRefused } from '../../../src/layers/authentication/method.ts';
import type { PasswordHash } from '../../../src/layers/authentication/password-hash.ts';
import { Passwords } from '../../../src/layers/authentication/passwords.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { basicField, consumerOf } from './consumer-of.ts';

const ALICE = consumerOf({ name: 'alice', password: 'open sesame', groups: ['admin'] });
const ROBOT = consumerOf({ name: 'robot', keys: ['k'] });

function asking(...values: string[]) {
  return exchangeOf({ headers: Headers.from(values.map((value) => ['Authorization', value] as const)) });
}

function basicOf(passwords = new Passwords(new ManualClock()), consumers = [ALICE, ROBOT]) {
  return new Basic(new Consumers(consumers), passwords);
}

describe('Basic authentication', () => {
  test('knows a consumer by name and password', async () => {
    expect(await basicOf().identify(asking(basicField('alice', 'open sesame')))).toEqual({
      ...{ method: 'basic', subject: 'alice', consumer: 'alice', groups: ['admin'], scopes: [], claims: {} },
    });
  });

  test('knows it at once the second time, as the same identity', async () => {
    const basic = basicOf();
    const first = await basic.identify(asking(basicField('alice', 'open sesame')));
    expect(basic.identify(asking(basicField('alice', 'open sesame')))).toBe(first);
  });

  test.each([
    ['another password', basicField('alice', 'open')],
    ['no password', basicField('alice', '')],
    ['a name that is nobody', basicField('bob', 'open sesame')],
    ['the name of one without a password', basicField('robot', 'k')],
    ['no name', basicField('', '')],
    ['a name that objects have', basicField('__proto__', 'x')],
    ['what is malformed', 'Basic ???'],
  ])('refuses %s', async (_, value) => {
    expect(await basicOf().identify(asking(value))).toMatchObject({ refused: 'invalid_token' });
  });

  test('does not look at other schemes', () => {
    expect(basicOf().identify(asking('Bearer abc'))).toBeUndefined();
    expect(basicOf().identify(asking())).toBeUndefined();
  });

  test.each([
    [basicField('alice', 'open sesame'), basicField('alice', 'open sesame')],
    ['Bearer abc', basicField('alice', 'open sesame')],
  ])('takes %s and another field for a contradiction', (...values) => {
    expect(basicOf().identify(asking(...values))).toMatchObject({ refused: 'invalid_request' });
  });

  test('gives all addresses of one IPv6 network one share of the queue', async () => {
    let settle = () => {};
    const held = new Promise<Buffer>((resolve) => {
      settle = () => resolve(Buffer.alloc(32));
    });
    const passwords = new Passwords(new ManualClock(), () => held);
    const basic = basicOf(passwords);
    const guess = async (at: number) => {
      const exchange = asking(basicField('alice', `guess ${at}`));
      exchange.clientAddress = `2001:db8:0:1::${at}`;
      return basic.identify(exchange);
    };
    const guesses = Array.from({ length: 20 }, (_, at) => guess(at + 1));
    const settled = Promise.allSettled(guesses);
    expect(passwords.waiting).toBe(8);
    settle();
    expect((await settled).filter(({ status }) => status === 'rejected')).toHaveLength(10);
  });

  test('tries a password for who does not exist as well, at the same cost', async () => {
    const tried: PasswordHash[] = [];
    const passwords = new Passwords(new ManualClock(), async (_, hash) => {
      tried.push(hash);
      return Buffer.alloc(32);
    });
    const basic = basicOf(passwords);
    for (const user of ['alice', 'bob']) await basic.identify(asking(basicField(user, 'guess')));
    const costs = tried.map(({ cost, blockSize, parallel }) => ({ cost, blockSize, parallel }));
    expect(costs).toHaveLength(2);
    expect(costs[1]).toEqual(costs[0]);
  });

  test('takes the costliest hash as the measure for who does not exist, and the usual costs where nobody has one', async () => {
    const tried: number[] = [];
    const passwords = new Passwords(new ManualClock(), async (_, { cost }) => {
      tried.push(cost);
      return Buffer.alloc(32);
    });
    const hash = { ...(ALICE.basic as PasswordHash), cost: 4096 };
    const carol = { ...ALICE, name: 'carol', basic: hash };
    const dave = { ...ALICE, name: 'dave' };
    await basicOf(passwords, [ALICE, carol, dave]).identify(asking(basicField('bob', 'x')));
    await basicOf(passwords, []).identify(asking(basicField('bob', 'x')));
    expect(tried).toEqual([4096, 32768]);
  });

  test('lets nobody in by a right answer for somebody who does not exist', async () => {
    const passwords = new Passwords(new ManualClock(), async (_, { hash }) => Buffer.from(hash, 'base64url'));
    const basic = basicOf(passwords);
    const twice = [await basic.identify(asking(basicField('bob', 'x'))), await basic.identify(asking(basicField('bob', 'x')))];
    expect(twice).toEqual([expect.objectContaining({ refused: 'invalid_token' }), twice[0]]);
  });

  test('hides its own credential, and leaves those of others', () => {
    const [own, other, none] = [asking(basicField('a', 'b')), asking('Bearer abc'), asking()];
    for (const exchange of [own, other, none]) basicOf().hide(exchange);
    expect([own, other, none].map(({ headers }) => headers.get('authorization'))).toEqual([undefined, 'Bearer abc', undefined]);
  });
});

describe('A new configuration', () => {
  test('shuts a consumer out that is no longer in it, though its password is known', async () => {
    const passwords = new Passwords(new ManualClock());
    const field = basicField('alice', 'open sesame');
    await basicOf(passwords).identify(asking(field));
    const finding = await basicOf(passwords, [ROBOT]).identify(asking(field));
    expect(finding !== undefined && isRefused(finding)).toBe(true);
  });

  test('with another hash forgets the old password at once', async () => {
    const passwords = new Passwords(new ManualClock());
    await basicOf(passwords).identify(asking(basicField('alice', 'open sesame')));
    const changed = basicOf(passwords, [consumerOf({ name: 'alice', password: 'new' })]);
    expect(await changed.identify(asking(basicField('alice', 'open sesame')))).toMatchObject({ refused: 'invalid_token' });
    expect(await changed.identify(asking(basicField('alice', 'new')))).toMatchObject({ consumer: 'alice' });
  });

  test('with other groups gives them at once, without another computation', async () => {
    const passwords = new Passwords(new ManualClock());
    await basicOf(passwords).identify(asking(basicField('alice', 'open sesame')));
    const changed = basicOf(passwords, [{ ...ALICE, groups: ['guests'] }]);
    expect(changed.identify(asking(basicField('alice', 'open sesame')))).toMatchObject({ groups: ['guests'] });
  });
});
