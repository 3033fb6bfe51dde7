import { chunked, get, lines, post, reply, type Topic } from './case.ts';

const BAD = lines('GET /bad HTTP/1.1', 'Host: a b');
const MEGABYTE = 1024 * 1024;

export const pipelining: Topic = {
  topic: 'pipelining',
  bytewise: true,
  cases: [
    {
      name: 'requests in one write are answered in order',
      rfc: '9112 §9.3.2',
      send: [get('/1') + get('/2') + get('/3')],
      origins: [reply('one'), reply('two'), reply('three')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, body: 'two' },
          { status: 200, body: 'three' },
        ],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/2' }, { target: '/3' }],
      },
    },
    {
      name: 'a slow first reply is not overtaken',
      rfc: '9112 §9.3.2',
      send: [get('/1') + get('/2')],
      origins: [[{ pause: 150 }, reply('one')], reply('two')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, body: 'two' },
        ],
        closed: false,
        originSaw: 2,
      },
    },
    {
      name: 'a reply that the gateway makes itself does not overtake either',
      rfc: '9112 §9.3.2',
      send: [get('/1') + lines('OPTIONS / HTTP/1.1', 'Host: a', 'Max-Forwards: 0') + get('/3')],
      origins: [[{ pause: 150 }, reply('one')], reply('three')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: [200, 204], to: 'OPTIONS' },
          { status: 200, body: 'three' },
        ],
        closed: false,
        originSaw: [{ target: '/1' }, { target: '/3' }],
      },
    },
    {
      name: 'a good request before a bad one is answered first',
      rfc: '9112 §9.3.2',
      send: [get('/1') + BAD],
      expect: { replies: [{ status: 200, body: 'ok' }, { status: 400 }], closed: true, originSaw: [{ target: '/1' }] },
    },
    {
      name: 'a slow good request before a bad one is answered first',
      rfc: '9112 §9.3.2',
      send: [get('/1') + BAD],
      origin: [{ pause: 150 }, reply('one')],
      expect: { replies: [{ status: 200, body: 'one' }, { status: 400 }], closed: true, originSaw: [{ target: '/1' }] },
    },
    {
      name: 'two good requests before a bad one are both answered',
      rfc: '9112 §9.3.2',
      send: [get('/1') + post(['Content-Length: 2'], 'hi') + BAD],
      expect: {
        replies: [{ status: 200 }, { status: 200 }, { status: 400 }],
        closed: true,
        originSaw: [{ target: '/1' }, { body: 'hi' }],
      },
    },
    {
      name: 'a good request after a bad one is not served',
      rfc: '9112 §9.6',
      send: [get('/1') + BAD + get('/3')],
      expect: { replies: [{ status: 200 }, { status: 400 }], closed: true, originSaw: [{ target: '/1' }] },
    },
    {
      name: 'a bad chunk ends the pipeline',
      rfc: '9112 §7.1',
      send: [`${get('/1')}${chunked('zz\r\n')}${get('/3')}`],
      expect: { replies: [{ status: 200 }, { status: 400 }], closed: true, originSaw: { whole: [{ target: '/1' }] } },
    },
    {
      name: 'HEAD in the middle has no body',
      rfc: '9110 §9.3.2',
      send: [get('/1') + lines('HEAD /2 HTTP/1.1', 'Host: a') + get('/3')],
      origins: [reply('one'), lines('HTTP/1.1 200 OK', 'Content-Length: 100'), reply('three')],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, to: 'HEAD', body: '', fields: { 'content-length': '100' } },
          { status: 200, body: 'three' },
        ],
        closed: false,
        originSaw: [{ method: 'GET' }, { method: 'HEAD' }, { method: 'GET' }],
      },
    },
    {
      name: 'bodies in the middle end where they say',
      rfc: '9112 §6.3',
      send: [get('/1') + post(['Content-Length: 5'], 'hello') + chunked('3\r\nabc\r\n0\r\n\r\n') + get('/4')],
      expect: {
        replies: [{ status: 200 }, { status: 200 }, { status: 200 }, { status: 200 }],
        closed: false,
        originSaw: [{ target: '/1', body: '' }, { body: 'hello' }, { body: 'abc' }, { target: '/4', body: '' }],
      },
    },
    {
      name: 'a reply without a body in the middle ends at its head',
      rfc: '9112 §6.3',
      send: [get('/1') + get('/2') + get('/3')],
      origins: [lines('HTTP/1.1 204 No Content'), lines('HTTP/1.1 304 Not Modified', 'Content-Length: 9'), reply('three')],
      expect: { replies: [{ status: 204 }, { status: 304 }, { status: 200, body: 'three' }], closed: false, originSaw: 3 },
    },
    {
      name: 'fifty requests in one write are answered in order',
      rfc: '9112 §9.3.2',
      send: [Array.from({ length: 50 }, (_, at) => get(`/${at}`)).join('')],
      origins: Array.from({ length: 50 }, (_, at) => reply(`body ${at}`)),
      expect: {
        replies: Array.from({ length: 50 }, (_, at) => ({ status: 200, body: `body ${at}` })),
        closed: false,
        originSaw: Array.from({ length: 50 }, (_, at) => ({ target: `/${at}` })),
      },
    },
    {
      name: 'a request cut in two is put together after the first is answered',
      rfc: '9112 §9.3.2',
      send: [get('/1') + get('/2').slice(0, 20), { replies: 1 }, get('/2').slice(20)],
      expect: { replies: [{ status: 200 }, { status: 200 }], closed: false, originSaw: [{ target: '/1' }, { target: '/2' }] },
    },
    {
      name: 'empty lines between requests are skipped',
      rfc: '9112 §2.2',
      send: [`${get('/1')}\r\n${get('/2')}\r\n\r\n${get('/3')}`],
      expect: { replies: [{ status: 200 }, { status: 200 }, { status: 200 }], closed: false, originSaw: 3 },
    },
    {
      name: 'close in the middle ends the pipeline there',
      rfc: '9112 §9.6',
      send: [get('/1') + get('/2', 'Connection: close') + get('/3')],
      expect: { replies: [{ status: 200 }, { status: 200 }], closed: true, originSaw: [{ target: '/1' }, { target: '/2' }] },
    },
    {
      name: 'HTTP/1.0 without keep-alive ends the pipeline',
      rfc: '9112 §9.3',
      send: [get('/1') + lines('GET /2 HTTP/1.0', 'Host: a') + get('/3')],
      expect: {
        replies: [{ status: 200 }, { status: 200, to: 'GET 1.0' }],
        closed: true,
        originSaw: [{ target: '/1' }, { target: '/2' }],
      },
    },
    {
      name: 'a large reply before a small one is whole',
      rfc: '9112 §9.3.2',
      send: [get('/1') + get('/2')],
      origins: [reply('x'.repeat(MEGABYTE)), reply('two')],
      expect: {
        replies: [
          { status: 200, length: MEGABYTE },
          { status: 200, body: 'two' },
        ],
        closed: false,
        originSaw: 2,
      },
    },
    {
      name: 'nothing is answered after a reply that broke off',
      rfc: '9112 §8',
      send: [get('/1') + get('/2')],
      origin: [`${lines('HTTP/1.1 200 OK', 'Content-Length: 10')}short`, { do: 'close' }],
      expect: { status: 200, cut: true, closed: true, originSaw: 1 },
    },
    {
      name: 'a 502 in the middle does not end the pipeline',
      rfc: '9110 §15.6.3',
      send: [get('/1') + get('/2') + get('/3')],
      origins: [reply('one'), ['nonsense\r\n\r\n', { do: 'close' }], reply('three')],
      expect: { replies: [{ status: 200 }, { status: 502 }, { status: 200, body: 'three' }], closed: false, originSaw: 3 },
    },
    {
      name: 'a target that is too long after a good request is refused in its turn',
      rfc: '9110 §15.5.15',
      send: [get('/1') + get(`/${'a'.repeat(9000)}`)],
      expect: { replies: [{ status: 200 }, { status: 414 }], closed: true, originSaw: 1 },
    },
  ],
};
