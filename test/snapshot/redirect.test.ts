import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redirectSchema } from '../../src/config/redirect.ts';
import { GatewayError } from '../../src/http/errors.ts';
import { Headers } from '../../src/http/headers.ts';
import type { Reply } from '../../src/http/reply.ts';
import { redirect } from '../../src/snapshot/redirect.ts';
import { type Asking, exchangeOf } from '../support/exchanges.ts';

function reply(to: string, asking: Asking, params: Record<string, string> = {}): Reply {
  const exchange = exchangeOf({ authority: 'example.test:8080', ...asking });
  exchange.params = params;
  return redirect(redirectSchema.parse({ to }))(exchange) as Reply;
}
const location = (...args: Parameters<typeof reply>) => reply(...args).headers.get('location');

describe('A redirect', () => {
  test('has its status, a Location and no body', () => {
    const { status, headers, body } = redirect({ to: '/a', status: 303 })(exchangeOf()) as Reply;
    expect([status, headers.flat(), body]).toEqual([303, ['Location', '/a'], undefined]);
  });

  test.each([
    ['https://{host}{path}', '/a/b', 'https://example.test/a/b'],
    ['https://{host}{path}', '/a?b=c&d', 'https://example.test/a?b=c&d'],
    ['{scheme}://{host}:81/x', '/a', 'http://example.test:81/x'],
    ['/new{path}?old=1&{query}', '/a?b=c', '/new/a?old=1&b=c'],
    ['/new?old=1&{query}', '/a', '/new?old=1'],
    ['/new?{query}', '/a', '/new'],
    ['/new?', '/a?b', '/new'],
    ['/new?x=1', '/a?b', '/new?x=1'],
    ['/new#there', '/a?b', '/new#there'],
    ['/new/{id}?id={id}', '/a', '/new/7%C3%A4&b=c?id=7%C3%A4%26b%3Dc'],
    ['{path}/', '//evil.example/a', '/evil.example/a/'],
    ['/{rest}', '/a', '/evil.example/x'],
  ])('to %s from %s leads to %s', (to, target, expected) => {
    expect(location(to, { target }, { id: '7%C3%A4&b=c', rest: '//evil.example/x' })).toBe(expected);
  });

  test('keeps to the TLS that a trusted proxy speaks', () => {
    const headers = Headers.from([['X-Forwarded-Proto', 'https']]);
    const led = (trusted: boolean) => location('{scheme}://{host}/x', { headers, peer: { trusted } });
    expect([led(true), led(false)]).toEqual(['https://example.test/x', 'http://example.test/x']);
  });

  test('to the host that the client named needs one', () => {
    for (const authority of ['', 'a b', 'a/b', 'a@b', '[::1', 'a\r\nb']) {
      expect(() => reply('https://{host}/', { authority })).toThrow(GatewayError);
    }
    expect(location('https://{host}/', { authority: '[::1]:80' })).toBe('https://[::1]/');
  });

  test('stays on its host and is one field, whatever the request', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('/', '\\', '.', '@', ':', '?', '#', '%', '2', 'F', '\r', '\n', ' ', 'a', 'ä', '"', '<', '\ud800'),
    });
    fc.assert(
      fc.property(nasty, nasty, nasty, (path, query, id) => {
        const asking = { target: `/${path.replaceAll('?', '')}?${query}` };
        for (const to of ['https://{host}{path}', '{path}', '/{id}', '/a?x={id}&{query}', '/x/{id}{path}']) {
          const text = location(to, asking, { id }) as string;
          expect(text).toMatch(/^[\x21-\x7e]+$/);
          expect(new URL(text, 'http://example.test').hostname).toBe('example.test');
        }
        const asked = new URL(location('/a?x={id}&y=1', { target: '/' }, { id }) as string, 'http://a');
        expect(asked.searchParams.get('y')).toBe('1');
      }),
      { numRuns: 2000 },
    );
  });
});
