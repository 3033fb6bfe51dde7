import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { address, choice, cidr, duration, endpoint, flag, integer, name, quote, size } from '../../src/lib/fields.ts';

function wrong(schema: z.ZodType, value: unknown): { message: string; expected: unknown; suggestion: unknown } {
  const issue = schema.safeParse(value).error?.issues[0];
  const params = issue?.code === 'custom' ? issue.params : undefined;
  return { message: issue?.message ?? 'nothing is wrong', expected: params?.['expected'], suggestion: params?.['suggestion'] };
}

describe('A duration', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1m30s', 90_000],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['1h1m1s1ms', 3_661_001],
    ['596h', 2_145_600_000],
  ])('of %s is %i milliseconds', (text, ms) => {
    expect(duration().parse(text)).toBe(ms);
  });

  test('that is a bare number says so, with both ways to mean it', () => {
    expect(wrong(duration(), 30).message).toBe('30 is a bare number: a duration has its unit, as in "30s" or "30ms"');
    expect(wrong(duration(), '30').message).toMatch(/bare number/);
    expect(wrong(duration(), '0.5').message).toMatch(/bare number/);
  });

  test.each([
    ['', /not a duration/],
    ['s', /not a duration/],
    ['5 s', /not a duration/],
    ['5S', /not a duration/],
    ['-5s', /not a duration/],
    ['1.5s', /not a duration/],
    ['30s1m', /not a duration/],
    ['1d', /not a duration/],
    ['5s5s', /not a duration/],
    ['0s', /too short/],
    ['597h', /too long/],
    [`${'9'.repeat(400)}h`, /too long/],
  ])('is not %j', (text, why) => {
    expect(wrong(duration(), text).message).toMatch(why);
  });

  test('of nothing passes where that has a meaning', () => {
    expect(duration(0).parse('0s')).toBe(0);
  });
});

describe('A size', () => {
  test.each([
    [512, 512],
    ['512', 512],
    ['512B', 512],
    ['64KB', 65_536],
    ['1MB', 1_048_576],
    ['2GB', 2_147_483_648],
    [0, 0],
  ])('of %j is %i bytes', (written, bytes) => {
    expect(size().parse(written)).toBe(bytes);
  });

  test.each([[-1], [1.5], [Number.NaN], ['1.5KB'], ['-1'], ['KB'], ['1TB'], ['1e3'], ['']])('is not %j', (written) => {
    expect(wrong(size(), written).message).not.toBe('nothing is wrong');
  });

  test.each([
    ['64kb', '64KB'],
    ['64 KB', '64KB'],
    ['1MiB', '1MB'],
  ])('written %s is suggested as %s', (written, suggestion) => {
    expect(wrong(size(), written).suggestion).toBe(suggestion);
  });

  test('stays within its bounds', () => {
    expect(wrong(size(10, 20), 9)).toMatchObject({ message: '9 is too small', expected: 'at least 10 bytes' });
    expect(wrong(size(10, 20), '1KB')).toMatchObject({ message: '1KB is too large', expected: 'at most 20 bytes' });
  });
});

describe('A whole number', () => {
  test('may come as text, as variables do', () => {
    expect([integer(0).parse(7), integer(0).parse('7'), integer(-9).parse('-7')]).toEqual([7, 7, -7]);
  });

  test.each([
    [1.5],
    ['1.5'],
    ['1e3'],
    ['0x10'],
    [''],
    [' 1'],
    [Number.POSITIVE_INFINITY],
    [2 ** 53],
    ['9'.repeat(20)],
    [true],
    [null],
  ])('is not %j', (written) => {
    expect(wrong(integer(0), written).message).not.toBe('nothing is wrong');
  });

  test('stays within its bounds', () => {
    expect(wrong(integer(1, 5), 0).expected).toBe('at least 1');
    expect(wrong(integer(1, 5), 6).expected).toBe('at most 5');
  });
});

test('a flag is true or false, as a text too, and nothing else', () => {
  expect([true, false, 'true', 'false'].map((value) => flag().parse(value))).toEqual([true, false, true, false]);
  for (const value of ['yes', 'True', 1, 0, null, '']) expect(flag().safeParse(value).success).toBe(false);
});

test('a word that will come one day is told from one that never will', () => {
  const algorithm = choice(['round_robin'], /^random$/);
  expect(algorithm.parse('round_robin')).toBe('round_robin');
  expect(wrong(algorithm, 'random').message).toBe('"random" is not in this version');
  expect(wrong(algorithm, 'rando').message).not.toMatch(/version/);
});

test('addresses are taken apart', () => {
  expect(address().parse('[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(endpoint().parse('https://users')).toEqual({ host: 'users', port: 443, tls: true });
  expect(wrong(address(), 'x')).toMatchObject({ message: 'the port is missing', expected: expect.stringContaining('host:port') });
  expect(wrong(endpoint(), 80).message).toMatch(/must be host:port/);
});

describe('A range of IP addresses', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0', 8, 'ipv4'],
    ['127.0.0.1', '127.0.0.1', 32, 'ipv4'],
    ['0.0.0.0/0', '0.0.0.0', 0, 'ipv4'],
    ['2001:db8::/32', '2001:db8::', 32, 'ipv6'],
    ['::1', '::1', 128, 'ipv6'],
  ])('may be %s', (text, address, prefix, family) => {
    expect(cidr().parse(text)).toEqual({ address, prefix, family });
  });

  test.each(['10.0.0.0/33', '::/129', '10.0.0/8', '10.0.0.0/', '10.0.0.0/-1', 'localhost', '10.0.0.0/8/8', ''])(
    'is not %j',
    (text) => {
      expect(wrong(cidr(), text).message).toMatch(/not an IP address or range/);
    },
  );
});

test('a name has nothing in it that a path, a metric or a log line would trip over', () => {
  for (const good of ['a', 'users_v2', 'Users-3.internal', '9']) expect(name().parse(good)).toBe(good);
  for (const bad of ['', '-a', '.a', 'a b', 'a/b', 'a\n', 'ä', '__proto__', 'x'.repeat(129)]) {
    expect(name().safeParse(bad).success).toBe(false);
  }
});

test('a long value is shown in part', () => {
  expect(quote('x'.repeat(1000))).toHaveLength(78);
  expect(quote(undefined)).toBe('undefined');
});
