import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { guardedLookup } from '../../src/upstream/guarded-lookup.ts';

const here = { address: '127.0.0.1', family: 4 };
const there = { address: '192.0.2.1', family: 4 };

/** What a lookup says of a name that leads to these addresses, while 127.0.0.1 is refused. */
function ask(addresses: readonly LookupAddress[], all: boolean): Promise<unknown> {
  const answer: LookupFunction = (_host, _options, callback) => {
    const [first] = addresses;
    if (first === undefined) callback(new Error('no such name'), '');
    else if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
  const lookup = guardedLookup(answer, (address) => address === '127.0.0.1');
  return new Promise((resolve) => {
    lookup('name', { all }, (error, found, family) => resolve(error === null ? [found, family] : error.message));
  });
}

test.each([
  ['others pass', [there], true, [[there], undefined]],
  ['of several those that are refused are left out', [here, there], true, [[there], undefined]],
  ['a name that leads nowhere else is an error', [here], true, 'name leads to the admin address'],
  ['one alone passes', [there], false, ['192.0.2.1', 4]],
  ['one alone that is refused is an error', [here], false, 'name leads to the admin address'],
  ['an error stays what it is', [], true, 'no such name'],
])('%s', async (_what, addresses, all, expected) => {
  expect(await ask(addresses, all)).toEqual(expected);
});
