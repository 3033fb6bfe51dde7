import { type Case, chunked, get, lines, passes, post, reply, type Topic } from './case.ts';

/** A request after which the gateway must close. */
const closes = (name: string, rfc: string, text: string, seen: Record<string, string | null> = {}): Case => ({
  name,
  rfc,
  send: [text],
  expect: { status: 200, body: 'ok', closed: true, originSaw: [{ fields: seen }] },
});
const without = (name: string, rfc: string, fields: readonly string[], seen: Record<string, string | RegExp | null>): Case =>
  passes(name, rfc, get('/', ...fields), { fields: seen });

export const connection: Topic = {
  topic: 'Connection and the fields of one hop',
  bytewise: true,
  cases: [
    {
      name: 'a connection serves one request after another',
      rfc: '9112 §9.3',
      send: [get('/1'), { replies: 1 }, get('/2'), { replies: 2 }, get('/3')],
      expect: {
        replies: [{ status: 200 }, { status: 200 }, { status: 200 }],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/2' }, { target: '/3' }],
        connections: 1,
      },
    },
    closes('Connection: close is honoured', '9112 §9.6', get('/', 'Connection: close')),
    closes('close is read without regard to case', '9110 §7.6.1', get('/', 'Connection: CLOSE')),
    closes('close is found in a list', '9110 §7.6.1', get('/', 'Connection: x-a , close'), { 'x-a': null }),
    closes('close is found on a second line', '9110 §7.6.1', get('/', 'Connection: x-a', 'Connection: close')),
    closes('close is found between empty elements', '9110 §5.6.1', get('/', 'Connection: ,, close ,')),
    closes('close wins over keep-alive', '9112 §9.3', get('/', 'Connection: keep-alive, close')),
    closes('close after a body is honoured', '9112 §9.6', post(['Content-Length: 2', 'Connection: close'], 'hi')),
    closes('close beside other names removes those', '9110 §7.6.1', get('/', 'Connection: close, x-foo', 'X-Foo: 1'), {
      'x-foo': null,
    }),
    {
      name: 'nothing after a request with close is served',
      rfc: '9112 §9.6',
      send: [get('/1', 'Connection: close') + get('/2')],
      expect: { status: 200, closed: true, originSaw: [{ target: '/1' }] },
    },
    passes('keep-alive says nothing new to HTTP/1.1', '9112 §9.3', get('/', 'Connection: keep-alive')),
    passes('an empty Connection says nothing', '9110 §7.6.1', get('/', 'Connection:')),
    without('a listed field goes no further', '9110 §7.6.1', ['Connection: x-hop', 'X-Hop: 1', 'X-End: 2'], {
      'x-hop': null,
      'x-end': '2',
    }),
    without('a listed field is found without regard to case', '9110 §7.6.1', ['Connection: X-HOP', 'x-Hop: 1'], {
      'x-hop': null,
    }),
    without('every line of a listed field goes', '9110 §7.6.1', ['X-Hop: 1', 'Connection: x-hop', 'X-Hop: 2'], { 'x-hop': null }),
    without(
      'fields listed on several lines go',
      '9110 §7.6.1',
      ['Connection: x-a', 'Connection: x-b, x-c', 'X-A: 1', 'X-B: 1', 'X-C: 1', 'X-D: 1'],
      {
        'x-a': null,
        'x-b': null,
        'x-c': null,
        'x-d': '1',
      },
    ),
    without('a field whose name begins like a listed one stays', '9110 §7.6.1', ['Connection: x-a', 'X-A: 1', 'X-AB: 2'], {
      'x-a': null,
      'x-ab': '2',
    }),
    without('a list with empty elements is read', '9110 §5.6.1', ['Connection: , x-a,, x-b ,', 'X-A: 1', 'X-B: 1'], {
      'x-a': null,
      'x-b': null,
    }),
    without('Keep-Alive goes no further', '9110 §7.6.1', ['Keep-Alive: timeout=5'], { 'keep-alive': null }),
    without('Proxy-Connection goes no further', '9110 §7.6.1', ['Proxy-Connection: keep-alive'], { 'proxy-connection': null }),
    without('TE goes no further', '9110 §10.1.4', ['TE: trailers', 'Connection: TE'], { te: null }),
    without('TE goes no further even when it is not listed', '9110 §7.6.1', ['TE: gzip'], { te: null }),
    without('Upgrade without its option goes no further', '9110 §7.8', ['Upgrade: websocket'], { upgrade: null }),
    without('Connection itself goes no further', '9110 §7.6.1', ['Connection: x-a, keep-alive'], {}),
    passes(
      'Trailer is passed on with the trailers that it announces',
      '9110 §6.6.2',
      chunked('0\r\nX-A: 1\r\n\r\n', 'Trailer: X-A'),
      {
        fields: { trailer: 'X-A' },
        trailers: { 'x-a': '1' },
      },
    ),
    without(
      'what ends at the origin stays',
      '9110 §7.6.1',
      ['Accept: */*', 'Cookie: a=b', 'Authorization: Basic eA==', 'User-Agent: x'],
      {
        accept: '*/*',
        cookie: 'a=b',
        authorization: 'Basic eA==',
        'user-agent': 'x',
      },
    ),
    without(
      'listing the forwarding fields does not take ours away',
      '9110 §7.6.1',
      ['Connection: x-forwarded-for, x-forwarded-proto, via, x-request-id, forwarded'],
      {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        forwarded: /for=/,
      },
    ),
    passes(
      'listing Content-Length does not take the body away',
      '9110 §7.6.1',
      post(['Content-Length: 5', 'Connection: content-length'], 'hello'),
      { body: 'hello' },
    ),
    passes(
      'listing Transfer-Encoding does not take the body away',
      '9110 §7.6.1',
      chunked('5\r\nhello\r\n0\r\n\r\n', 'Connection: transfer-encoding'),
      { body: 'hello' },
    ),
    without('listing Host does not take it away', '9110 §7.6.1', ['Connection: host'], { host: 'a.example' }),
    {
      name: 'Connection: close of the origin is for its own connection only',
      rfc: '9110 §7.6.1',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origin: [reply('one', 'Connection: close'), { do: 'close' }],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, body: 'ok' },
        ],
        closed: false,
        originSaw: 2,
        connections: 2,
      },
    },
    {
      name: 'an origin that says close but does not is not asked again on that connection',
      rfc: '9112 §9.6',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origin: reply('one', 'Connection: close'),
      expect: { replies: [{ status: 200, body: 'one' }, { status: 200 }], closed: false, originSaw: 2, connections: 2 },
    },
    {
      name: 'an origin of HTTP/1.0 is not asked again on the same connection',
      rfc: '9112 §9.3',
      send: [get('/1'), { replies: 1 }, get('/2')],
      origin: `${lines('HTTP/1.0 200 OK', 'Content-Length: 3')}one`,
      expect: { replies: [{ status: 200, body: 'one' }, { status: 200 }], closed: false, originSaw: 2, connections: 2 },
    },
    {
      name: 'fields of one hop in a reply go no further',
      rfc: '9110 §7.6.1',
      send: [get('/')],
      origin: reply(
        'one',
        'Keep-Alive: timeout=7',
        'Proxy-Connection: keep-alive',
        'Connection: x-hop, keep-alive',
        'X-Hop: 1',
        'X-End: 2',
        'Upgrade: h2c',
      ),
      expect: {
        status: 200,
        body: 'one',
        fields: { 'proxy-connection': null, 'x-hop': null, 'x-end': '2', upgrade: null, 'keep-alive': null },
        closed: false,
        originSaw: 1,
      },
    },
    {
      name: 'a reply that lists Content-Length keeps its framing',
      rfc: '9110 §7.6.1',
      send: [get('/')],
      origin: reply('one', 'Connection: content-length, date'),
      expect: { status: 200, body: 'one', closed: false, originSaw: 1 },
    },
  ],
};
