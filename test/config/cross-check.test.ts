import { expect, test } from 'vitest';
import { crossCheck } from '../../src/config/cross-check.ts';

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
