import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accepts, mediaRanges } from '../../src/http/media-range.ts';

describe('A client', () => {
  test.each([
    [undefined, true],
    ['text/html', true],
    ['TEXT/HTML', true],
    ['text/*', true],
    ['*/*', true],
    ['application/json, */*;q=0.1', true],
    ['application/json', false],
    ['', false],
    ['text/html;q=0', false],
    ['text/html; q=0.000, */*', false],
    ['text/*;q=0, */*', false],
    ['*/*;q=0, text/html', true],
    ['text/html;q=0.001', true],
    ['text/html;level=1', true],
    ['text/html;level=1, text/html;q=0', false],
    ['text/html;level=1;q=0, */*', false],
    ['text/html;q=1.5', false],
    ['text/html;q=x, text/*', true],
    ['text/html;a="b,*/*;q=0"', true],
    ['x/y;a="\\",text/html"', false],
    ['text/htmlx, xtext/html', false],
    ['text /html, text', false],
    [' ,, text/html ;', true],
  ])('that says %j takes text/html: %j', (field, good) => {
    expect(accepts(field, 'text/html')).toBe(good);
  });
});

test('a range has its type, parameters and weight', () => {
  expect(mediaRanges('Application/JSON; Version="2\\"" ;q=0.5;x')).toEqual([
    {
      type: 'application/json',
      parameters: [
        ['version', '2"'],
        ['x', ''],
      ],
      weight: 0.5,
    },
  ]);
});

test('any text is read, and in time that grows with its length', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '/', '*', ';', ',', '"', '\\', 'q', '=', '0', ' ') }),
      (text) => void mediaRanges(text),
    ),
  );
  const started = performance.now();
  for (const unit of ['"', '\\"', 'a"', '",', ';"\\']) mediaRanges(unit.repeat(16_384 / unit.length));
  expect(performance.now() - started).toBeLessThan(200);
});
