import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../../src/http/identity.ts';
import { secretVerificationKey, type VerificationKey } from '../../../../src/layers/authentication/jwt/verification-key.ts';
import { type Verified, VerifiedTokens } from '../../../../src/layers/authentication/jwt/verified-tokens.ts';

const makeKey = (): VerificationKey => secretVerificationKey(Buffer.alloc(32), ['HS256'], () => import('jose'));
const identityOf = (subject: string): Identity => ({
  method: 'jwt',
  subject,
  consumer: undefined,
  groups: [],
  scopes: [],
  claims: {},
});

function setUp(entries = 10, bytes = 1_000_000) {
  const tokens = new VerifiedTokens({ entries, bytes });
  const policy = tokens.policy({ a: 1 });
  const put = (token: string, more: Partial<Verified> = {}) =>
    tokens.put(token, { identity: identityOf(token), key: makeKey(), policy, size: 10, from: 0, until: 1000, ...more });
  const get = (token: string, wall = 500) => tokens.get(token, policy, wall)?.subject;
  return { tokens, policy, put, get };
}

describe('A token that was found good', () => {
  test('is believed from when it holds until it does not', () => {
    const { tokens, put, get } = setUp();
    put('a', { from: 100 });
    expect([99, 100, 999].map((wall) => get('a', wall))).toEqual([undefined, 'a', 'a']);
    expect([get('a', 1000), tokens.size, tokens.bytes]).toEqual([undefined, 0, 0]);
  });

  test('is not believed while the clock has gone back before its time, and is again afterwards', () => {
    const { put, get } = setUp();
    put('a', { from: 100 });
    expect([get('a', 500), get('a', 50), get('a', 500)]).toEqual(['a', undefined, 'a']);
  });

  test('is not believed once its key is gone', () => {
    const { tokens, put, get } = setUp();
    const key = makeKey();
    put('a', { key });
    key.live = false;
    expect([get('a'), tokens.size]).toEqual([undefined, 0]);
    put('b', { key });
    expect(tokens.size).toBe(0);
  });

  test('is not believed under another configuration, and is under an equal one', () => {
    const { tokens, policy, put } = setUp();
    put('a');
    expect(tokens.policy({ a: 1 })).toBe(policy);
    const other = tokens.policy({ a: 2 });
    expect(tokens.get('a', other, 500)).toBeUndefined();
    put('a', { policy: other });
    expect([tokens.get('a', other, 500)?.subject, tokens.get('a', policy, 500), tokens.size]).toEqual(['a', undefined, 1]);
  });

  test('is the same object each time', () => {
    const { tokens, policy, put } = setUp();
    const identity = identityOf('x');
    put('a', { identity });
    expect(tokens.get('a', policy, 1)).toBe(identity);
    expect(tokens.get('a', policy, 2)).toBe(identity);
  });
});

describe('Verified tokens', () => {
  test('are never more than their bounds, and those that nobody asks for go first', () => {
    const { tokens, put, get } = setUp(3);
    for (const token of ['a', 'b', 'c']) put(token);
    get('a');
    put('d');
    expect(['a', 'b', 'c', 'd'].map((token) => get(token))).toEqual(['a', undefined, 'c', 'd']);
    expect(tokens.size).toBe(3);
  });

  test('make room even when all were asked for', () => {
    const { tokens, put, get } = setUp(100);
    for (let at = 0; at < 100; at++) put(String(at));
    for (let round = 0; round < 200; round++) {
      for (let at = 0; at < 300; at++) get(String(at));
      put(String(100 + round));
      expect([tokens.size, get(String(100 + round))]).toEqual([100, String(100 + round)]);
    }
  });

  test('count bytes, and one that is too large for all of them is not kept', () => {
    const { tokens, put } = setUp(1000, 10_000);
    for (let at = 0; at < 100; at++) put(`${'x'.repeat(300)}${at}`);
    expect(tokens.bytes).toBeLessThanOrEqual(10_000);
    expect(tokens.size).toBe(10);
    put('large', { size: 5000 });
    expect(tokens.size).toBe(10);
  });

  test('are forgotten all at once', () => {
    const { tokens, put, get } = setUp();
    put('a');
    tokens.clear();
    expect([tokens.size, tokens.bytes, get('a')]).toEqual([0, 0, undefined]);
  });

  test('keep their bounds and their word under any sequence of calls', () => {
    const step = fc.tuple(fc.constantFrom('put', 'get', 'kill'), fc.nat(12), fc.nat(100), fc.nat(400));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { tokens, put, get } = setUp(5, 5000);
        const until = new Map<string, number>();
        const keys = new Map<string, VerificationKey>();
        for (const [what, at, time, size] of steps) {
          const token = String(at);
          if (what === 'put') {
            const key = makeKey();
            put(token, { until: time, size, key });
            until.set(token, time);
            keys.set(token, key);
          } else if (what === 'get') {
            if (get(token, time) !== undefined) {
              expect(time).toBeLessThan(until.get(token) ?? 0);
              expect(keys.get(token)?.live).toBe(true);
            }
          } else {
            const key = keys.get(token);
            if (key !== undefined) key.live = false;
          }
          expect(tokens.size).toBeLessThanOrEqual(5);
          expect(tokens.bytes).toBeLessThanOrEqual(5000);
          expect(tokens.bytes > 0).toBe(tokens.size > 0);
        }
      }),
    );
  });
});
