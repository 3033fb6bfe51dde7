import { expect, test } from 'vitest';
import { ask, Gates, through } from './gate.ts';

const decisions = 'gateway_rate_limit_decisions_total';

test('Decisions are counted by route, limit and outcome: what a refused request took from nobody counts for nobody', async () => {
  const gates = new Gates();
  expect(gates.series(decisions)).toEqual([]);
  const handler = gates.route({
    own: [
      { name: 'wide', limit: 10, window: '1h' },
      { name: 'narrow', limit: 2, window: '1h' },
    ],
  });
  await through(handler, 5);
  expect(gates.series(decisions)).toEqual([
    [{ route: 'users', limit: 'wide', outcome: 'admitted' }, 2],
    [{ route: 'users', limit: 'narrow', outcome: 'admitted' }, 2],
    [{ route: 'users', limit: 'narrow', outcome: 'refused' }, 3],
  ]);
});

test('Limits and routes that are gone show no more, even if requests of theirs are counted yet', async () => {
  const gates = new Gates();
  const own = (...names: string[]) => ({ own: names.map((name) => ({ name, limit: 10, window: '1h' })) });
  const before = gates.route(own('renamed', 'stays'));
  await through(before, 2);
  gates.keep(['users'], ['new name', 'stays']);
  expect(gates.series(decisions)).toEqual([[{ route: 'users', limit: 'stays', outcome: 'admitted' }, 2]]);
  const late = gates.route(own('renamed'));
  await through(late, 1);
  expect(gates.series(decisions)).toHaveLength(1);
  gates.keep(['others'], ['new name', 'stays']);
  expect(gates.series(decisions)).toEqual([]);
});

test('Keys and overflows are those of the buckets', async () => {
  const gates = new Gates();
  const handler = gates.route({ own: [{ name: 'a', limit: 10, window: '1h' }] });
  for (const address of ['192.0.2.1', '192.0.2.2']) await ask(handler, { peer: { address } });
  expect(gates.series('gateway_rate_limit_keys')).toEqual([[{}, 2]]);
  expect(gates.series('gateway_rate_limit_overflow_total')).toEqual([[{}, 0]]);
});
