import { describe, expect, test } from 'vitest';
import { adminSchema, joinAdmin, metricsSchema } from '../../src/admin/config.ts';
import { checkConfig } from '../../src/config/check.ts';

describe('The admin address', () => {
  test.each([
    ['nowhere', {}, {}, '127.0.0.1', 9090],
    ['in its own block', { addr: '10.0.0.1:1' }, {}, '10.0.0.1', 1],
    ["under Photon's name", {}, { metrics_addr: '10.0.0.1:2' }, '10.0.0.1', 2],
    ['under both, the same', { addr: '10.0.0.1:3' }, { metrics_addr: '10.0.0.1:3' }, '10.0.0.1', 3],
  ])('may be given %s', (_, admin, metrics, host, port) => {
    const joined = joinAdmin(adminSchema.parse(admin), metricsSchema.parse(metrics));
    expect(joined.admin.addr).toEqual({ host, port });
    expect(joined.metrics).toEqual({ prometheus: true, metrics_path: '/metrics', detailed_metrics: true });
  });
});

test('a token that no header could carry is refused, without showing it', () => {
  expect(adminSchema.parse({ token: 's3cret!' }).token).toBe('s3cret!');
  for (const token of ['a b', 'a\n', 'ä', 'x\u0000']) {
    const { error } = adminSchema.safeParse({ token });
    expect(error?.issues[0]?.message).toBe('must be visible ASCII characters');
  }
});

test('a token without quotes that is a number is refused, without showing it', () => {
  expect(() => checkConfig({ admin: { token: 123_456_789 }, routes: [] })).toThrow(/^admin\.token: must be a text; a number/);
  expect(() => checkConfig({ admin: { token: 123_456_789 }, routes: [] })).not.toThrow(/1234/);
});

test.each(['metrics', '/a b', '/a?b', '/health', '/ready', '/stats', ''])('metrics are not shown at %j', (path) => {
  expect(metricsSchema.safeParse({ metrics_path: path }).success).toBe(false);
});
