import { expect, test } from 'vitest';
import { redirectPieces, redirectSchema } from '../../src/config/redirect.ts';

const read = (written: unknown) => redirectSchema.safeParse(written);

test.each([
  'https://{host}{path}',
  'https://{host}/new{path}?{query}',
  '{scheme}://www.{host}:8443/{id}',
  'http://example.com',
  'https://[::1]:8443/a',
  '/new/{id}?from={id}&a=1',
  '{path}/',
  '/',
  '/a#b',
])('a redirect may lead to %s', (to) => {
  expect(read({ to }).data).toEqual({ to, status: 308 });
});

test.each([
  ['', /not where a redirect leads/],
  ['new', /not where a redirect leads/],
  ['//evil.example/{path}', /not where a redirect leads/],
  ['javascript:alert(1)', /not where a redirect leads/],
  ['ftp://a.example/', /not where a redirect leads/],
  ['{id}', /not where a redirect leads/],
  ['https://{id}.example.com/', /so that no client chooses/],
  ['https://example.com{id}', /so that no client chooses/],
  ['https://me@example.com/', /so that no client chooses/],
  ['https://{host}@evil.example/', /so that no client chooses/],
  ['https:///a', /so that no client chooses/],
  ['/a/{host}', /stand only at the beginning/],
  ['/a/{query}', /stands after a "\?"/],
  ['/a?{path}', /after a "\?"/],
  ['/a#{id}', /after a "\?"/],
  ['/a b', /characters that no URI has/],
  ['/a\r\nX: y', /characters that no URI has/],
  ['/{a', /characters that no URI has/],
  ['/{a b}', /characters that no URI has/],
  ['/\\evil.example', /characters that no URI has/],
  ['/%zz', /characters that no URI has/],
])('a redirect does not lead to %j', (to, why) => {
  expect(read({ to }).error?.issues[0]?.message).toMatch(why);
});

test.each([
  [301, 301],
  ['302', 302],
  [303, 303],
  [307, 307],
])('its status may be %j', (status, found) => {
  expect(read({ to: '/', status }).data?.status).toBe(found);
});

test.each([200, 300, 304, '3o1'])('its status is not %j', (status) => {
  expect(read({ to: '/', status }).error?.issues[0]?.message).toMatch(/not the status of a redirect/);
});

test('its pieces are texts and names', () => {
  expect(redirectPieces('https://{host}/a/{id}')).toEqual([
    { text: 'https://' },
    { name: 'host' },
    { text: '/a/' },
    { name: 'id' },
  ]);
});
