import { describe, expect, test } from 'vitest';
import { turns } from '../../support/channels.ts';
import { type Asked, HealthRig } from '../../support/health-checks.ts';

const HTTP = { check_type: 'http', path: '/health' } as const;

describe('A target', () => {
  test('is ready until it has failed often enough, and again when it has done well often enough', async () => {
    const rig = new HealthRig({ interval: 1000 });
    rig.finds = () => 'connection refused';
    rig.checks.update(['a']);
    expect(rig.checks.verdict('a')).toEqual({ ready: true, reason: '' });
    await rig.pass(2600);
    expect(rig.asked.map(({ at }) => at)).toEqual([1500, 2500, 3500]);
    expect(rig.checks.verdict('a')).toEqual({ ready: false, reason: 'tcp: connection refused' });
    rig.finds = () => undefined;
    await rig.pass(2000);
    expect(rig.checks.verdict('a').ready).toBe(true);
    expect(rig.told).toEqual(['a not ready: tcp: connection refused', 'a ready']);
  });

  test('nobody knows is ready, and so is every target that nothing checks', async () => {
    const rig = new HealthRig();
    rig.checks.update(['a']);
    await rig.pass(60_000, 10_000);
    expect([rig.checks.verdict('a').ready, rig.checks.verdict('b').ready]).toEqual([true, true]);
    expect([rig.asked.length, rig.clock.pending]).toEqual([0, 0]);
  });

  test('is ready while none of its checks fails; the reason names the one that does', async () => {
    const rig = new HealthRig({ failure_threshold: 1 }, { ...HTTP, port: 81, failure_threshold: 1, success_threshold: 1 });
    rig.finds = (_, { check_type }) => (check_type === 'http' ? 'status 503, expected 200' : undefined);
    rig.checks.update(['a']);
    await rig.pass(1000);
    expect(rig.checks.verdict('a')).toEqual({ ready: false, reason: 'http :81 /health: status 503, expected 200' });
    rig.finds = () => 'connection refused';
    await rig.pass(10_000, 1000);
    expect(rig.checks.verdict('a').reason).toBe('tcp: connection refused');
    rig.finds = (_, { check_type }) => (check_type === 'http' ? undefined : 'connection refused');
    await rig.pass(10_000, 1000);
    expect(rig.checks.verdict('a').reason).toBe('tcp: connection refused');
    expect(rig.told).toEqual(['a not ready: http :81 /health: status 503, expected 200']);
  });

  test('that makes the probe itself fail is not ready', async () => {
    const rig = new HealthRig({ failure_threshold: 1 });
    rig.finds = () => {
      throw new TypeError('no such thing');
    };
    rig.checks.update(['a']);
    await rig.pass(1000);
    expect(rig.checks.verdict('a').reason).toBe('tcp: the probe itself failed: TypeError: no such thing');
  });
});

describe('Probes', () => {
  test.each([
    [0, 1000, 10_000],
    [0.5, 1500, 11_500],
    [0.999, 1999, 12_997],
  ])('begin within a second and come at the interval give or take a tenth (random %d)', async (random, first, then) => {
    const rig = new HealthRig({ interval: 10_000 });
    rig.finds = () => undefined;
    rig.random = random;
    rig.checks.update(['a']);
    await rig.pass(12_500, 50);
    expect(rig.asked.slice(0, 2).map(({ at }) => Math.floor(at))).toEqual([first, then]);
  });

  test('begin within the interval when that is shorter than a second', async () => {
    const rig = new HealthRig({ interval: 200 });
    rig.random = 0.9;
    rig.checks.update(['a']);
    await rig.pass(200, 10);
    expect(rig.asked.map(({ at }) => at)).toEqual([1180]);
  });

  test('of one target and check do not overlap, and the next comes at once when its time is over', async () => {
    const rig = new HealthRig({ interval: 1000 });
    rig.checks.update(['a']);
    await rig.pass(5000);
    expect(rig.asked).toHaveLength(1);
    rig.asked[0]?.answer();
    await turns(1);
    await rig.pass(100);
    expect(rig.asked).toHaveLength(2);
  });

  test('of thousands of targets are 64 at a time, share one timer, and all get their turn', async () => {
    const rig = new HealthRig({ interval: 10_000 });
    const targets = Array.from({ length: 3000 }, (_, at) => `t${at}`);
    rig.checks.update(targets);
    expect(rig.clock.pending).toBe(1);
    await rig.pass(1000);
    expect(rig.open.size).toBe(64);
    for (let most = 0; most < 100 && rig.asked.length < 3000; most++) {
      expect(rig.open.size).toBeLessThanOrEqual(64);
      for (const one of [...rig.open]) one.answer();
      await turns(1);
    }
    expect(Object.keys(rig.counts())).toHaveLength(3000);
  });
});

describe('When targets change', () => {
  async function failing(): Promise<HealthRig> {
    const rig = new HealthRig({ failure_threshold: 1, interval: 1000 });
    rig.finds = () => 'connection refused';
    rig.checks.update(['a', 'b']);
    await rig.pass(1000);
    expect(rig.told).toHaveLength(2);
    rig.finds = () => 'wait';
    return rig;
  }

  test('those that stay keep their state and their time', async () => {
    const rig = await failing();
    const before = rig.asked.length;
    rig.checks.update(['b', 'c']);
    expect(rig.checks.verdict('b').ready).toBe(false);
    await rig.pass(400);
    expect(rig.asked.slice(before).map(({ target }) => target)).toEqual([]);
    await rig.pass(200);
    expect(
      rig.asked
        .slice(before)
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['b', 'c']);
  });

  test('one that is gone is given up and forgotten, and its late answer ignored', async () => {
    const rig = await failing();
    await rig.pass(1000);
    const late = [...rig.open].find(({ target }) => target === 'a') as Asked;
    rig.checks.update(['b']);
    expect([late.signal.aborted, rig.checks.verdict('a').ready]).toEqual([true, true]);
    late.answer('connection refused');
    await rig.pass(3000);
    expect([rig.told.length, rig.counts()['a']]).toEqual([2, 2]);
  });

  test('one that comes back is new', async () => {
    const rig = await failing();
    rig.checks.update([]);
    rig.checks.update(['a', 'a']);
    expect(rig.checks.verdict('a').ready).toBe(true);
    rig.finds = () => undefined;
    await rig.pass(5000);
    expect(rig.counts()['a']).toBe(6);
  });

  test('nothing goes on after the end', async () => {
    const rig = await failing();
    await rig.pass(1000);
    const open = [...rig.open];
    rig.checks.close();
    expect(open.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const one of open) one.answer('connection refused');
    await rig.pass(3000);
    expect([rig.told.length, rig.asked.length, rig.clock.pending]).toEqual([2, 4, 0]);
  });
});
