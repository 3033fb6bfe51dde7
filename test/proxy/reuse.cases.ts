import { type Case, get, lines, post, reply, type Topic } from './case.ts';

const CHUNKED = lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked');
const EVIL = `${lines('HTTP/1.1 200 EVIL', 'Content-Length: 4')}evil`;
/** Bytes after the first reply must neither reach the client nor become the reply to the next request. */
const extra = (name: string, origin: Case['origin'], first: number | readonly number[] = 200, rfc = '9112 §9.2'): Case => ({
  name,
  rfc,
  send: [get('/1'), { replies: 1 }, { pause: 10 }, get('/2')],
  origin: origin as string,
  expect: {
    replies: [{ status: first }, { status: 200, body: 'ok' }],
    closed: false,
    originSaw: [{ target: '/1' }, { target: '/2' }],
    connections: 2,
  },
});

export const reuse: Topic = {
  topic: 'connections to the origin',
  cases: [
    extra('a whole reply after a reply of its length is not the next one', `${reply('one')}${EVIL}`),
    extra('a whole reply after the last chunk is not the next one', `${CHUNKED}3\r\none\r\n0\r\n\r\n${EVIL}`),
    extra('a whole reply after a 204 is not the next one', `${lines('HTTP/1.1 204 No Content')}${EVIL}`, 204),
    extra('a whole reply after a 304 is not the next one', `${lines('HTTP/1.1 304 Not Modified')}${EVIL}`, 304),
    extra('one byte after a reply spoils its connection', `${reply('one')}!`),
    extra('an empty line after a reply spoils its connection', `${reply('one')}\r\n`),
    extra('bytes that come while the connection is idle spoil it', [reply('one'), { pause: 5 }, EVIL]),
    extra('a connection that ends while it is idle is not used', [reply('one'), { do: 'half-close' }], 200, '9112 §9.5'),
    extra(
      'a connection that is reset while it is idle is not used',
      [reply('one'), { pause: 2 }, { do: 'reset' }],
      200,
      '9112 §9.5',
    ),
    {
      name: 'a connection with nothing wrong is used again',
      rfc: '9112 §9.3',
      send: [get('/1'), { replies: 1 }, get('/2'), { replies: 2 }, post(['Content-Length: 2'], 'hi'), { replies: 3 }, get('/4')],
      origins: [reply('one'), `${CHUNKED}3\r\ntwo\r\n0\r\n\r\n`, lines('HTTP/1.1 204 No Content')],
      expect: {
        replies: [{ status: 200, body: 'one' }, { status: 200, body: 'two' }, { status: 204 }, { status: 200, body: 'ok' }],
        closed: false,
        originSaw: 4,
        connections: 1,
      },
    },
    {
      name: 'a GET on a connection that dies under it is tried once more',
      rfc: '9110 §9.2.2',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origins: [reply('one'), [{ do: 'close' }], reply('again')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, body: 'again' },
        ],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/2' }, { target: '/2' }],
        connections: 2,
      },
    },
    {
      name: 'a POST on a connection that dies under it is not sent twice',
      rfc: '9110 §9.2.2',
      send: [get('/1'), { replies: 1 }, post(['Content-Length: 2'], 'hi')],
      origins: [reply('one'), [{ do: 'read body' }, { do: 'close' }]],
      expect: {
        replies: [{ status: 200, body: 'one' }, { status: 502 }],
        closed: false,
        originSaw: [{ target: '/1' }, { body: 'hi' }],
      },
    },
    {
      name: 'a GET whose reply has begun is not sent twice',
      rfc: '9110 §9.2.2',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origins: [reply('one'), ['HTTP/1.1 2', { pause: 20 }, { do: 'close' }]],
      expect: {
        replies: [{ status: 200, body: 'one' }, { status: 502 }],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/2' }],
      },
    },
    {
      name: 'a GET on a fresh connection that dies under it is not tried again',
      rfc: '9110 §9.2.2',
      fresh: true,
      send: [get('/1'), { replies: 1 }, get('/2')],
      origins: [[{ do: 'reset' }]],
      expect: { replies: [{ status: 502 }, { status: 200 }], closed: false, originSaw: [{ target: '/1' }, { target: '/2' }] },
    },
    {
      name: 'a reply before the body is done is passed on',
      rfc: '9112 §9.5',
      send: [post(['Content-Length: 10'], 'hello'), { replies: 1 }],
      origin: [lines('HTTP/1.1 413 Content Too Large', 'Content-Length: 4', 'Connection: close'), 'much', { do: 'close' }],
      expect: { status: 413, body: 'much', closed: 'either', originSaw: { whole: [] } },
    },
    {
      name: 'a reply before the body is done does not spoil the next request',
      rfc: '9112 §9.5',
      send: [post(['Content-Length: 10'], 'hello'), { replies: 1 }, 'world', get('/2')],
      origin: [reply('early')],
      expect: {
        replies: [
          { status: 200, body: 'early' },
          { status: 200, body: 'ok' },
        ],
        closed: 'either',
        orSilence: true,
        originSaw: 'any',
      },
    },
    {
      name: 'a reply while the body still flows is passed on with the whole body',
      rfc: '9110 §7.5',
      send: [post(['Content-Length: 10'], 'hello'), { body: 5 }, 'world'],
      origin: [lines('HTTP/1.1 200 OK', 'Content-Length: 9'), 'early', { do: 'read body' }, ' ok.'],
      expect: { status: 200, body: 'early ok.', closed: 'either', originSaw: [{ body: 'helloworld' }] },
    },
    {
      name: 'a reply that ends before the body is not followed by the next one on that connection',
      rfc: '9112 §9.5',
      send: [post(['Content-Length: 10', 'Connection: close'], 'hello'), { replies: 1 }],
      origin: [reply('early')],
      expect: { status: 200, body: 'early', closed: true, originSaw: { whole: [] }, originLeft: true },
    },
  ],
};

const hints = lines('HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload');
const interim = (
  name: string,
  bytes: string,
  statuses: readonly number[],
  fields: Record<string, string | null> = {},
  rfc = '9110 §15.2',
): Case => ({
  name,
  rfc,
  send: [get('/')],
  origin: bytes,
  expect: { status: 200, body: 'ok', interim: statuses, interimFields: fields, closed: false, originSaw: 1 },
});
const badInterim = (name: string, rfc: string, bytes: string, interims: readonly number[] = []): Case => ({
  name,
  rfc,
  send: [get('/')],
  origin: [bytes, { pause: 20 }, { do: 'close' }],
  expect: { status: 502, interim: interims, closed: false, originSaw: 1 },
});

export const interimReplies: Topic = {
  topic: 'interim replies of the origin',
  cases: [
    interim('early hints are passed on', `${hints}${reply('ok')}`, [103], { link: '</a.css>; rel=preload' }, '8297 §2'),
    interim('several are passed on in order', `${lines('HTTP/1.1 102 Processing')}${hints}${reply('ok')}`, [102, 103]),
    interim('one nobody has registered is passed on', `${lines('HTTP/1.1 199 Odd')}${reply('ok')}`, [199]),
    interim('a 100 that nobody asked for is swallowed', `${lines('HTTP/1.1 100 Continue')}${reply('ok')}`, []),
    interim('a 100 before early hints is swallowed alone', `${lines('HTTP/1.1 100 Continue')}${hints}${reply('ok')}`, [103]),
    interim(
      'fields of one hop are not passed on with it',
      `${lines('HTTP/1.1 103 Early Hints', 'Connection: x-a', 'X-A: 1', 'Keep-Alive: 5')}${reply('ok')}`,
      [103],
      {
        'x-a': null,
        'keep-alive': null,
        connection: null,
      },
    ),
    {
      name: 'early hints are passed on before the reply is there',
      rfc: '8297 §2',
      send: [get('/'), { interim: 1 }, { signal: 'seen' }],
      origin: [hints, { wait: 'seen' }, reply('ok')],
      expect: { status: 200, body: 'ok', interim: [103], closed: false, originSaw: 1 },
    },
    interim(
      'a length on an interim reply does not go on',
      `${lines('HTTP/1.1 103 Early Hints', 'Content-Length: 5')}${reply('ok')}`,
      [103],
      { 'content-length': null },
      '9110 §8.6',
    ),
    interim(
      'a transfer coding on an interim reply does not go on',
      `${lines('HTTP/1.1 103 Early Hints', 'Transfer-Encoding: chunked')}${reply('ok')}`,
      [103],
      { 'transfer-encoding': null },
      '9112 §6.1',
    ),
    badInterim(
      'a 101 that nobody asked for is wrong',
      '9110 §15.2.2',
      lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: chat', 'Connection: Upgrade'),
    ),
    badInterim(
      'a bad field in an interim reply is wrong',
      '9110 §5.1',
      `${lines('HTTP/1.1 103 Early Hints', 'X A: 1')}${reply('ok')}`,
    ),
    badInterim('an interim reply and nothing else is wrong', '9112 §8', hints, [103]),
    badInterim(
      'a status below 100 after an interim reply is wrong',
      '9110 §15',
      `${hints}${lines('HTTP/1.1 099 Odd', 'Content-Length: 2')}ok`,
      [103],
    ),
    {
      name: 'a flood of interim replies is cut off',
      rfc: '9110 §15.2',
      send: [get('/')],
      origin: [{ repeat: 2000, bytes: lines('HTTP/1.1 100 Continue').repeat(20) }, reply('ok')],
      expect: { status: 502, closed: false, originSaw: 1, originLeft: true },
    },
  ],
};
