import { chunked, get, lines, post, reply, type Topic } from './case.ts';

const ENDLESS = [
  lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
  { repeat: 100_000, bytes: `400\r\n${'x'.repeat(1024)}\r\n` },
] as const;
const HANG = [{ do: 'read body' }, { wait: 'never' }] as const;

export const earlyClose: Topic = {
  topic: 'clients that close early',
  lanes: 8,
  cases: [
    {
      name: 'a client that ends without a word is let go without a word',
      rfc: '9112 §9.5',
      send: [{ do: 'half-close' }],
      expect: { replies: [], closed: true, originSaw: 0 },
    },
    {
      name: 'a head that ends half way is no request',
      rfc: '9112 §8',
      send: [get('/').slice(0, 25), { do: 'half-close' }],
      expect: { status: [400, 408], closed: true, orSilence: true, originSaw: 0 },
    },
    {
      name: 'a head that ends before its empty line is no request',
      rfc: '9112 §8',
      send: [get('/').slice(0, -2), { do: 'half-close' }],
      expect: { status: [400, 408], closed: true, orSilence: true, originSaw: 0 },
    },
    {
      name: 'a client that goes within its head leaves nothing behind',
      rfc: '9112 §9.5',
      send: [get('/').slice(0, 25), { do: 'close' }],
      expect: { replies: [], closed: true, originSaw: 0 },
    },
    {
      name: 'a client that resets within its head leaves nothing behind',
      rfc: '9112 §9.5',
      send: [get('/').slice(0, 25), { do: 'reset' }],
      expect: { replies: [], closed: true, originSaw: 0 },
    },
    {
      name: 'a body that ends before its length is no whole request',
      rfc: '9112 §8',
      send: [post(['Content-Length: 10'], 'hello'), { do: 'half-close' }],
      expect: { status: 400, closed: true, orSilence: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a chunked body that ends before its last chunk is no whole request',
      rfc: '9112 §8',
      send: [chunked('5\r\nhello\r\n'), { do: 'half-close' }],
      expect: { status: 400, closed: true, orSilence: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a chunked body that ends before its empty line is no whole request',
      rfc: '9112 §8',
      send: [chunked('5\r\nhello\r\n0\r\n'), { do: 'half-close' }],
      expect: { status: 400, closed: true, orSilence: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a body that ends before its length after the origin has its head is no whole request',
      rfc: '9112 §8',
      send: [post(['Content-Length: 10'], 'hello'), { origin: 1 }, { do: 'half-close' }],
      expect: { status: 400, closed: true, orSilence: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a client that goes within its body takes the request to the origin with it',
      rfc: '9112 §9.5',
      send: [post(['Content-Length: 10'], 'hello'), { origin: 1 }, { do: 'close' }],
      expect: { replies: [], closed: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a client that resets within its body takes the request to the origin with it',
      rfc: '9112 §9.5',
      send: [chunked('5\r\nhello\r\n'), { origin: 1 }, { do: 'reset' }],
      expect: { replies: [], closed: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a client that resets while it waits takes the request to the origin with it',
      rfc: '9112 §9.5',
      send: [get('/'), { origin: 1 }, { do: 'reset' }],
      origin: HANG,
      expect: { replies: [], closed: true, originSaw: 1, originLeft: true },
    },
    {
      name: 'a client that resets while it waits after a body does so too',
      rfc: '9112 §9.5',
      send: [post(['Content-Length: 5'], 'hello'), { origin: 1 }, { pause: 30 }, { do: 'reset' }],
      origin: HANG,
      expect: { replies: [], closed: true, originSaw: [{ body: 'hello' }], originLeft: true },
    },
    {
      name: 'a client that closes while it waits takes the request to the origin with it',
      rfc: '9112 §9.5',
      send: [get('/'), { origin: 1 }, { do: 'close' }],
      origin: HANG,
      expect: { replies: [], closed: true, originSaw: 1, originLeft: true },
    },
    {
      name: 'a client that resets while it reads stops the origin',
      rfc: '9112 §9.5',
      send: [get('/'), { body: 5000 }, { do: 'reset' }],
      origin: ENDLESS,
      expect: { status: 200, cut: true, closed: true, originSaw: 1, originLeft: true },
    },
    {
      name: 'a client that closes while it reads stops the origin',
      rfc: '9112 §9.5',
      send: [get('/'), { body: 5000 }, { do: 'close' }],
      origin: ENDLESS,
      expect: { status: 200, cut: true, closed: true, originSaw: 1, originLeft: true },
    },
    {
      name: 'a client that closes while it reads events stops the origin',
      rfc: '9112 §9.5',
      send: [get('/'), { body: 9 }, { do: 'close' }],
      origin: [`${lines('HTTP/1.1 200 OK', 'Content-Type: text/event-stream')}data: 1\n\n`, { wait: 'never' }],
      expect: { status: 200, cut: true, closed: true, originSaw: 1, originLeft: true },
    },
    {
      name: 'a client that has said all and half-closes gets its reply',
      rfc: '9112 §9.6',
      send: [get('/'), { do: 'half-close' }],
      expect: { status: 200, body: 'ok', closed: true, originSaw: 1 },
    },
    {
      name: 'a client that half-closes after its body gets its reply',
      rfc: '9112 §9.6',
      send: [post(['Content-Length: 5'], 'hello'), { do: 'half-close' }],
      expect: { status: 200, body: 'ok', closed: true, originSaw: [{ body: 'hello' }] },
    },
    {
      name: 'a client that half-closes after its chunks gets its reply',
      rfc: '9112 §9.6',
      send: [chunked('5\r\nhello\r\n0\r\n\r\n'), { do: 'half-close' }],
      expect: { status: 200, body: 'ok', closed: true, originSaw: [{ body: 'hello' }] },
    },
    {
      name: 'a client that half-closes gets a reply that takes a moment',
      rfc: '9112 §9.6',
      send: [get('/'), { do: 'half-close' }],
      origin: [{ pause: 300 }, reply('late')],
      expect: { status: 200, body: 'late', closed: true, originSaw: 1 },
    },
    {
      name: 'a client that half-closes while it waits gets its reply',
      rfc: '9112 §9.6',
      send: [get('/'), { origin: 1 }, { do: 'half-close' }, { pause: 50 }, { signal: 'now' }],
      origin: [{ wait: 'now' }, reply('late')],
      expect: { status: 200, body: 'late', closed: true, originSaw: 1 },
    },
    {
      name: 'a client that half-closes after a pipeline gets every reply',
      rfc: '9112 §9.6',
      send: [get('/1') + get('/2') + get('/3'), { do: 'half-close' }],
      origins: [[{ pause: 50 }, reply('one')], [{ pause: 50 }, reply('two')], reply('three')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, body: 'two' },
          { status: 200, body: 'three' },
        ],
        closed: true,
        originSaw: 3,
      },
    },
    {
      name: 'a client that half-closes while it reads gets the rest',
      rfc: '9112 §9.6',
      send: [get('/'), { body: 5 }, { do: 'half-close' }, { pause: 50 }, { signal: 'now' }],
      origin: [`${lines('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`, { wait: 'now' }, 'world'],
      expect: { status: 200, body: 'helloworld', closed: true, originSaw: 1 },
    },
    {
      name: 'a client that half-closes within a second head gets the first reply',
      rfc: '9112 §9.6',
      send: [get('/1') + get('/2').slice(0, 20), { do: 'half-close' }],
      origin: [{ pause: 100 }, reply('one')],
      expect: {
        replies: [{ status: 200, body: 'one' }, { status: [400, 408] }],
        closed: true,
        orSilence: true,
        originSaw: [{ target: '/1' }],
      },
    },
    {
      name: 'a client of HTTP/1.0 that half-closes gets its reply',
      rfc: '9112 §9.6',
      send: [lines('GET / HTTP/1.0'), { do: 'half-close' }],
      expect: { status: 200, body: 'ok', closed: true, originSaw: 1 },
    },
  ],
};
