import { expect, test } from 'vitest';
import type { Permit } from '../../../../src/layers/concurrency/concurrency.ts';
import { TwinMembers, turns } from '../../../support/twin-members.ts';

const isThere = (permit: unknown): permit is Permit => permit !== undefined && !(permit instanceof Promise);

test('Nobody enters on a place that is being let go', async () => {
  const members = new TwinMembers();
  const [a, b] = [members.concurrency(), members.concurrency()];
  const permits = await Promise.all(Array.from({ length: 10 }, () => a.one.enter('x', 10)));
  for (const permit of permits) permit?.leave();
  const open = a.store.shut();
  await a.one.enter('x', 10);
  await members.advance(150);
  let inA = 1;
  for (let time = 0; time < 9; time++) if (isThere(a.one.enter('x', 10))) inA += 1;
  let inB = 0;
  for (let time = 0; time < 20; time++) if ((await b.one.enter('x', 10)) !== undefined) inB += 1;
  expect(inA + inB).toBeLessThanOrEqual(10);
  open();
  await turns();
  for (const { one } of [a, b]) one.close();
});

test.each([3500, 6000])('After an outage of %i ms places that are taken are still taken', async (away) => {
  const members = new TwinMembers();
  const [a, b] = [members.concurrency(), members.concurrency()];
  await Promise.all(Array.from({ length: 10 }, () => a.one.enter('x', 10)));
  await members.advance(1700);
  for (const { store } of [a, b]) store.become('down');
  await members.advance(away);
  for (const { store } of [b, a]) store.become('up');
  let inB = 0;
  for (let ms = 0; ms < 2500; ms += 50) {
    await members.advance(50);
    for (let time = 0; time < 10; time++) if ((await b.one.enter('x', 10)) !== undefined) inB += 1;
  }
  expect(inB).toBe(0);
  for (const { one } of [a, b]) one.close();
});

test('Places that come free in a bucket that stays in use go to others soon', async () => {
  const members = new TwinMembers();
  const [a, b] = [members.concurrency(), members.concurrency()];
  const permits = await Promise.all(Array.from({ length: 10 }, () => a.one.enter('x', 10)));
  for (const permit of permits.slice(1)) permit?.leave();
  let waited = 0;
  for (; waited < 3000; waited += 50) {
    await members.advance(50);
    (await a.one.enter('x', 10))?.leave();
    if ((await b.one.enter('x', 10)) !== undefined) break;
  }
  expect(waited).toBeLessThan(400);
  for (const { one } of [a, b]) one.close();
});

test('What lets go of an idle bucket undoes no later hold, however late it lands', async () => {
  const members = new TwinMembers();
  const [a, b] = [members.concurrency(), members.concurrency()];
  (await a.one.enter('x', 1))?.leave();
  const run = a.store.run.bind(a.store);
  let late: (() => void) | undefined;
  a.store.run = (script, keys, args) => {
    if (Number(args[2]) !== 0 || late !== undefined) return run(script, keys, args);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    late = () => resolve(run(script, keys, args));
    return promise;
  };
  await members.advance(220);
  const again = a.one.enter('x', 1);
  late?.();
  const [inA, inB] = [await again, await b.one.enter('x', 1)];
  expect([inA, inB].filter((permit) => permit !== undefined)).toHaveLength(1);
  for (const { one } of [a, b]) one.close();
});
