import { get, lines, post, reply, type Topic } from './case.ts';

const BIG = 'b'.repeat(1_500_000);
const WS = [
  'Upgrade: websocket, h2c',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const LATE = { pause: 40 } as const;

/** What a second reader found by thinking like an attacker, or like a network on a bad day. */
export const doubt: Topic = {
  topic: 'doubt',
  lanes: 4,
  gateway: { route: { websocket: {} } },
  cases: [
    {
      name: 'a body that a 204 announced and sends late is nobody else’s reply',
      rfc: '9112 §6.3',
      fresh: true,
      send: [get('/1') + get('/2')],
      origins: [[lines('HTTP/1.1 204 No Content', 'Content-Length: 45'), LATE, reply('poison')], reply('mine')],
      expect: { replies: [{ status: 204 }, { status: 200, body: 'mine' }], closed: false, originSaw: 2, connections: 2 },
    },
    {
      name: 'the last chunk of a 204 spoils nothing',
      rfc: '9112 §6.3',
      fresh: true,
      send: [get('/1') + get('/2')],
      origins: [[lines('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked'), LATE, '0\r\n\r\n'], reply('mine')],
      expect: { replies: [{ status: 204 }, { status: 200, body: 'mine' }], closed: false, originSaw: 2, connections: 2 },
    },
    {
      name: 'a client that stalls after the last reply was sent still gets all of it',
      rfc: '9112 §9.6',
      send: [get('/', 'Connection: close'), { do: 'stop reading' }, { pause: 2600 }, { do: 'read on' }],
      origin: reply(BIG),
      limit: 9000,
      expect: { status: 200, length: BIG.length, closed: true, originSaw: 1 },
    },
    {
      name: 'a body held back for a 100 that never came ends the connection',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 10', 'Expect: nothing'])],
      expect: { status: 417, closed: true, originSaw: 0 },
    },
    {
      name: 'an expectation that stands there twice is one',
      rfc: '9110 §10.1.1',
      send: [post(['Content-Length: 2', 'Expect: 100-continue', 'Expect: ,100-continue']), { interim: 1 }, 'hi'],
      expect: { status: 200, interim: [100], closed: false, originSaw: [{ body: 'hi' }] },
    },
    {
      name: 'an offer of websocket beside h2c goes on as websocket alone',
      rfc: '9110 §7.8',
      send: [get('/', ...WS)],
      expect: { status: 200, closed: false, originSaw: [{ fields: { upgrade: 'websocket' } }] },
    },
    {
      name: 'more hops than a number holds are still hops',
      rfc: '9110 §7.6.2',
      send: [lines('OPTIONS /x HTTP/1.1', 'Host: a.example', 'Max-Forwards: 99999999999999999999')],
      expect: { status: 200, closed: false, originSaw: [{ method: 'OPTIONS', fields: { 'max-forwards': /^\d{1,15}$/ } }] },
    },
    {
      name: 'a length with leading zeros goes on in plain digits, both ways',
      rfc: '9110 §8.6',
      send: [post(['Content-Length: 002'], 'hi')],
      origin: `${lines('HTTP/1.1 200 OK', 'Content-Length: 0002')}ok`,
      expect: {
        status: 200,
        body: 'ok',
        fields: { 'content-length': '2' },
        closed: false,
        originSaw: [{ body: 'hi', fields: { 'content-length': '2' } }],
      },
    },
    {
      name: 'fields that pass for ours where an underscore is a hyphen are dropped, others pass',
      rfc: '9110 §5.1',
      send: [
        get(
          '/',
          'Content_Length: 5',
          'Transfer_Encoding: chunked',
          'X_Forwarded_For: 192.0.2.1',
          'X-Real-IP: 192.0.2.1',
          'My_Field: 1',
        ),
      ],
      expect: {
        status: 200,
        closed: false,
        originSaw: [
          { fields: { content_length: null, transfer_encoding: null, x_forwarded_for: null, 'x-real-ip': null, my_field: '1' } },
        ],
      },
    },
    {
      name: 'garbage that can become no status line is a bad gateway at once',
      rfc: '9112 §4',
      send: [get('/')],
      origin: ['HTTP/1.1\r\n\r\n', { wait: 'never' }],
      expect: { status: 502, before: 1500, closed: false, originSaw: 1, originLeft: true },
    },
  ],
};
