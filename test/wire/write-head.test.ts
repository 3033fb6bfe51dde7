import { describe, expect, test } from 'vitest';
import { EMPTY, type Tunnel } from '../../src/http/body.ts';
import { Headers } from '../../src/http/headers.ts';
import { Reply, type ReplyBody } from '../../src/http/reply.ts';
import { HttpDate } from '../../src/lib/clock.ts';
import { ReplyTerms } from '../../src/wire/reply-terms.ts';
import { hasNoBody, replyHead } from '../../src/wire/write-head.ts';
import { arrived } from '../support/arrived.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualSource } from '../support/manual-source.ts';

const DATE = 'Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n';

interface Case {
  readonly status?: number;
  readonly fields?: Headers;
  readonly body?: ReplyBody;
  readonly terms?: Partial<Pick<ReplyTerms, 'head' | 'minor' | 'persistent' | 'keepAliveAsked'>>;
}

function write({ status = 200, fields = new Headers(), body, terms = {} }: Case) {
  const given = Object.assign(new ReplyTerms(new HttpDate(new ManualClock(0, Date.UTC(2026, 0, 1)))), terms);
  return replyHead(new Reply(status, fields, body), given);
}

const length = (text: string | number) => arrived(`Content-Length: ${text}`);

describe('The framing of a reply (RFC 9112 §6)', () => {
  test.each<[string, Case, string, string | number]>([
    ['nothing', {}, 'Content-Length: 0\r\n', 0],
    ['text', { body: 'abc' }, 'Content-Length: 3\r\n', 3],
    ['bytes', { body: new Uint8Array(4) }, 'Content-Length: 4\r\n', 4],
    ['a source of known length', { body: new ManualSource(5) }, 'Content-Length: 5\r\n', 5],
    ['a source of unknown length', { body: new ManualSource() }, 'Transfer-Encoding: chunked\r\n', 'chunked'],
    ['the empty source', { body: EMPTY }, 'Content-Length: 0\r\n', 0],
  ])('with %s says so', (_, given, fields, framing) => {
    const head = write(given);
    expect(head).toEqual({ text: `HTTP/1.1 200 OK\r\n${fields}${DATE}\r\n`, framing, bodiless: false, persistent: true });
  });

  test.each<[string, Case, string]>([
    ['in other digits is written plainly', { body: 'abc', fields: length('003') }, 'Content-Length: 3\r\n'],
    ['that is true is kept as it was', { body: 'abc', fields: length(3) }, 'Content-Length: 3\r\n'],
    ['that is too short is made true', { body: 'abc', fields: length(2) }, 'Content-Length: 3\r\n'],
    ['that is too long is made true', { body: new ManualSource(2), fields: length(9) }, 'Content-Length: 2\r\n'],
    ['without a body is made true', { fields: length(9) }, 'Content-Length: 0\r\n'],
    ['that nobody can know is taken away', { body: new ManualSource(), fields: length(9) }, 'Transfer-Encoding: chunked\r\n'],
  ])('with a Content-Length %s', (_, given, fields) => {
    expect(write(given).text).toBe(`HTTP/1.1 200 OK\r\n${fields}${DATE}\r\n`);
  });

  test('for an HTTP/1.0 client ends an unknown length with the connection', () => {
    const head = write({ body: new ManualSource(), terms: { minor: 0, persistent: true, keepAliveAsked: true } });
    expect(head).toMatchObject({ framing: 'close', persistent: false });
    expect(head.text).toBe(`HTTP/1.1 200 OK\r\n${DATE}Connection: close\r\n\r\n`);
    expect(write({ body: 'abc', terms: { minor: 0 } })).toMatchObject({ framing: 3, persistent: true });
  });
});

describe('A reply without content (RFC 9110 §6.4.1)', () => {
  test.each([
    [200, false, false],
    [204, false, true],
    [205, false, false],
    [304, false, true],
    [101, false, true],
    [199, false, true],
    [200, true, true],
    [404, true, true],
  ])('of status %d, to HEAD %s: %s', (status, head, none) => {
    expect(hasNoBody(status, head)).toBe(none);
  });

  test.each<[string, Case, string]>([
    ['204 has no length', { status: 204 }, ''],
    ['204 loses a length', { status: 204, fields: length(3) }, ''],
    ['204 loses its body', { status: 204, body: 'abc' }, ''],
    ['304 without a length gets none', { status: 304 }, ''],
    ['304 keeps the length of what is not sent', { status: 304, fields: length(3) }, 'Content-Length: 3\r\n'],
    ['HEAD keeps the length of what is not sent', { fields: length(3), terms: { head: true } }, 'Content-Length: 3\r\n'],
    ['HEAD without a length gets none', { terms: { head: true } }, ''],
    ['HEAD of text says how long it would be', { body: 'abc', terms: { head: true } }, 'Content-Length: 3\r\n'],
    ['HEAD of a source says how long it would be', { body: new ManualSource(7), terms: { head: true } }, 'Content-Length: 7\r\n'],
    ['HEAD of an unknown length says nothing', { body: new ManualSource(), terms: { head: true } }, ''],
  ])('%s', (_, given, fields) => {
    const { text, bodiless, persistent } = write(given);
    expect(text).toMatch(/^HTTP\/1\.1 \d+ [A-Za-z ]+\r\n/);
    expect(text.slice(text.indexOf('\n') + 1)).toBe(`${fields}${DATE}\r\n`);
    expect([bodiless, persistent]).toEqual([true, true]);
  });
});

describe('The other fields of a reply', () => {
  test('come before those of the connection', () => {
    const fields = Headers.from([
      ['X-A', '1'],
      ['X-B', '2'],
    ]);
    expect(write({ fields, body: 'a' }).text).toBe(`HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 1\r\n${DATE}\r\n`);
  });

  test('have one Date, the one of whoever made the reply', () => {
    expect(write({ fields: arrived('date: x') }).text).toBe('HTTP/1.1 200 OK\r\ndate: x\r\nContent-Length: 0\r\n\r\n');
  });

  test('say when the connection closes, and to HTTP/1.0 clients who asked when it stays', () => {
    expect(write({ terms: { persistent: false } }).text).toContain('\r\nConnection: close\r\n\r\n');
    expect(write({ terms: { persistent: false, keepAliveAsked: true } }).text).toContain('\r\nConnection: close\r\n\r\n');
    expect(write({ terms: { keepAliveAsked: true } }).text).toContain('\r\nConnection: keep-alive\r\n\r\n');
    expect(write({}).text).not.toContain('Connection');
  });
});

test('a tunnel is opened by a 101 with the protocol, once, and is the end of HTTP on the connection', () => {
  const body: Tunnel = {
    fromUpstream: EMPTY,
    toUpstream: { onDrain: undefined, chunk: () => true, end: () => {}, fail: () => {} },
  };
  const head = write({ status: 101, body, fields: arrived('Upgrade: a', 'X-B: c') });
  const dated = write({ status: 101, body, fields: arrived('Upgrade: a', 'Date: x') });
  expect(dated.text).toBe('HTTP/1.1 101 Switching Protocols\r\nDate: x\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n');
  expect(head).toEqual({
    text: `HTTP/1.1 101 Switching Protocols\r\nX-B: c\r\n${DATE}Connection: upgrade\r\nUpgrade: a\r\n\r\n`,
    framing: 'close',
    bodiless: true,
    persistent: false,
  });
});
