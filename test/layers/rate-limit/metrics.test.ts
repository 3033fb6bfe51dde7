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
  gates.keep(['others']);
  expect(gates.series(decisions)).toEqual([]);
});

test('Keys and overflows are those of the buckets', async () => {
  const gates = new Gates();
  const handler = gates.route({ own: [{ name: 'a', limit: 10, window: '1h' }] });
  for (const address of ['192.0.2.1', '192.0.2.2']) await ask(handler, { peer: { address } });
  expect(gates.series('gateway_rate_limit_keys')).toEqual([[{}, 2]]);
  expect(gates.series('gateway_rate_limit_overflow_total')).toEqual([[{}, 0]]);
});
