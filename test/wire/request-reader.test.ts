import { describe, expect, test } from 'vitest';
import { Intake } from '../../src/wire/intake.ts';
import { RequestHeadParser } from '../../src/wire/request-head.ts';
import { RequestReader } from '../../src/wire/request-reader.ts';
import { FakeSocket } from '../support/fake-socket.ts';

function setUp() {
  const nothing = () => {};
  const told: string[] = [];
  const parser = new RequestHeadParser({ headerBytes: 1024, headerCount: 10, uriBytes: 100 });
  const intake = new Intake(new FakeSocket().socket, {
    bodyAwaited: nothing,
    bodyInvited: nothing,
    bodyRefused: nothing,
    gone: nothing,
    bodyDiscarded: nothing,
  });
  const host = {
    free: true,
    onHead: nothing as () => void,
    mayRead: () => host.free,
    headBegun: () => void told.push('begun'),
    headRead: () => {
      told.push(parser.target.value);
      host.onHead();
    },
    headRefused: (error: Error) => {
      told.push(error.message);
      host.free = false;
    },
  };
  const reader = new RequestReader(intake, parser, host);
  const arrive = (text: string) => {
    intake.hold(Buffer.from(text, 'latin1'));
    reader.advance();
  };
  return { told, host, reader, arrive, pending: () => intake.pending?.toString('latin1') };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('Request heads', () => {
  test('are read one after the other, and the beginning of one is told', () => {
    const { told, arrive, pending } = setUp();
    arrive(`${get('/1')}${get('/2')}GET`);
    expect([told, pending()]).toEqual([['/1', '/2', 'begun'], 'GET']);
    arrive(get('/3').slice(3));
    expect([told.at(-1), pending()]).toEqual(['/3', undefined]);
  });

  test('wait while a request is in progress', () => {
    const { told, host, reader, arrive, pending } = setUp();
    host.onHead = () => {
      host.free = false;
    };
    arrive(get('/1') + get('/2'));
    expect([told, pending()]).toEqual([['/1'], get('/2')]);
    host.free = true;
    reader.advance();
    expect(told).toEqual(['/1', '/2']);
  });

  test('of many requests that are answered at once do not nest', () => {
    const { told, host, reader, arrive } = setUp();
    let depth = 0;
    let deepest = 0;
    host.onHead = () => {
      deepest = Math.max(deepest, ++depth);
      reader.advance();
      depth -= 1;
    };
    arrive(Array.from({ length: 50 }, (_, at) => get(`/${at}`)).join(''));
    expect([told.length, deepest]).toEqual([50, 1]);
  });

  test('that are none are refused, after those that are', () => {
    const { told, arrive } = setUp();
    arrive(`${get('/1')}NO\0${get('/2')}`);
    expect(told).toEqual(['/1', 'the request line does not start with a method and a space']);
  });
});

describe('Empty lines before a request (RFC 9112 §2.2)', () => {
  test.each([1, 4])('are passed over: %d', (count) => {
    const { told, arrive } = setUp();
    arrive('\r\n'.repeat(count) + get('/'));
    expect(told).toEqual(['/']);
  });

  test('are passed over byte by byte too, and are no beginning of a head', () => {
    const { told, arrive, pending } = setUp();
    for (const byte of '\r\n\r\n') arrive(byte);
    expect([told, pending()]).toEqual([[], undefined]);
    arrive('\r');
    expect([told, pending()]).toEqual([[], '\r']);
    arrive(`\n${get('/')}`);
    expect(told).toEqual(['/']);
  });

  test.each([
    ['at once', ['\r\n'.repeat(5)]],
    ['in pieces', ['\r\n', '\r\n\r\n', '\r', '\n\r', '\n']],
  ])('are refused beyond four, %s', (_, pieces) => {
    const { told, arrive } = setUp();
    for (const piece of pieces) arrive(piece);
    arrive(get('/'));
    expect(told).toEqual(['the request line does not start with a method and a space']);
  });

  test('are counted anew for each request', () => {
    const { told, arrive } = setUp();
    for (const path of ['/1', '/2', '/3']) arrive('\r\n'.repeat(4) + get(path));
    expect(told).toEqual(['/1', '/2', '/3']);
  });

  test.each(['\n', '\r\r', '\rG', ' \r\n'])('are CRLF and nothing else: not %j', (text) => {
    const { told, arrive } = setUp();
    arrive(text + get('/'));
    expect(told).toEqual(['the request line does not start with a method and a space']);
  });
});
