import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NameCache } from '../../src/upstream/name-cache.ts';
import { turns } from '../support/channels.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { NamesRig } from '../support/names.ts';

const FAILURE = Object.assign(new Error('getaddrinfo EAI_AGAIN a'), { code: 'EAI_AGAIN' });
let rig: NamesRig;

beforeEach(() => {
  rig = new NamesRig();
});
afterEach(() => rig.names.close());

describe('A lookup', () => {
  test('waits for the first answer, together with all others, and never calls back before it returns', async () => {
    rig.answers.set('a', 'wait');
    const found = Promise.all([rig.lookup('a'), rig.lookup('a'), rig.lookup('a', {})]);
    await turns(1);
    rig.answers.set('a', ['1.1.1.1']);
    await rig.answer();
    expect(await found).toEqual(['1.1.1.1', '1.1.1.1', '1.1.1.1/4']);
    let returned = false;
    const order = new Promise((resolve) => rig.names.lookup('a', {}, () => resolve(returned)));
    returned = true;
    expect([await order, rig.asked]).toEqual([true, ['a']]);
  });

  test('is answered from the cache, with another address first each time', async () => {
    rig.answers.set('a', ['1.1.1.1', '2.2.2.2']);
    const found = [await rig.lookup('a', {}), await rig.lookup('a', {}), await rig.lookup('a'), await rig.lookup('a')];
    expect(found).toEqual(['1.1.1.1/4', '2.2.2.2/4', '1.1.1.1 2.2.2.2', '2.2.2.2 1.1.1.1']);
    expect(rig.asked).toHaveLength(1);
  });

  test.each([
    [{ family: 6 }, '::1/6'],
    [{ family: 'IPv4' } as const, '1.1.1.1/4'],
    [{ family: 'IPv6', all: true } as const, '::1'],
    [{}, '1.1.1.1/4'],
  ])('for %j finds %s', async (options, found) => {
    rig.answers.set('a', ['1.1.1.1', '::1']);
    expect(await rig.lookup('a', options)).toBe(found);
  });

  test('of a family without addresses finds none', async () => {
    rig.answers.set('a', ['1.1.1.1']);
    expect(await rig.lookup('a', { family: 6, all: true })).toBe('ENOTFOUND');
  });

  test('of an address asks nobody and costs nothing', async () => {
    expect([await rig.lookup('1.1.1.1', {}), await rig.lookup('::1')]).toEqual(['1.1.1.1/4', '::1']);
    rig.names.watch('1.1.1.1', () => {});
    expect([rig.asked, rig.clock.pending]).toEqual([[], 0]);
  });

  test('without an answer fails, and the next one asks again', async () => {
    rig.answers.set('a', FAILURE);
    expect(await rig.lookup('a')).toBe('EAI_AGAIN');
    expect(await rig.lookup('b')).toBe('ENOTFOUND');
    rig.answers.set('a', ['1.1.1.1']);
    expect(await rig.lookup('a')).toBe('1.1.1.1');
  });
});

describe('A name in use', () => {
  test('is resolved anew in the background, and only one that is', async () => {
    rig.answers.set('a', ['1.1.1.1']).set('b', ['3.3.3.3']);
    const stop = rig.names.watch('a', () => {});
    await rig.lookup('b');
    rig.answers.set('a', ['2.2.2.2']);
    await rig.pass();
    expect(await rig.lookup('a')).toBe('2.2.2.2');
    await rig.pass(3);
    // b was looked up once: that is good for one more time.
    expect(rig.asked).toEqual(['a', 'b', 'a', 'b', 'a', 'a', 'a']);
    stop();
    await rig.pass(3);
    expect([rig.asked.length, rig.clock.pending]).toEqual([7, 0]);
  });

  test('is not resolved twice at a time, however long that takes', async () => {
    rig.answers.set('a', 'wait');
    rig.names.watch('a', () => {});
    const found = rig.lookup('a');
    await rig.pass(3);
    expect(rig.asked).toEqual(['a']);
    rig.answers.set('a', ['1.1.1.1']);
    await rig.answer();
    expect(await found).toBe('1.1.1.1');
    await rig.pass();
    expect(rig.asked).toEqual(['a', 'a']);
  });

  test.each([
    ['fails', FAILURE, 'getaddrinfo EAI_AGAIN a'],
    ['knows no address', [], 'a has no address'],
  ])('keeps its last good answer while the resolver %s, which is told once until it works again', async (_, answer, problem) => {
    const changes: unknown[] = [];
    rig.answers.set('a', ['1.1.1.1']);
    rig.names.watch('a', (addresses) => changes.push(addresses));
    await turns(1);
    for (let time = 0; time < 2; time++) {
      rig.answers.set('a', answer);
      await rig.pass(10);
      expect(await rig.lookup('a')).toBe('1.1.1.1');
      rig.answers.set('a', ['1.1.1.1']);
      await rig.pass();
    }
    expect([rig.problems, changes]).toEqual([[`a: ${problem}`, `a: ${problem}`], []]);
  });

  test('that could not be resolved at first is tried again', async () => {
    rig.answers.set('a', FAILURE);
    rig.names.watch('a', () => {});
    await rig.pass(2);
    rig.answers.set('a', ['1.1.1.1']);
    await rig.pass();
    expect([rig.asked.length, await rig.lookup('a'), rig.problems.length]).toEqual([4, '1.1.1.1', 1]);
  });

  test('has one time for the next attempt, however many ask in vain', async () => {
    rig.answers.set('a', FAILURE);
    for (let time = 0; time < 3; time++) {
      rig.names.watch('a', () => {});
      await rig.lookup('a');
    }
    expect([rig.clock.pending, rig.problems.length]).toEqual([1, 1]);
  });

  test('tells all who watch it of new addresses, until they stop', async () => {
    const told: string[] = [];
    rig.answers.set('a', ['1.1.1.1']);
    const stops = ['x', 'y'].map((who) => rig.names.watch('a', (addresses) => told.push(`${who} ${addresses}`)));
    await turns(1);
    rig.answers.set('a', ['2.2.2.2', '3.3.3.3']);
    await rig.pass();
    stops[0]?.();
    rig.answers.set('a', ['4.4.4.4']);
    await rig.pass();
    expect(told).toEqual(['x 2.2.2.2,3.3.3.3', 'y 2.2.2.2,3.3.3.3', 'y 4.4.4.4']);
  });
});

describe('After its end the cache', () => {
  test('resolves nothing in the background and tells nobody anything, but lookups get their answers', async () => {
    rig.answers.set('a', 'wait').set('b', ['2.2.2.2']);
    rig.names.watch('b', () => {});
    const found = rig.lookup('a');
    await turns(1);
    rig.names.close();
    rig.answers.set('a', FAILURE);
    await rig.answer();
    expect([await found, await rig.lookup('b'), rig.problems]).toEqual(['EAI_AGAIN', '2.2.2.2', []]);
    rig.names.watch('c', () => {});
    await rig.pass(3);
    expect([rig.clock.pending, rig.asked]).toEqual([0, ['b', 'a', 'b']]);
  });
});

test('without a resolver of its own it asks the system', async () => {
  const names = new NameCache({ clock: new ManualClock() });
  const found = await new Promise((resolve) =>
    names.lookup('localhost', { family: 4 }, (error, address) => resolve(error ?? address)),
  );
  expect(found).toBe('127.0.0.1');
  names.close();
});
