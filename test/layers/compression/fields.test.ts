import { describe, expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { markCompressed, markNegotiated, markNotModified } from '../../../src/layers/compression/fields.ts';

describe('The fields of a compressed reply', () => {
  test.each([
    ['"abc"', 'W/"abc"'],
    ['W/"abc"', 'W/"abc"'],
    ['""', 'W/""'],
    ['abc', 'abc'],
  ])('have, for the tag %s, the tag %s', (before, after) => {
    const headers = Headers.from([['ETag', before]]);
    markCompressed(headers, 'br');
    expect(headers.all('etag')).toEqual([after]);
  });

  test('say how it is coded, and nothing that was true of other bytes', () => {
    const gone = ['Content-Length', 'Accept-Ranges', 'Content-MD5', 'Digest', 'Content-Digest', 'Repr-Digest'];
    const kept = ['Unencoded-Digest', 'Last-Modified', 'Content-Language'];
    const headers = Headers.from([...gone, ...kept, 'Content-Encoding'].map((name) => [name, 'x']));
    markCompressed(headers, 'zstd');
    expect(headers.flat()).toEqual([...kept.flatMap((name) => [name, 'x']), 'Content-Encoding', 'zstd']);
  });
});

test.each([
  [undefined, 'Accept-Encoding'],
  ['Origin', 'Origin, Accept-Encoding'],
  ['accept-encoding', 'accept-encoding'],
  ['Origin, ACCEPT-ENCODING', 'Origin, ACCEPT-ENCODING'],
  ['*', '*'],
])('Vary %s becomes %s', (before, after) => {
  const headers = Headers.from(before === undefined ? [] : [['Vary', before]]);
  markNegotiated(headers);
  expect(headers.get('vary')).toBe(after);
});

describe('A 304', () => {
  test.each<[string, string | undefined, string | undefined, string | undefined]>([
    ['about a copy that went out compressed names the copy', '"a"', 'W/"a"', 'W/"a"'],
    ['among several copies', '"a"', '"b", W/"a"', 'W/"a"'],
    ['about a copy as it is says so', '"a"', '"a"', '"a"'],
    ['about another copy', '"a"', 'W/"aa", W/"b"', '"a"'],
    ['about any copy', '"a"', '*', '"a"'],
    ['of which no copy is known', '"a"', undefined, '"a"'],
    ['with a weak tag', 'W/"a"', 'W/"a"', 'W/"a"'],
    ['without a tag', undefined, 'W/"a"', undefined],
  ])('%s', (_, tag, held, after) => {
    const headers = Headers.from(tag === undefined ? [] : [['ETag', tag]]);
    markNotModified(headers, held);
    expect(headers.get('etag')).toBe(after);
    expect(headers.get('vary')).toBe(after !== tag ? 'Accept-Encoding' : undefined);
  });
});
