import { STATUS_CODES } from 'node:http';
import { expect, test } from 'vitest';
import { statusLine } from '../../src/wire/status.ts';

test('every registered status has its reason', () => {
  // Names that RFC 9110 has changed since, or that we spell as it does.
  const renamed: Record<string, string> = { 413: 'Content Too Large', 422: 'Unprocessable Content', 418: "I'm a Teapot" };
  // Withdrawn, reserved or experimental: never sent with a phrase.
  const without = ['509', '510'];
  for (const [status, reason] of Object.entries(STATUS_CODES)) {
    if (without.includes(status)) continue;
    expect(statusLine(Number(status))).toBe(`HTTP/1.1 ${status} ${renamed[status] ?? reason}\r\n`);
  }
});

test.each([299, 599, 600, 999])('the status %d has none, and its line keeps the space', (status) => {
  expect(statusLine(status)).toBe(`HTTP/1.1 ${status} \r\n`);
});
