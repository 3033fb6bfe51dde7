import { describe, expect, test } from 'vitest';
import type { Loaded } from '../../src/config/source.ts';
import { turns } from '../support/channels.ts';
import { bad, configOf, good, openReloads } from '../support/reloads.ts';

describe('A reload', () => {
  test('applies what the source holds, and says so', async () => {
    const { clock, source, log, applied, outcomes, reloads } = openReloads();
    const asked = reloads.reload('signal');
    clock.advance(1500);
    source.answer(good('v1'));
    const outcome = { at: clock.wall(), reason: 'signal', outcome: 'applied', version: 'v1', took_ms: 1500 };
    expect(await asked).toEqual(outcome);
    expect([source.asked, applied, reloads.version]).toEqual([['v0'], ['v1'], 'v1']);
    expect(outcomes).toEqual([outcome]);
    expect(reloads.history).toEqual([outcome]);
    expect(log.entries).toEqual([['info', { reason: 'signal', version: 'v1', took_ms: 1500 }, 'configuration applied']]);
  });

  test.each<[string, Loaded]>([
    ['the source says that it is unchanged', { kind: 'unchanged', version: 'v0' }],
    ['it is the version that runs, loaded anew', good('v0')],
  ])('does nothing when %s', async (_, loaded) => {
    const { source, log, applied, reloads } = openReloads();
    const asked = reloads.reload('signal');
    source.answer(loaded);
    expect(await asked).toMatchObject({ outcome: 'unchanged', version: 'v0' });
    expect(applied).toEqual([]);
    expect(log.entries.map(([level]) => level)).toEqual(['debug']);
  });

  test('of a bad one changes nothing and tells all that is wrong, with its place', async () => {
    const { source, log, applied, reloads } = openReloads();
    const asked = reloads.reload('signal');
    source.answer(bad('v1', 'is bad', 'is worse'));
    const problems = ['a.yaml:1:2: log: is bad', 'a.yaml:2:2: log: is worse'];
    expect(await asked).toMatchObject({ outcome: 'refused', version: 'v1', problems });
    expect([applied, reloads.version]).toEqual([[], 'v0']);
    expect(log.entries).toMatchObject([['error', { version: 'v1', problems }, 'configuration refused: the one before goes on']]);
  });

  test('keeps the first twenty of many problems', async () => {
    const { source, reloads } = openReloads();
    const asked = reloads.reload('signal');
    source.answer(bad('v1', ...Array.from({ length: 33 }, () => 'is bad')));
    const { problems } = await asked;
    expect(problems).toHaveLength(21);
    expect(problems?.at(-1)).toBe('and 13 more');
  });

  test('that would change what cannot change is refused by name', async () => {
    const { source, applied, reloads } = openReloads({ refuses: () => ['server.http_addr', 'server.workers'] });
    const asked = reloads.reload('signal');
    source.answer(good('v1'));
    expect(await asked).toMatchObject({
      outcome: 'refused',
      problems: [
        'server.http_addr: cannot change while it runs: needs an upgrade',
        'server.workers: cannot change while it runs: needs an upgrade',
      ],
    });
    expect([applied, reloads.version]).toEqual([[], 'v0']);
  });

  test('that cannot be loaded or applied fails, and the next one works', async () => {
    let broken = true;
    const apply = async () => {
      if (broken) throw new Error('no such module');
    };
    const { source, applied, reloads } = openReloads({ apply });
    const first = reloads.reload('signal');
    source.fail('the thread ended');
    expect(await first).toMatchObject({ outcome: 'failed', problems: ['the thread ended'] });
    const second = reloads.reload('signal');
    source.answer(good('v1'));
    expect(await second).toMatchObject({ outcome: 'failed', version: 'v1', problems: ['no such module'] });
    expect(reloads.version).toBe('v0');
    broken = false;
    const third = reloads.reload('signal');
    source.answer(good('v1'));
    expect(await third).toMatchObject({ outcome: 'applied' });
    expect([applied, source.asked]).toEqual([['v1'], ['v0', 'v0', 'v0']]);
  });

  test('without a source fails and says why', async () => {
    const { reloads } = openReloads({ source: undefined });
    reloads.watch();
    expect(await reloads.reload('signal')).toMatchObject({
      outcome: 'failed',
      problems: ['there is no source to read a configuration from'],
    });
  });
});

describe('Several reloads', () => {
  test('are one after the other, and those that come meanwhile are one', async () => {
    const { source, applied, outcomes, reloads } = openReloads();
    const first = reloads.reload('signal');
    const later = [reloads.reload('signal'), reloads.reload('signal'), reloads.reload('signal')];
    expect(source.asked).toHaveLength(1);
    source.answer(good('v1'));
    await first;
    await expect.poll(() => source.asked).toEqual(['v0', 'v1']);
    source.answer(good('v2'));
    const told = await Promise.all(later);
    expect(new Set(told).size).toBe(1);
    expect(applied).toEqual(['v1', 'v2']);
    expect(outcomes).toHaveLength(2);
  });

  test('are remembered, the last twenty, newest first', async () => {
    const { source, reloads } = openReloads();
    for (let at = 1; at <= 25; at++) {
      const asked = reloads.reload('signal');
      source.answer(good(`v${at}`));
      await asked;
    }
    expect(reloads.history.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, at) => `v${25 - at}`));
  });
});

describe('A change of the source', () => {
  test('is taken over while it is watched', async () => {
    const { source, applied, reloads } = openReloads();
    reloads.watch();
    source.onChange?.();
    source.answer(good('v1'));
    await expect.poll(() => applied).toEqual(['v1']);
    expect(reloads.history[0]?.reason).toBe('change');
    reloads.close();
    expect(source.onChange).toBeUndefined();
  });

  test('asks for no second look at a bad one; who asks by hand does', async () => {
    const { source, reloads } = openReloads();
    reloads.watch();
    source.onChange?.();
    source.answer(bad('v1', 'is bad'));
    await expect.poll(() => reloads.history).toHaveLength(1);
    source.onChange?.();
    source.answer({ kind: 'unchanged', version: 'v1' });
    await expect.poll(() => reloads.history).toHaveLength(2);
    const asked = reloads.reload('signal');
    source.answer(bad('v1', 'is bad'));
    expect((await asked).outcome).toBe('refused');
    expect(source.asked).toEqual(['v0', 'v1', 'v0']);
  });

  test('does not take the place of somebody who asked by hand', async () => {
    const { source, reloads } = openReloads();
    reloads.watch();
    const first = reloads.reload('signal');
    const second = reloads.reload('signal');
    source.onChange?.();
    source.answer(bad('v1', 'is bad'));
    await first;
    await expect.poll(() => source.asked).toEqual(['v0', 'v0']);
    source.answer(bad('v1', 'is bad'));
    expect(await second).toMatchObject({ reason: 'signal', outcome: 'refused' });
  });
});

describe('A reload that failed, not for the configuration', () => {
  test('is tried again after a second, then two, and so on, until it is done', async () => {
    const { reloads, source, clock, outcomes } = openReloads();
    reloads.watch();
    source.onChange?.();
    source.fail('no thread');
    await turns();
    clock.advance(999);
    expect(source.asked).toHaveLength(1);
    clock.advance(1);
    source.fail('no thread');
    await turns();
    clock.advance(2000);
    source.answer(good('v2'));
    await turns();
    expect(outcomes.map(({ reason, outcome }) => `${reason} ${outcome}`)).toEqual([
      'change failed',
      'again failed',
      'again applied',
    ]);
    expect(clock.pending).toBe(0);
  });

  test('is not tried again for somebody who only asks, nor after the end', async () => {
    for (const watched of [false, true]) {
      const { reloads, source, clock } = openReloads();
      if (watched) reloads.watch();
      void reloads.reload('signal');
      source.fail('no thread');
      await turns();
      if (watched) reloads.close();
      expect(clock.pending).toBe(0);
    }
  });
});

describe('A configuration that the program made', () => {
  test('is applied, once; the source can take its place', async () => {
    const { source, applied, reloads } = openReloads();
    const config = configOf('error');
    expect(await reloads.adopt(config)).toMatchObject({ outcome: 'applied', version: 'given-1', reason: 'given' });
    expect(await reloads.adopt(config)).toMatchObject({ outcome: 'unchanged', version: 'given-1' });
    const asked = reloads.reload('signal');
    source.answer(good('v0'));
    expect(await asked).toMatchObject({ outcome: 'applied', version: 'v0' });
    expect(applied).toEqual(['given-1', 'v0']);
  });

  test('gives way to one that comes after it before its turn', async () => {
    const { source, applied, reloads } = openReloads();
    const first = reloads.reload('signal');
    const skipped = reloads.adopt(configOf('error'));
    const last = reloads.adopt(configOf('fatal'));
    source.answer(good('v1'));
    await first;
    expect(await skipped).toBe(await last);
    expect(applied).toEqual(['v1', 'given-2']);
  });
});

test('After the end nothing is applied, and whoever waits is told', async () => {
  const { source, applied, reloads } = openReloads();
  const during = reloads.reload('signal');
  const waiting = reloads.reload('signal');
  reloads.close();
  source.answer(good('v1'));
  for (const one of [during, waiting, reloads.adopt(configOf('error'))])
    expect(await one).toMatchObject({ outcome: 'failed', problems: ['the gateway is closed'] });
  expect(applied).toEqual([]);
});
