import { expect, test } from 'vitest';
import { tenancySchema } from '../../src/config/tenancy.ts';

test.each([
  ['host', { kind: 'host' }],
  ['header:X-User-ID', { kind: 'header', name: 'x-user-id' }],
])('a tenant may come from %s', (from, source) => {
  expect(tenancySchema.parse({ from })).toEqual({ from: source });
});

test.each(['', 'header', 'header:', 'header:a b', 'query:a', 'Host'])('no tenant comes from %j', (from) => {
  expect(tenancySchema.safeParse({ from }).error?.issues[0]?.message).toMatch(/no source of a tenant/);
});
