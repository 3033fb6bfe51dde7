import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestCoding } from '../../src/http/accept-encoding.ts';

const OFFERED = ['zstd', 'br', 'gzip'] as const;

describe('The coding that a client likes best', () => {
  test.each<[string | undefined, string | undefined, string?]>([
    [undefined, undefined],
    ['', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['gzip,br', 'br'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['deflate', undefined],
    ['gzip;q=1.0, br;q=0.9, zstd;q=0.8', 'gzip', 'weights come before the order of those offered'],
    ['gzip;q=0.5, br;q=0.5', 'br', 'of two alike the first that is offered'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.0', undefined],
    ['gzip;q=0.000', undefined],
    ['*', 'zstd'],
    ['*;q=0.1', 'zstd'],
    ['*;q=0', undefined],
    ['zstd;q=0, *', 'br', 'a star is what is not listed'],
    ['gzip, *;q=0', 'gzip'],
    ['gzip;q=0.2, *;q=0.1', 'gzip'],
    ['identity', undefined],
    ['identity, gzip;q=0.9', undefined, 'none is liked better'],
    ['identity, gzip', 'gzip', 'both are liked alike'],
    ['identity;q=0.5, gzip;q=0.6', 'gzip'],
    ['identity;q=0.5, *;q=0.4', undefined],
    ['identity;q=0', undefined, 'nothing that is offered is asked for'],
    ['identity;q=0, *', 'zstd'],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    ['identity;q=0, *;q=0', undefined],
    [' \t gzip \t ; \t q=0.5 \t ', 'gzip'],
    ['gzip;Q=0.5', 'gzip'],
    [',,gzip,,', 'gzip'],
    ['gzip;q=0.5, gzip', 'gzip'],
    ['gzip, gzip;q=0', undefined, 'what is refused anywhere is not sent'],
    ['x-gzip;q=0, gzip', undefined],
  ])('of %j is %s', (field, best) => {
    expect(bestCoding(field, OFFERED)).toBe(best);
  });

  test.each([
    ...[
      'gzip;q=2',
      'gzip;q=1.001',
      'gzip;q=1.5',
      'gzip;q=0.5000',
      'gzip;q=.5',
      'gzip;q=',
      'gzip;q',
      'gzip;',
      'gzip;q=-1',
      'gzip;q=a',
    ],
    ...[
      'gzip;q=0.',
      'gzip;level=9',
      'gzip;q=1;level=9',
      'gzip q=1',
      'gzip br',
      ';q=1',
      '=',
      'gzip=1',
      'gz ip',
      'gzi',
      'gzipp',
      '"gzip"',
    ],
    ...[
      'gzip;q=0,5',
      'gzip;q =1',
      'gzip;q= 1',
      'gzip;q="1"',
      '**',
      'gzip/1',
      '\u0130gzip',
      'g\u0000zip',
      'gzip;q=1e0',
      'gzip;q=0x1',
    ],
  ])('of %j is none', (field) => {
    expect(bestCoding(field, OFFERED)).toBeUndefined();
  });

  test('is looked for past what is not well-formed', () => {
    expect(bestCoding('br;q=7, ;;;, gzip;q=0.3, zstd;q', OFFERED)).toBe('gzip');
  });

  test('is one of those offered, in their order', () => {
    expect(bestCoding('zstd, br, gzip', ['gzip', 'br'])).toBe('gzip');
    expect(bestCoding('zstd, br, gzip', [])).toBeUndefined();
  });

  test.each([',', ';', ' ', '\t', 'gzip;q=0.1,', '*;', 'a', '=', 'identity;q=0,'])(
    'is found in time that grows with a field of many %j',
    (piece) => {
      const field = piece.repeat(Math.floor(1_000_000 / piece.length));
      const before = process.cpuUsage();
      bestCoding(field, OFFERED);
      const { user } = process.cpuUsage(before);
      // A pass takes some 20 ms; one for each member would take minutes.
      expect(user).toBeLessThan(1_000_000);
    },
  );
});

/** As slow and plain as the words of RFC 9110 §12.5.3. */
function naive(members: readonly { name: string; weight: number }[]): string | undefined {
  const weightOf = (name: string) => members.find((one) => one.name === name)?.weight;
  const identity = weightOf('identity') ?? -1;
  const liked = OFFERED.map((name) => ({ name, weight: weightOf(name) ?? weightOf('*') ?? 0 }));
  const most = Math.max(...liked.map(({ weight }) => weight));
  if (most === 0 || most < identity) return undefined;
  return liked.find(({ weight }) => weight === most)?.name;
}

test('It is that of the specification, for any list of weights', () => {
  const name = fc.constantFrom('zstd', 'br', 'gzip', 'deflate', 'identity', '*');
  const member = fc.record({ name, weight: fc.integer({ min: 0, max: 1000 }) });
  const members = fc.uniqueArray(member, { selector: (one) => one.name });
  fc.assert(
    fc.property(members, fc.constantFrom(',', ', ', ' ,\t'), (list, comma) => {
      const field = list.map((one) => `${one.name};q=${(one.weight / 1000).toFixed(3)}`).join(comma);
      expect(bestCoding(field, OFFERED)).toBe(list.length === 0 ? undefined : naive(list));
    }),
  );
});

test('No field breaks it, and what it gives is offered', () => {
  const piece = fc.constantFrom(
    ...['gzip', 'br', 'zstd', '*', 'identity', ';', ',', 'q', '=', '0', '1', '.', '5', ' ', '\t', '"', '\u00e9'],
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 40 }).map((list) => list.join('')),
      ),
      (field) => {
        expect([undefined, ...OFFERED]).toContain(bestCoding(field, OFFERED));
      },
    ),
  );
});
