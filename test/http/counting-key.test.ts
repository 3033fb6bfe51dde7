import { expect, test } from 'vitest';
import { countingKey, isGlobal, LONGEST_KEY } from '../../src/http/counting-key.ts';
import { type Keys, parseKeys } from '../../src/http/exchange-key.ts';
import { Headers } from '../../src/http/headers.ts';
import { exchangeOf } from '../support/exchanges.ts';

const keys = (written: string | string[]) => parseKeys(written) as Keys;
const asking = (value?: string, address = '192.0.2.7') =>
  exchangeOf({ headers: Headers.from(value === undefined ? [] : [['X-User', value]]), peer: { address } });

test('Who has the key is counted by it, and who has not by the address', () => {
  const key = countingKey(keys('header:x-user'), 64);
  expect(key(asking('ann'))).toBe('header:x-user=ann');
  expect(key(asking())).toBe('ip=192.0.2.7');
  expect(key(asking(''))).toBe('ip=192.0.2.7');
  expect(key(asking(undefined, '2001:db8::1'))).toBe('ip=2001:db8::/64');
});

test('Somebody without an address, as on a unix socket, is counted too', () => {
  expect(countingKey(keys('ip'), 64)(asking('ann', ''))).toBe('ip=');
});

test('A long key is kept as its hash, which is its own', () => {
  const key = countingKey(keys('header:x-user'), 64);
  const label = 'header:x-user='.length;
  const longest = key(asking('a'.repeat(LONGEST_KEY - label)));
  expect(longest).toBe(`header:x-user=${'a'.repeat(LONGEST_KEY - label)}`);
  const hashed = [key(asking('a'.repeat(LONGEST_KEY))), key(asking(`${'a'.repeat(LONGEST_KEY)}b`))];
  expect(hashed).toEqual([expect.stringMatching(/^sha256=[\w-]{43}$/), expect.stringMatching(/^sha256=[\w-]{43}$/)]);
  expect(hashed[0]).not.toBe(hashed[1]);
  expect(key(asking('a'.repeat(LONGEST_KEY)))).toBe(hashed[0]);
});

test.each([
  ['ip', false],
  ['global', true],
  [['header:a+global', 'ip'], true],
])('%j counts for all routes: %j', (written, expected) => {
  expect(isGlobal(keys(written))).toBe(expected);
});
