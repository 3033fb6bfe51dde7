import { type Case, get, lines, post, reply, type Topic } from './case.ts';

const old = (target: string, ...fields: readonly string[]): string => lines(`GET ${target} HTTP/1.0`, 'Host: a', ...fields);
const KEEP = 'Connection: keep-alive';
const CHUNKS = `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`;

export const http10: Topic = {
  topic: 'clients of HTTP/1.0',
  bytewise: true,
  cases: [
    {
      name: 'a reply of known length is given and the connection closed',
      rfc: '9112 §9.3',
      send: [old('/')],
      expect: { status: 200, body: 'ok', fields: { 'content-length': '2' }, closed: true, originSaw: [{ target: '/' }] },
    },
    {
      name: 'keep-alive is honoured and said',
      rfc: '9112 §9.3',
      send: [old('/1', KEEP), { replies: 1 }, old('/2', KEEP)],
      expect: {
        replies: [
          { status: 200, fields: { connection: /keep-alive/i } },
          { status: 200, to: 'GET 1.0', fields: { connection: /keep-alive/i } },
        ],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/2' }],
      },
    },
    {
      name: 'keep-alive is read without regard to case',
      rfc: '9110 §7.6.1',
      send: [old('/1', 'Connection: Keep-Alive')],
      expect: { status: 200, fields: { connection: /keep-alive/i }, closed: false, originSaw: 1 },
    },
    {
      name: 'close wins over keep-alive',
      rfc: '9112 §9.3',
      send: [old('/1', 'Connection: keep-alive, close')],
      expect: { status: 200, closed: true, originSaw: 1 },
    },
    {
      name: 'a chunked reply is given without chunks, up to the end of the connection',
      rfc: '9112 §6.1',
      send: [old('/')],
      origin: CHUNKS,
      expect: { status: 200, body: 'hello world', fields: { 'transfer-encoding': null }, closed: true, originSaw: 1 },
    },
    {
      name: 'keep-alive is not honoured where only the end of the connection can end the body',
      rfc: '9112 §6.3',
      send: [old('/', KEEP)],
      origin: [
        `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`,
        { pause: 40 },
        '6\r\n world\r\n0\r\n\r\n',
      ],
      expect: { status: 200, body: 'hello world', fields: { 'transfer-encoding': null }, closed: true, originSaw: 1 },
    },
    {
      name: 'trailers that cannot be told are dropped',
      rfc: '9110 §6.5',
      send: [old('/')],
      origin: `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n`,
      expect: { status: 200, body: 'hello', closed: true, originSaw: 1 },
    },
    {
      name: 'a reply up to the end of the connection is given as such',
      rfc: '9112 §6.3',
      send: [old('/')],
      origin: [`${lines('HTTP/1.0 200 OK')}to the end`, { do: 'close' }],
      expect: { status: 200, body: 'to the end', closed: true, originSaw: 1 },
    },
    {
      name: 'a chunked reply that broke off ends in a reset, since an ordinary end would look whole',
      rfc: '9112 §8',
      send: [old('/'), { body: 5 }],
      origin: [`${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`, { pause: 50 }, { do: 'close' }],
      expect: { status: 200, cut: true, closed: 'reset', originSaw: 1 },
    },
    {
      name: 'a reply to the end that is reset ends in a reset',
      rfc: '9112 §8',
      send: [old('/'), { body: 5 }],
      origin: [`${lines('HTTP/1.1 200 OK')}hello`, { pause: 50 }, { do: 'reset' }],
      expect: { status: 200, cut: true, closed: 'reset', originSaw: 1 },
    },
    {
      name: 'a body of its length is forwarded',
      rfc: '9112 §6.3',
      send: [lines('POST / HTTP/1.0', 'Host: a', 'Content-Length: 5') + 'hello'],
      expect: { status: 200, closed: true, originSaw: [{ method: 'POST', body: 'hello' }] },
    },
    {
      name: 'a HEAD has no body',
      rfc: '9110 §9.3.2',
      send: [lines('HEAD / HTTP/1.0', 'Host: a', KEEP)],
      origin: lines('HTTP/1.1 200 OK', 'Content-Length: 12'),
      expect: { status: 200, body: '', fields: { 'content-length': '12' }, closed: false, originSaw: 1 },
    },
    {
      name: 'interim replies are not for it',
      rfc: '9110 §15.2',
      send: [old('/')],
      origin: `${lines('HTTP/1.1 103 Early Hints', 'Link: </a>; rel=preload')}${reply('late')}`,
      expect: { status: 200, body: 'late', interim: [], closed: true, originSaw: 1 },
    },
    {
      name: 'its Upgrade is ignored',
      rfc: '9110 §7.8',
      send: [old('/', 'Connection: Upgrade', 'Upgrade: websocket')],
      expect: { status: 200, body: 'ok', closed: true, originSaw: [{ fields: { upgrade: null } }] },
    },
    {
      name: 'fields of one hop are removed for it as well',
      rfc: '9110 §7.6.1',
      send: [old('/', 'Connection: x-a', 'X-A: 1', 'Keep-Alive: 5')],
      expect: { status: 200, closed: true, originSaw: [{ fields: { 'x-a': null, 'keep-alive': null } }] },
    },
    {
      name: 'its requests may be pipelined with keep-alive',
      rfc: '9112 §9.3.2',
      send: [old('/1', KEEP) + old('/2', KEEP) + post(['Content-Length: 2'], 'hi')],
      origins: [reply('one'), reply('two')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, body: 'two', to: 'GET 1.0' },
          { status: 200, body: 'ok' },
        ],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/2' }, { body: 'hi' }],
      },
    },
    {
      name: 'an error is told without chunks',
      rfc: '9110 §15.6.3',
      send: [old('/')],
      origin: ['nonsense\r\n\r\n', { do: 'close' }],
      expect: { status: 502, fields: { 'transfer-encoding': null }, closed: true, originSaw: 1 },
    },
  ],
};

const bodiless = (name: string, rfc: string, head: string, fields: Record<string, string | null> = {}, method = 'GET'): Case => ({
  name,
  rfc,
  send: [lines(`${method} / HTTP/1.1`, 'Host: a')],
  origin: head,
  expect: { status: Number(head.slice(9, 12)), body: '', fields, closed: false, originSaw: [{ method }] },
});

export const withoutBody: Topic = {
  topic: 'replies without a body',
  bytewise: true,
  cases: [
    bodiless(
      'HEAD tells the length but sends nothing',
      '9110 §9.3.2',
      lines('HTTP/1.1 200 OK', 'Content-Length: 999'),
      { 'content-length': '999' },
      'HEAD',
    ),
    bodiless(
      'HEAD of a chunked reply sends nothing',
      '9110 §9.3.2',
      lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
      {},
      'HEAD',
    ),
    bodiless(
      'HEAD of a reply without framing sends nothing',
      '9110 §9.3.2',
      lines('HTTP/1.1 200 OK'),
      { 'content-length': null },
      'HEAD',
    ),
    bodiless(
      'HEAD of a 404 sends nothing',
      '9110 §9.3.2',
      lines('HTTP/1.1 404 Not Found', 'Content-Length: 7'),
      { 'content-length': '7' },
      'HEAD',
    ),
    bodiless('204 sends nothing', '9110 §15.3.5', lines('HTTP/1.1 204 No Content', 'X-A: 1'), {
      'x-a': '1',
      'content-length': null,
    }),
    bodiless('204 with a length of zero loses it', '9110 §8.6', lines('HTTP/1.1 204 No Content', 'Content-Length: 0'), {
      'content-length': null,
    }),
    bodiless('304 sends nothing', '9110 §15.4.5', lines('HTTP/1.1 304 Not Modified', 'ETag: "a"'), { etag: '"a"' }),
    bodiless(
      '304 may tell the length of what it stands for',
      '9110 §15.4.5',
      lines('HTTP/1.1 304 Not Modified', 'Content-Length: 10'),
      {
        'content-length': '10',
      },
    ),
    bodiless('204 in reply to DELETE sends nothing', '9110 §15.3.5', lines('HTTP/1.1 204 No Content'), {}, 'DELETE'),
    bodiless('205 with a length of zero sends nothing', '9110 §15.3.6', lines('HTTP/1.1 205 Reset Content', 'Content-Length: 0')),
    {
      name: '204 with a length has no body, and what follows is not the next reply',
      rfc: '9112 §6.3',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origin: `${lines('HTTP/1.1 204 No Content', 'Content-Length: 5')}hello`,
      expect: { replies: [{ status: [204, 502] }, { status: 200, body: 'ok' }], closed: false, originSaw: 2, connections: 2 },
    },
    {
      name: '204 with chunks has no body, and what follows is not the next reply',
      rfc: '9112 §6.1',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origin: `${lines('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
      expect: { replies: [{ status: [204, 502] }, { status: 200, body: 'ok' }], closed: false, originSaw: 2, connections: 2 },
    },
    {
      name: '304 with bytes after its head has no body, and they are not the next reply',
      rfc: '9112 §6.3',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origin: `${lines('HTTP/1.1 304 Not Modified', 'Content-Length: 5')}hello`,
      expect: {
        replies: [
          { status: 304, body: '' },
          { status: 200, body: 'ok' },
        ],
        closed: false,
        originSaw: 2,
        connections: 2,
      },
    },
    {
      name: 'two lengths in reply to HEAD are wrong all the same',
      rfc: '9112 §6.3',
      send: [lines('HEAD / HTTP/1.1', 'Host: a')],
      origin: lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6'),
      expect: { status: 502, body: '', closed: false, originSaw: 1 },
    },
    {
      name: 'a length that is none in a 304 is wrong all the same',
      rfc: '9112 §6.3',
      send: [get('/')],
      origin: lines('HTTP/1.1 304 Not Modified', 'Content-Length: five'),
      expect: { status: 502, closed: false, originSaw: 1 },
    },
    {
      name: 'an error in reply to HEAD has no body',
      rfc: '9110 §9.3.2',
      send: [lines('HEAD / HTTP/1.1', 'Host: a')],
      origin: ['nonsense\r\n\r\n', { do: 'close' }],
      expect: { status: 502, body: '', closed: false, originSaw: 1 },
    },
    {
      name: 'a refusal of a HEAD has no body',
      rfc: '9110 §9.3.2',
      send: [lines('HEAD / HTTP/1.1', 'Host: a', 'Expect: a-miracle')],
      expect: { status: 417, body: '', closed: 'either', originSaw: 0 },
    },
  ],
};
