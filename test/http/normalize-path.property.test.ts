import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizePath } from '../../src/http/normalize-path.ts';

const PIECES = [
  '/',
  '//',
  '.',
  '..',
  '%2e',
  '%2E',
  '%2f',
  '%5C',
  '%5c',
  ';',
  '%3b',
  '\\',
  'a',
  'B',
  '~',
  '%61',
  '%c3',
  '%',
  '?',
  'x=1',
];
const wild = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

test('what has been normalised stays as it is, under either policy', () => {
  fc.assert(
    fc.property(wild, (target) => {
      const normal = normalizePath(target, 'safe');
      if (normal === undefined) return;
      expect(normalizePath(normal, 'safe')).toBe(normal);
      expect(normalizePath(normal, 'off')).toBe(normal);
    }),
  );
});

/** As an upstream may read it that is more lenient than anyone should be. */
function climbs(path: string): boolean {
  const plain = path
    .replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replaceAll('\\', '/');
  return plain.split('/').some((segment) => ['.', '..'].includes(segment.split(';')[0] as string));
}

test('nothing that is let through climbs, however an upstream reads it', () => {
  fc.assert(
    fc.property(wild, (target) => {
      const normal = normalizePath(target, 'safe');
      if (normal === undefined) return;
      const path = normal.split('?')[0] as string;
      expect(path).toMatch(/^\/(?!\/)/);
      expect([path, climbs(path)]).toEqual([path, false]);
    }),
    { numRuns: 2000 },
  );
});

/** A character, or its triplet in either case: the same where it is unreserved. */
const spelt = (text: string): fc.Arbitrary<string> =>
  fc.tuple(...[...text].map((one) => fc.constantFrom(one, triplet(one), triplet(one).toLowerCase()))).map((all) => all.join(''));
const triplet = (one: string): string => `%${one.charCodeAt(0).toString(16).toUpperCase()}`;
const name = fc.string({ unit: fc.constantFrom(...'abzAZ09-_~'), minLength: 1, maxLength: 4 });
const detour = fc.oneof(
  fc.constantFrom('/', '//', '/./', '/%2e/', '/.//'),
  name.map((one) => `/${one}/../`),
  name.map((one) => `/${one}/%2e%2E/`),
);

test('two spellings of one path give one result', () => {
  const path = fc.array(name, { minLength: 1, maxLength: 5 });
  const spellings = path.chain((names) =>
    fc.record({ names: fc.constant(names), ways: fc.tuple(...names.map((one) => fc.tuple(detour, spelt(one)))) }),
  );
  fc.assert(
    fc.property(spellings, ({ names, ways }) => {
      expect(normalizePath(ways.flat().join(''), 'safe')).toBe(`/${names.join('/')}`);
    }),
  );
});

test('the query stays as it is', () => {
  fc.assert(
    fc.property(wild, fc.string({ unit: fc.constantFrom(...PIECES) }), (target, query) => {
      const path = target.split('?')[0] as string;
      const normal = normalizePath(path, 'safe');
      expect(normalizePath(`${path}?${query}`, 'safe')).toBe(normal === undefined ? undefined : `${normal}?${query}`);
    }),
  );
});
