import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { crossCheck, isAdmin } from '../../src/config/cross-check.ts';

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
    expect(isAdmin(at(upstream), at(admin))).toBe(true);
    expect(isAdmin(at(upstream, 9091), at(admin))).toBe(false);
  });

  test.each([
    ['10.9.8.7', '127.0.0.1'],
    ['10.9.8.7', '0.0.0.0'],
    ['users.internal', '127.0.0.1'],
    ['127.0.0.1', '10.9.8.7'],
  ])('at %s does not reach an admin address on %s', (upstream, admin) => {
    expect(isAdmin(at(upstream), at(admin))).toBe(false);
  });
});

test('what the schema refuses is passed over', () => {
  const documents = [null, [], 1, { routes: 1 }, { routes: [null, 1, { path: 1, methods: 1 }] }, { admin: { addr: 1 } }];
  for (const document of documents) expect(crossCheck(document)).toEqual([]);
  expect(crossCheck({ load_balancing: { backends: { a: { upstreams: [{ address: 1 }, null, 'x'] }, b: null, c: [] } } })).toEqual(
    [],
  );
});

test('ten thousand routes are compared in one pass', () => {
  const routes = Array.from({ length: 10_000 }, (_, n) => ({ id: `r${n}`, path: `/r/${n}`, methods: ['GET'], respond: {} }));
  const before = performance.now();
  expect(crossCheck({ routes })).toEqual([]);
  expect(performance.now() - before).toBeLessThan(1000);
});
