import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Origins } from '../../src/lib/origins.ts';

const LIST = ['https://app.example.com', 'https://*.example.com', 'http://*.example.org:8080', 'https://*.xn--mller-kva.example'];
const origins = new Origins(LIST);

describe('An origin on the list', () => {
  test.each([
    'https://app.example.com',
    'https://a.example.com',
    'https://a.b.c.d.example.com',
    'https://a-b_c.example.com',
    'https://xn--mller-kva.example.com',
    'http://a.example.org:8080',
    'https://a.xn--mller-kva.example',
  ])('is %s', (origin) => expect(origins.has(origin)).toBe(true));
});

describe('An origin that is not on it', () => {
  test.each([
    ['nothing', ''],
    ['the apex', 'https://example.com'],
    ['the apex with a dot before it', 'https://.example.com'],
    ['empty labels', 'https://a..example.com'],
    ['a name that ends alike', 'https://evilexample.com'],
    ['a name that begins alike', 'https://app.example.com.evil.example'],
    ['another scheme', 'http://a.example.com'],
    ['another scheme that ends alike', 'xhttps://a.example.com'],
    ['a port', 'https://a.example.com:8443'],
    ['the port of the scheme', 'https://a.example.com:443'],
    ['no port where one is asked for', 'http://a.example.org'],
    ['another port', 'http://a.example.org:8081'],
    ['a port inside', 'https://evil.example:443.example.com'],
    ['a path', 'https://evil.example/a.example.com'],
    ['a path that looks like one label', 'https://evil.example/.example.com'],
    ['a query', 'https://evil.example?a.example.com'],
    ['a fragment', 'https://evil.example#a.example.com'],
    ['a backslash', 'https://evil.example\\a.example.com'],
    ['somebody at another host', 'https://a.example.com@evil.example'],
    ['somebody at a host of ours', 'https://evil@a.example.com'],
    ['a slash at the end', 'https://a.example.com/'],
    ['a dot at the end', 'https://a.example.com.'],
    ['capitals, which no browser sends', 'https://A.example.com'],
    ['an encoded dot', 'https://evil.example%2e.example.com'],
    ['a space', 'https://evil.example .example.com'],
    ['a tab', 'https://a\t.example.com'],
    ['several, as two fields come', 'https://app.example.com, https://app.example.com'],
    ['several, as old browsers sent them', 'https://evil.example https://a.example.com'],
    ['a star', 'https://*.example.com'],
    ['bytes that are no ASCII', 'https://\xc3\xa4.example.com'],
    ['null', 'null'],
    ['a file', 'file://'],
    ['the labels alone', 'a.example.com'],
    ['10,000 labels and a path', `https://${'a.'.repeat(10_000)}/.example.com`],
  ])('is %s', (_, origin) => expect(origins.has(origin)).toBe(false));
});

describe('seed claim: of the one origin that Photon lists, https://myapp.com,', () => {
  const photon = new Origins(['https://myapp.com']);

  test('pages are allowed', () => expect(photon.has('https://myapp.com')).toBe(true));

  test.each([
    ['a host that begins alike', 'https://myapp.com.evil.com'],
    ['a host that ends alike', 'https://evilmyapp.com'],
    ['a host below it', 'https://www.myapp.com'],
    ['the same host without TLS', 'http://myapp.com'],
    ['its capitals', 'HTTPS://MYAPP.COM'],
    ['its default port', 'https://myapp.com:443'],
    ['its root', 'https://myapp.com/'],
    ['its root by name', 'https://myapp.com.'],
    ['null', 'null'],
    ['nothing', ''],
    ['it twice, as two fields come', 'https://myapp.com, https://myapp.com'],
    ['it twice, with a space', 'https://myapp.com https://myapp.com'],
    ['it with a user', 'https://a@myapp.com'],
    ['8 KB before it', `https://${'a'.repeat(8192)}.myapp.com`],
    ['8 KB behind it', `https://myapp.com${'m'.repeat(8192)}`],
    ['letters that look like its own', 'https://my\u0430pp.com'],
    ['the same as bytes', 'https://my\xd0\xb0pp.com'],
    ['the same as browsers send it', 'https://xn--mypp-43d.com'],
    ['a name that every object has', 'constructor'],
  ])('none but those are: %s', (_, origin) => expect(photon.has(origin)).toBe(false));
});

test('null is one only where it is listed', () => {
  expect([new Origins(['null']).has('null'), new Origins(['https://null']).has('null')]).toEqual([true, false]);
});

test('a star alone is every origin, whatever it looks like', () => {
  const all = new Origins(['*']);
  expect([all.all, all.has('https://a.example'), all.has('null'), all.has('')]).toEqual([true, true, true, true]);
});

test('what a wildcard lets in is a host below its own, as browsers read it', () => {
  const piece = fc.constantFrom(
    'https://',
    'http://',
    'a',
    '.',
    'example.com',
    'evil',
    '/',
    ':',
    '@',
    '?',
    '#',
    '\\',
    '%2e',
    '-',
    '8',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const origin = pieces.join('');
      if (!new Origins(['https://*.example.com']).has(origin)) return;
      const url = new URL(origin);
      expect(url.hostname).toMatch(/[^.]\.example\.com$/);
      expect(url.origin).toBe(origin);
    }),
    { numRuns: 2000 },
  );
});
