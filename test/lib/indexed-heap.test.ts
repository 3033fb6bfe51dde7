import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedHeap } from '../../src/lib/indexed-heap.ts';

test('an empty one has no first', () => {
  expect(new IndexedHeap(0).first()).toBe(-1);
  expect(new IndexedHeap(0).firstOf(() => true)).toBe(-1);
});

test('keys and ties are 0 at first', () => {
  const heap = new IndexedHeap(2);
  expect([heap.key(1), heap.tie(1)]).toEqual([0, 0]);
  heap.set(1, 3, 4);
  expect([heap.key(1), heap.tie(1)]).toEqual([3, 4]);
});

test('whatever is set, the first is the lowest, and so is the first of those that are wanted', () => {
  const small = fc.integer({ min: 0, max: 5 });
  const changes = fc.array(fc.record({ id: fc.integer({ min: 0, max: 11 }), key: small, tie: small }));
  fc.assert(
    fc.property(changes, fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), (list, wanted) => {
      const heap = new IndexedHeap(12);
      const model = Array.from({ length: 12 }, () => ({ key: 0, tie: 0 }));
      const rank = (id: number) => (model[id] as { key: number }).key * 100 + (model[id] as { tie: number }).tie;
      for (const { id, key, tie } of list) {
        heap.set(id, key, tie);
        model[id] = { key, tie };
        expect(rank(heap.first())).toBe(Math.min(...model.keys().map(rank)));
        const found = heap.firstOf((one) => wanted.includes(one));
        if (wanted.length === 0) expect(found).toBe(-1);
        else {
          expect(wanted).toContain(found);
          expect(rank(found)).toBe(Math.min(...wanted.map(rank)));
        }
      }
      for (const [id, { key, tie }] of model.entries()) expect([heap.key(id), heap.tie(id)]).toEqual([key, tie]);
    }),
  );
});
