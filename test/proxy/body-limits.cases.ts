import { chunked, passes, post, type Topic } from './case.ts';

const CODE = /"code":"content_too_large"/;

export const bodyLimits: Topic = {
  topic: 'bodies and their limit',
  gateway: { server: { limits: { body_bytes: 10 } } },
  cases: [
    passes('a body of the limit passes', '9110 §15.5.14', post(['Content-Length: 10'], '0123456789'), { body: '0123456789' }),
    passes('a chunked body of the limit passes', '9110 §15.5.14', chunked('5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n'), {
      body: '0123456789',
    }),
    {
      name: 'an announced length beyond it is refused before the body is there',
      rfc: '9110 §15.5.14',
      send: [post(['Content-Length: 100000'])],
      expect: { status: 413, body: CODE, fields: { connection: 'close' }, closed: true, originSaw: 0 },
    },
    {
      name: 'a little more than the limit does not cost the connection',
      rfc: '9110 §15.5.14',
      send: [post(['Content-Length: 11'], '01234567890')],
      expect: { status: 413, body: CODE, closed: false, originSaw: 0 },
    },
    {
      name: 'a client that waits to be asked is not asked',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 11', 'Expect: 100-continue'])],
      expect: { status: 413, interim: [], closed: true, originSaw: 0 },
    },
    {
      name: 'a chunked body is cut by the byte that is too many',
      rfc: '9110 §15.5.14',
      send: [chunked('5\r\n01234\r\n'), { origin: 1 }, '6\r\n567890\r\n'],
      expect: {
        status: 413,
        body: CODE,
        fields: { connection: 'close' },
        closed: true,
        originSaw: { whole: [] },
        originLeft: true,
      },
    },
    {
      name: 'a chunked body without end is answered at once',
      rfc: '9110 §15.5.14',
      send: [chunked(''), { origin: 1 }, { drip: '5\r\n01234\r\n', every: 5, times: 20 }],
      expect: { status: 413, closed: true, originSaw: { whole: [] }, originLeft: true },
    },
    {
      name: 'a chunked body that is too large in one piece reaches no origin as a whole',
      rfc: '9110 §15.5.14',
      send: [chunked('b\r\n01234567890\r\n0\r\n\r\n')],
      expect: { status: 413, closed: 'either', originSaw: { whole: [] } },
    },
    {
      name: 'a reply that has begun is cut',
      rfc: '9112 §8',
      send: [chunked('5\r\n01234\r\n'), { heads: 1 }, '6\r\n567890\r\n0\r\n\r\n'],
      origins: [['HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789']],
      expect: { status: 200, cut: true, closed: 'either', originSaw: 'any' },
    },
  ],
};

export const routeBodyLimit: Topic = {
  topic: "a route's own limit of bodies",
  gateway: { server: { limits: { body_bytes: 10 } }, route: { body_bytes: 0 } },
  cases: [
    passes('takes the place of the server’s', '9110 §15.5.14', post(['Content-Length: 11'], '01234567890'), {
      body: '01234567890',
    }),
  ],
};
