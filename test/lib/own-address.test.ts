import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { leadsTo } from '../../src/lib/own-address.ts';

const at = (host: string, port = 9090) => ({ host, port });
const [ours = '127.0.0.1'] = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);

describe('An upstream', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['a.localhost', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['127.0.0.1', '0.0.0.0'],
    ['localhost', '::'],
    ['10.9.8.7', '10.9.8.7'],
    [ours, '0.0.0.0'],
  ])('at %s reaches an admin address on %s', (upstream, admin) => {
    expect(leadsTo(at(upstream), at(admin))).toBe(true);
    expect(leadsTo(at(upstream, 9091), at(admin))).toBe(false);
  });

  test.each([
    ['10.9.8.7', '127.0.0.1'],
    ['10.9.8.7', '0.0.0.0'],
    ['users.internal', '127.0.0.1'],
    ['127.0.0.1', '10.9.8.7'],
  ])('at %s does not reach an admin address on %s', (upstream, admin) => {
    expect(leadsTo(at(upstream), at(admin))).toBe(false);
  });
});
