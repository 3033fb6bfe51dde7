import { expect, test } from 'vitest';
import { MemoryConcurrency } from '../../../src/layers/concurrency/memory.ts';
import { concurrencyContract } from './concurrency.contract.ts';

concurrencyContract('in memory', () => new MemoryConcurrency());

test('Buckets that nobody is in are forgotten', () => {
  const concurrency = new MemoryConcurrency();
  const permits = Array.from({ length: 1000 }, (_, at) => concurrency.enter(`ip=${at % 500}`, 2));
  expect(concurrency.size).toBe(500);
  for (const permit of permits) permit?.leave();
  expect(concurrency.size).toBe(0);
});
