import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../../src/layers/rate-limit/limiter.ts';
import { TwinMembers, turns } from '../../../support/twin-members.ts';
import { demandOf, limitOf } from '../limits.ts';

const hundred = limitOf({ limit: 100, window: '100s' });

describe('Requests of several costs on one bucket', () => {
  test('end, and ask a few times', async () => {
    const members = new TwinMembers();
    const { one, store } = members.limiter();
    await one.take([demandOf(hundred, 'k', 97)]);
    await members.advance(600);
    const { calls } = store;
    const both = await Promise.all([one.take([demandOf(hundred, 'k', 5)]), one.take([demandOf(hundred, 'k', 50)])]);
    expect(both.map(({ admitted }) => admitted)).toEqual([false, false]);
    expect(store.calls - calls).toBeLessThan(8);
    one.close();
  });

  test('are not refused by the answer to a larger one', async () => {
    const members = new TwinMembers();
    const { one } = members.limiter();
    await one.take([demandOf(hundred, 'k', 60)]);
    await members.advance(600);
    const [large, small] = [one.take([demandOf(hundred, 'k', 50)]), one.take([demandOf(hundred, 'k', 5)])];
    expect([(await large).admitted, (await small).admitted]).toEqual([false, true]);
    one.close();
  });
});

test('Many that come at once to a full bucket get all that is in it', async () => {
  const { one, store } = new TwinMembers().limiter();
  const thousand = limitOf({ limit: 1000, window: '1000s' });
  const decisions = await Promise.all(Array.from({ length: 1000 }, () => one.take([demandOf(thousand)])));
  expect(decisions.filter(({ admitted }) => admitted)).toHaveLength(1000);
  expect(store.calls).toBeLessThan(5);
  one.close();
});

test('A lease lives as long as was asked for, whatever a reload says meanwhile', async () => {
  const members = new TwinMembers();
  const { clock, store, leases, find } = members.leases();
  const [short, long] = [30, 75].map((burst) => limitOf({ requests_per_second: 100, burst }));
  const bucket = find(demandOf(short as NonNullable<typeof short>, 'k', 1, 'g'));
  const open = store.shut();
  const asking = leases.ask(bucket);
  find(demandOf(long as NonNullable<typeof long>, 'k', 1, 'g'));
  open();
  await asking;
  expect(bucket.held(clock.now())).toBeGreaterThan(0);
  await members.advance(210);
  expect(bucket.held(clock.now())).toBe(0);
  leases.close();
});

test('Tokens of a lease that has died while other limits were asked are not used', async () => {
  const members = new TwinMembers();
  const { one, store } = members.limiter();
  const leased = demandOf(limitOf({ requests_per_second: 1000, burst: 1000 }), 'k', 1, 'L');
  const exact = demandOf(limitOf({ limit: 1000, window: '1h', mode: 'exact' }), 'k', 1, 'E');
  await one.take([leased]);
  await members.advance(1, 1);
  await one.take([leased]);
  // In use until shortly before it dies: else it would have gone back.
  for (let ms = 0; ms < 480; ms += 40) {
    await members.advance(40, 1);
    expect(one.take([leased])).toMatchObject({ admitted: true });
  }
  const open = store.shut();
  const waits = Array.from({ length: 5 }, () => one.take([leased, exact]));
  await members.advance(50, 1);
  open();
  const decisions = await Promise.all(waits);
  expect(decisions.map(({ without }) => without)).toEqual(new Array(5).fill('local'));
  one.close();
});

test('What others give back is seen by who was refused before', async () => {
  const members = new TwinMembers();
  const [one, two] = [members.limiter(), members.limiter()];
  const forty = limitOf({ limit: 40, window: '1h' });
  let got = 0;
  for (let time = 0; time < 3; time++) {
    if ((await one.one.take([demandOf(forty)])).admitted) got += 1;
    await members.advance(10);
  }
  for (let ms = 0; ms < 60_000; ms += 50) {
    while ((await two.one.take([demandOf(forty)])).admitted) got += 1;
    await members.advance(50, 50);
  }
  expect(got).toBe(40);
  expect(two.store.calls).toBeLessThan(25);
  for (const { one: limiter } of [one, two]) limiter.close();
});

test('Another limit begins without the refusals of the one before', async () => {
  const { one } = new TwinMembers().limiter();
  const [before, after] = [limitOf({ limit: 10, window: '24h' }), limitOf({ limit: 10_000, window: '1h' })];
  for (let time = 0; time < 12; time++) await one.take([demandOf(before)]);
  expect((await one.take([demandOf(after)])).standings[0]?.wait ?? 0).toBeLessThan(1000);
  one.close();
});

test.each([
  ['open', true, 'open'],
  ['closed', false, 'closed'],
  ['local', true, 'local'],
])('Who was refused while Redis was there meets what holds without it: %s', async (when_redis_is_down, admitted, without) => {
  const { one, store } = new TwinMembers().limiter();
  const daily = limitOf({ limit: 10, window: '24h', when_redis_is_down });
  for (let time = 0; time < 12; time++) await one.take([demandOf(daily)]);
  store.become('down');
  expect(await one.take([demandOf(daily)])).toMatchObject({ admitted, without });
  one.close();
});

test('Shares are forgotten when they are full again, and count among the keys until then', async () => {
  const members = new TwinMembers();
  const { one, store } = members.limiter();
  const eight = limitOf({ limit: 8, window: '1s', mode: 'exact' });
  store.fails = 'late';
  for (let key = 0; key < 500; key++) await one.take([demandOf(eight, `k${key}`)]);
  expect(one.keys).toBe(500);
  await members.advance(10_000, 100);
  expect([one.keys, one.overflows]).toEqual([0, 0]);
  const now_and_then: Decision[] = [];
  for (let minute = 0; minute < 5; minute++) {
    now_and_then.push(await one.take([demandOf(eight)]));
    await members.advance(60_000, 1000);
  }
  expect(now_and_then.every(({ admitted }) => admitted)).toBe(true);
  one.close();
});

test('In a Cluster an answer is as old as the first of its calls', async () => {
  const members = new TwinMembers();
  const { one, store, clock } = members.limiter();
  store.isCluster = true;
  store.answer = (reply) => {
    clock.advance(60);
    return reply;
  };
  const ten = limitOf({ limit: 10, window: '1h', mode: 'exact' });
  const decision = await one.take(['a', 'b', 'c', 'd'].map((name) => demandOf(ten, 'k', 1, name)));
  expect(decision.without).toBe('local');
  await turns();
  one.close();
});
