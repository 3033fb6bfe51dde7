import { describe, expect, test } from 'vitest';
import { HttpDate } from '../../src/lib/clock.ts';
import { ReplyTerms } from '../../src/wire/reply-terms.ts';
import { RequestHeadParser } from '../../src/wire/request-head.ts';
import { ManualClock } from '../support/manual-clock.ts';

const LIMITS = { headerBytes: 1024, headerCount: 10, uriBytes: 100 };

function setUp() {
  const terms = new ReplyTerms(new HttpDate(new ManualClock()));
  const parser = new RequestHeadParser(LIMITS);
  const read = (line: string, draining = false) => {
    const head = Buffer.from(`${line}\r\nHost: a\r\n\r\n`);
    if (parser.parse(head, 0, head.length) < 0) throw parser.error;
    terms.read(parser, draining);
    const { head: isHead, minor, persistent, keepAliveAsked } = terms;
    return { isHead, minor, persistent, keepAliveAsked };
  };
  return { terms, read };
}

describe('What a request says about its reply', () => {
  test.each([
    ['GET / HTTP/1.1', { isHead: false, minor: 1, persistent: true, keepAliveAsked: false }],
    ['HEAD / HTTP/1.1', { isHead: true, minor: 1, persistent: true, keepAliveAsked: false }],
    ['GET / HTTP/1.1\r\nConnection: keep-alive', { isHead: false, minor: 1, persistent: true, keepAliveAsked: false }],
    ['GET / HTTP/1.1\r\nConnection: close', { isHead: false, minor: 1, persistent: false, keepAliveAsked: false }],
    ['GET / HTTP/1.0', { isHead: false, minor: 0, persistent: false, keepAliveAsked: false }],
    ['GET / HTTP/1.0\r\nConnection: keep-alive', { isHead: false, minor: 0, persistent: true, keepAliveAsked: true }],
    ['GET / HTTP/1.0\r\nConnection: keep-alive, close', { isHead: false, minor: 0, persistent: false, keepAliveAsked: true }],
  ])('%j is %j', (line, expected) => {
    expect(setUp().read(line)).toEqual(expected);
  });

  test('is not forgotten: a connection that is to close stays so', () => {
    const { read } = setUp();
    read('GET / HTTP/1.1\r\nConnection: close');
    expect(read('GET / HTTP/1.1').persistent).toBe(false);
  });

  test('is outweighed by a drain', () => {
    expect(setUp().read('GET / HTTP/1.1', true).persistent).toBe(false);
  });

  test('holds for this request: HEAD and 1.0 end with it', () => {
    const { read } = setUp();
    read('HEAD / HTTP/1.0\r\nConnection: keep-alive');
    expect(read('GET / HTTP/1.1')).toEqual({ isHead: false, minor: 1, persistent: true, keepAliveAsked: false });
  });

  test('counts for nothing once what came is no request', () => {
    const { terms, read } = setUp();
    read('HEAD / HTTP/1.0\r\nConnection: keep-alive');
    terms.last();
    expect(terms).toMatchObject({ head: false, minor: 1, persistent: false, keepAliveAsked: false });
    expect(terms.date).toMatch(/GMT$/);
  });
});
