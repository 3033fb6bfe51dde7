import { chunked, get, lines, post, reply, type Topic } from './case.ts';

const EXPECT = 'Expect: 100-continue';

export const expectation: Topic = {
  topic: 'Expect',
  cases: [
    {
      name: 'a 100 invites the body',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 5', EXPECT]), { interim: 1 }, 'hello'],
      expect: {
        status: 200,
        body: 'ok',
        interim: [100],
        closed: false,
        originSaw: [{ body: 'hello', fields: { expect: null } }],
      },
    },
    {
      name: 'a 100 invites a chunked body',
      rfc: '9110 §10.1.1',
      send: [chunked('', EXPECT), { interim: 1 }, '5\r\nhello\r\n0\r\n\r\n'],
      expect: { status: 200, interim: [100], closed: false, originSaw: [{ body: 'hello' }] },
    },
    {
      name: 'the expectation is read without regard to case',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 5', 'eXpEcT: 100-Continue']), { interim: 1 }, 'hello'],
      expect: { status: 200, interim: [100], closed: false, originSaw: [{ body: 'hello' }] },
    },
    {
      name: 'a body that did not wait may go without the 100',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 5', EXPECT], 'hello')],
      expect: { status: 200, interim: 'any 100', closed: false, originSaw: [{ body: 'hello' }] },
    },
    {
      name: 'a 100 comes for each request that asks',
      rfc: '9110 §10.1.1',
      send: [
        post(['Content-Length: 2', EXPECT]),
        { interim: 1 },
        'hi',
        { replies: 1 },
        post(['Content-Length: 2', EXPECT]),
        { interim: 1 },
        'ho',
      ],
      expect: {
        replies: [
          { status: 200, interim: [100] },
          { status: 200, interim: [100] },
        ],
        closed: false,
        originSaw: [{ body: 'hi' }, { body: 'ho' }],
      },
    },
    {
      name: 'a 100 waits for the reply before it',
      rfc: '9110 §10.1.1',
      send: [get('/1') + post(['Content-Length: 2', EXPECT]), { replies: 1 }, { interim: 1 }, 'hi'],
      origins: [[{ pause: 100 }, reply('one')]],
      expect: {
        replies: [
          { status: 200, body: 'one' },
          { status: 200, interim: [100] },
        ],
        closed: false,
        originSaw: [{ target: '/1' }, { body: 'hi' }],
      },
    },
    {
      name: 'the 100 of the origin is not added to ours',
      rfc: '9110 §15.2.1',
      send: [post(['Content-Length: 5', EXPECT]), { interim: 1 }, 'hello'],
      origin: [lines('HTTP/1.1 100 Continue'), { do: 'read body' }, reply('ok')],
      expect: { status: 200, interim: [100], closed: false, originSaw: [{ body: 'hello' }] },
    },
    {
      name: 'without a body there is nothing to invite',
      rfc: '9110 §10.1.1',
      send: [get('/', EXPECT)],
      expect: { status: 200, interim: [], closed: false, originSaw: [{ fields: { expect: null } }] },
    },
    {
      name: 'a length of zero is nothing to invite',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 0', EXPECT])],
      expect: { status: 200, interim: [], closed: false, originSaw: [{ body: '' }] },
    },
    {
      name: 'HTTP/1.0 is not answered with a 100',
      rfc: '9110 §10.1.1',
      send: [lines('POST / HTTP/1.0', 'Host: a', 'Content-Length: 5', EXPECT), { pause: 50 }, 'hello'],
      expect: { status: 200, interim: [], closed: true, originSaw: [{ body: 'hello', fields: { expect: null } }] },
    },
    {
      name: 'an unknown expectation fails',
      rfc: '9110 §15.5.18',
      send: [get('/', 'Expect: a-miracle')],
      expect: { status: 417, closed: 'either', originSaw: 0 },
    },
    {
      name: 'an unknown expectation beside the known one fails',
      rfc: '9110 §15.5.18',
      send: [post(['Content-Length: 5', 'Expect: 100-continue, a-miracle'])],
      expect: { status: 417, interim: [], closed: 'either', originSaw: 0 },
    },
    {
      name: 'an expectation with a value fails',
      rfc: '9110 §15.5.18',
      send: [post(['Content-Length: 5', 'Expect: 100-continue=now'])],
      expect: { status: 417, interim: [], closed: 'either', originSaw: 0 },
    },
    {
      name: 'a failed expectation does not take the body for a request',
      rfc: '9110 §15.5.18',
      send: [post([`Content-Length: ${get('/evil').length}`, 'Expect: a-miracle'], get('/evil'))],
      expect: { status: 417, interim: [], closed: 'either', originSaw: 0 },
    },
    {
      name: 'a bad head gets no 100',
      rfc: '9110 §10.1.1',
      send: [lines('POST / HTTP/1.1', 'Host: a', 'Host: b', 'Content-Length: 5', EXPECT)],
      expect: { status: 400, interim: [], closed: true, originSaw: 0 },
    },
    {
      name: 'bad framing gets no 100',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 5', 'Transfer-Encoding: chunked', EXPECT])],
      expect: { status: 400, interim: [], closed: true, originSaw: 0 },
    },
    {
      name: 'an origin that refuses before the body is believed',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 5', EXPECT]), { replies: 1 }],
      origin: [lines('HTTP/1.1 403 Forbidden', 'Content-Length: 0', 'Connection: close'), { do: 'close' }],
      expect: { status: 403, body: '', interim: 'any 100', closed: 'either', originSaw: { whole: [] } },
    },
    {
      name: 'a bad chunk after the 100 is refused',
      rfc: '9112 §7.1',
      send: [chunked('', EXPECT), { interim: 1 }, 'zz\r\n'],
      expect: { status: 400, interim: [100], closed: true, originSaw: { whole: [] } },
    },
  ],
};
