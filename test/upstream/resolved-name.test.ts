import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { ResolvedName } from '../../src/upstream/resolved-name.ts';

function four(...addresses: string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

function known(...addresses: string[]): ResolvedName {
  const name = new ResolvedName(0);
  name.accept(four(...addresses));
  return name;
}

function rounds(name: ResolvedName, count: number, family = 0): string[] {
  return Array.from({ length: count }, () =>
    name
      .next(family)
      .map(({ address }) => address)
      .join(' '),
  );
}

describe('Addresses of a name', () => {
  test('take turns at being first', () => {
    expect(rounds(known('1.1.1.1', '2.2.2.2', '3.3.3.3'), 4)).toEqual([
      '1.1.1.1 2.2.2.2 3.3.3.3',
      '2.2.2.2 3.3.3.3 1.1.1.1',
      '3.3.3.3 1.1.1.1 2.2.2.2',
      '1.1.1.1 2.2.2.2 3.3.3.3',
    ]);
  });

  test('of the family that the resolver prefers stay before the others', () => {
    expect(rounds(known('::1', '1.1.1.1', '::2', '2.2.2.2'), 2)).toEqual(['::1 ::2 1.1.1.1 2.2.2.2', '::2 ::1 2.2.2.2 1.1.1.1']);
  });

  test('are those of one family, where only that is wanted', () => {
    expect([rounds(known('::1', '1.1.1.1'), 1, 4), rounds(known('::1'), 1, 4)]).toEqual([['1.1.1.1'], ['']]);
  });
});

test('those who watch are told when the set of addresses changes, not when its order does, nor of the first', () => {
  const name = new ResolvedName(0);
  const told: (readonly string[])[] = [];
  name.watchers.add({ changed: (addresses) => told.push(addresses) });
  for (const answer of [['1.1.1.1', '2.2.2.2'], ['2.2.2.2', '1.1.1.1'], ['2.2.2.2'], ['2.2.2.2', '3.3.3.3']]) {
    name.accept(four(...answer));
  }
  expect(told).toEqual([['2.2.2.2'], ['2.2.2.2', '3.3.3.3']]);
});
