import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { lineOf } from './line-of.ts';

const combined = { format: 'combined' };

test('a combined line is what Apache and nginx write', () => {
  const headers = Headers.from([
    ['Referer', 'https://r.test/a?cookie=x'],
    ['User-Agent', 'Mozilla/5.0 (X11)'],
  ]);
  expect(lineOf(combined, { headers, target: '/a?b=c&authorization=x' })).toBe(
    '192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET /a?b=c&authorization=[redacted] HTTP/1.1" 200 5 ' +
      '"https://r.test/a?cookie=[redacted]" "Mozilla/5.0 (X11)"\n',
  );
});

test('what is not there is a hyphen', () => {
  const line = lineOf(combined, { minor: 0 }, () => new Reply(200), { status: 502, error: 'upstream_reset' });
  expect(line).toBe('192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.0" 502 - "-" "-"\n');
});

test('whatever a request says, it stays between its quotes and on its line', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
  const value = text.map((one) => one.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''));
  const quoted = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]|\\x[0-9a-f]{2})*"`;
  const shape = new RegExp(String.raw`^192\.0\.2\.7 - - \[[^\]]{26}\] ${quoted} 200 5 ${quoted} ${quoted}\n$`);
  fc.assert(
    fc.property(text, text, value, value, (method, target, referer, agent) => {
      const headers = Headers.from([
        ['Referer', referer],
        ['User-Agent', agent],
      ]);
      expect(lineOf(combined, { method: `A${method}`, target, headers })).toMatch(shape);
    }),
    { numRuns: 500 },
  );
});
