import { expect, test } from 'vitest';
import { isAllowedOrigin } from '../../../src/layers/web-socket/origins.ts';

const ALLOWED = ['https://app.example.com', 'https://*.example.org', 'http://localhost:3000'];

test.each<[string | undefined, boolean]>([
  [undefined, true],
  ['https://app.example.com', true],
  ['HTTPS://App.Example.com', true],
  ['https://a.example.org', true],
  ['https://a-1.b.example.org', true],
  ['http://localhost:3000', true],
  ['http://app.example.com', false],
  ['https://app.example.com:8443', false],
  ['https://evil.example.com', false],
  ['https://example.org', false],
  ['https://.example.org', false],
  ['https://evil.com/.example.org', false],
  ['https://evil.com?.example.org', false],
  ['https://user@a.example.org', false],
  ['https://a.example.org.evil.com', false],
  ['https://evilexample.org', false],
  ['http://localhost:30001', false],
  ['null', false],
  ['', false],
  ['https://app.example.com, https://app.example.com', false],
])('%s: %s', (origin, allowed) => {
  expect(isAllowedOrigin(origin, ALLOWED)).toBe(allowed);
});

test('Without a list every page may connect', () => {
  expect(isAllowedOrigin('https://anybody.example', [])).toBe(true);
});

test('A long origin takes no long time', () => {
  const started = performance.now();
  isAllowedOrigin(`https://${'a-.'.repeat(20_000)}!.example.org`, ALLOWED);
  expect(performance.now() - started).toBeLessThan(200);
});
