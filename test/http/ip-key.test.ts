import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipKey } from '../../src/http/ip-key.ts';

describe('The address of a limit', () => {
  test.each([
    ['192.0.2.7', 64, '192.0.2.7'],
    ['::ffff:192.0.2.7', 64, '192.0.2.7'],
    ['::ffff:c000:207', 64, '192.0.2.7'],
    ['::FFFF:c000:207', 128, '192.0.2.7'],
    ['2001:db8::1', 64, '2001:db8::/64'],
    ['2001:DB8:0:0:ffff::1', 64, '2001:db8::/64'],
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5:6', 128, '2001:db8:1:2:3:4:5:6/128'],
    ['2001:db8:1:2:3:4:5:6', 56, '2001:db8:1::/56'],
    ['2001:db8:1:1ff:3:4:5:6', 56, '2001:db8:1:100::/56'],
    ['2001:db8:1:2:3:4:5:6', 1, '::/1'],
    ['ffff::', 1, '8000::/1'],
    ['fe80::1%eth0', 64, 'fe80::/64'],
    ['::1', 128, '0:0:0:0:0:0:0:1/128'],
    ['::', 64, '::/64'],
    ['64:ff9b::192.0.2.33', 128, '64:ff9b:0:0:0:0:c000:221/128'],
    ['not:an:address', 64, 'not:an:address'],
    ['', 64, ''],
  ])('%s by %i bits is %s', (address, prefix, expected) => {
    expect(ipKey(address, prefix)).toBe(expected);
  });

  test('is one for two addresses exactly if their leading bits are the same', () => {
    const bits = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    const text = (value: bigint) =>
      Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16)).join(':');
    fc.assert(
      fc.property(bits, bits, fc.integer({ min: 1, max: 128 }), fc.boolean(), (one, other, prefix, near) => {
        // Never an IPv4 one: those have keys of their own.
        const a = one | (1n << 127n);
        const b = (near ? a ^ (1n << BigInt(Number(other % 127n))) : other) | (1n << 127n);
        const rest = BigInt(128 - prefix);
        expect(ipKey(text(a), prefix) === ipKey(text(b), prefix)).toBe(a >> rest === b >> rest);
      }),
      { numRuns: 500 },
    );
  });
});
