import { expect, test } from 'vitest';
import { cidr } from '../../src/lib/fields.ts';
import { Networks } from '../../src/lib/networks.ts';

const networks = new Networks(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', 'fe80::/10'].map((text) => cidr().parse(text)));

test.each([
  ['10.255.0.1', true],
  ['11.0.0.1', false],
  ['192.0.2.1', true],
  ['192.0.2.2', false],
  ['2001:db8:1::1', true],
  ['2001:db9::1', false],
  ['fe80::1%eth0', true],
  ['::1%eth0', false],
])('%s is in the ranges: %s', (address, inside) => {
  expect(networks.has(address)).toBe(inside);
});

test('no ranges have no addresses', () => {
  expect(new Networks([]).has('10.0.0.1')).toBe(false);
});
