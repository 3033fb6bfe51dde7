import fc from 'fast-check';
import { expect, test } from 'vitest';
import { basicUser } from '../../src/http/basic-user.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  [`Basic ${base64('ann:secret')}`, 'ann'],
  [`basic   ${base64('ann:a:b')}  `, 'ann'],
  [`BASIC ${base64('zoë:')}`, 'zoë'],
  [`Basic ${base64('a b:c')}`, 'a b'],
])('%j names %s', (field, user) => {
  expect(basicUser(field)).toBe(user);
});

test.each([
  [undefined],
  [''],
  ['Basic'],
  ['Basic '],
  ['Basic !!!'],
  ['Basic YQ=='],
  [`Basic ${base64(':secret')}`],
  [`Basic ${base64('ann:x')} more`],
  [`Basic ${base64('ann:x')}===`],
  [`Bearer ${base64('ann:x')}`],
  [`Digest username="ann"`],
  [`Basic\t${base64('ann:x')}`],
  [`Basic ${base64('ann:x')}, Basic ${base64('bob:x')}`],
])('%j names nobody', (field) => {
  expect(basicUser(field)).toBeUndefined();
});

test('whatever the field is, the answer is a name or nothing, and quick', () => {
  const wild = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ maxLength: 100 }).map((text) => `Basic ${text}`),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
  );
  fc.assert(
    fc.property(wild, (field) => {
      const user = basicUser(field);
      expect(user === undefined || (user.length > 0 && !user.includes(':'))).toBe(true);
    }),
    { numRuns: 2000 },
  );
  const started = process.cpuUsage();
  basicUser(`Basic ${' '.repeat(100_000)}${'A'.repeat(100_000)}${' '.repeat(100_000)}!`);
  expect(process.cpuUsage(started).user).toBeLessThan(500_000);
});
