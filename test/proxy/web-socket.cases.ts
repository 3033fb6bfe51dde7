import { closing, masked, PING, PONG, plain, TEXT } from '../support/web-socket-frames.ts';
import { type Case, get, lines, post, reply } from './case.ts';

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';
const ASK = ['Upgrade: websocket', 'Connection: Upgrade'] as const;
const WS = [...ASK, VERSION, KEY] as const;
const ACCEPT = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const switching = (...fields: string[]) =>
  lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...fields);
const SWITCH = switching(ACCEPT);
const TUNNEL = { do: 'tunnel' } as const;
const SEEN = {
  fields: { upgrade: 'websocket', connection: /^upgrade$/i, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
} as const;
const TO_CLIENT = {
  upgrade: 'websocket',
  connection: /^upgrade$/i,
  'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
} as const;

const latin1 = (bytes: Buffer) => bytes.toString('latin1');
const HELLO = latin1(masked({ opcode: TEXT, payload: 'hello' }, { opcode: PING, payload: '?' }));
const THERE = latin1(plain({ opcode: PONG, payload: '?' }, { opcode: TEXT, payload: 'there', fin: false }, { opcode: 0 }));
const BYE = latin1(plain(closing(4001, 'bye')));
const LARGE = latin1(masked({ opcode: 2, payload: 'z'.repeat(100_000) }));
const TOO_LARGE = latin1(masked({ opcode: 2, payload: 'z'.repeat(100_001) }));
const ANSWER = latin1(masked(closing(1014)));
const TOO_MANY = 'a message of more than 100000 bytes';
const WRONG = latin1(masked({ opcode: 5, payload: 'z' }));
const told = (code: number, reason: string) => latin1(plain(closing(code, reason)));
/** A close frame as a client sends it, with this many bytes and a mask that nobody knows. */
const maskedClose = (bytes: number) => new RegExp(`^\\x88${String.fromCharCode(0x80 + bytes)}[\\s\\S]{${4 + bytes}}$`);

const refused = (name: string, rfc: string, fields: readonly string[], status: number, more: object = {}): Case => ({
  name,
  rfc,
  send: [get('/', ...fields)],
  expect: { status, closed: false, originSaw: 0, ...more },
});

/** The opening handshake and what follows it, through the whole proxy, byte for byte. */
export const webSocketRows: readonly Case[] = [
  {
    name: 'frames pass both ways as they are',
    rfc: '6455 §5',
    send: [get('/', ...WS), { heads: 1 }, HELLO, { tunnel: THERE.length + BYE.length }],
    origin: [TUNNEL, SWITCH, { pause: 20 }, THERE, BYE, { wait: 'never' }],
    expect: { status: 101, fields: TO_CLIENT, tunnel: THERE + BYE, closed: 'either', originSaw: [{ ...SEEN, tunnel: HELLO }] },
  },
  {
    name: 'a large message passes, early and right behind the request',
    rfc: '6455 §5',
    send: [get('/', ...WS) + LARGE, { tunnel: THERE.length }],
    origin: [TUNNEL, { pause: 20 }, SWITCH + THERE, { wait: 'never' }],
    expect: { status: 101, tunnel: THERE, closed: 'either', originSaw: [{ ...SEEN, tunnel: LARGE }] },
  },
  {
    name: 'what is offered beside websocket is dropped',
    rfc: '9110 §7.8',
    send: [get('/', 'Upgrade: chat, websocket, irc/2', 'Connection: Upgrade', VERSION, KEY), { tunnel: THERE.length }],
    origin: [TUNNEL, SWITCH, THERE, { wait: 'never' }],
    expect: { status: 101, fields: TO_CLIENT, tunnel: THERE, closed: 'either', originSaw: [SEEN] },
  },
  {
    name: 'subprotocols that the route does not have are dropped',
    rfc: '6455 §4.2.2',
    send: [get('/', ...WS, 'Sec-WebSocket-Protocol: other, v2', 'Sec-WebSocket-Protocol: echo'), { tunnel: THERE.length }],
    origin: [TUNNEL, switching(ACCEPT, 'Sec-WebSocket-Protocol: echo'), THERE, { wait: 'never' }],
    expect: {
      status: 101,
      fields: { ...TO_CLIENT, 'sec-websocket-protocol': 'echo' },
      tunnel: THERE,
      closed: 'either',
      originSaw: [{ fields: { ...SEEN.fields, 'sec-websocket-protocol': 'v2, echo' } }],
    },
  },
  {
    name: 'a message too large ends it: 1009 for both',
    rfc: '6455 §7.4.1',
    send: [get('/', ...WS), { heads: 1 }, TOO_LARGE, { tunnel: 4 + TOO_MANY.length }],
    origin: [TUNNEL, SWITCH, { wait: 'never' }],
    expect: {
      status: 101,
      tunnel: told(1009, TOO_MANY),
      closed: true,
      originSaw: [{ ...SEEN, tunnel: maskedClose(2 + TOO_MANY.length) }],
      originLeft: true,
    },
  },
  {
    name: 'a wrong frame ends it: 1002 for the client, 1001 for the upstream',
    rfc: '6455 §7.4.1',
    send: [get('/', ...WS), { heads: 1 }, WRONG, { tunnel: 4 + 'an opcode that means nothing'.length }],
    origin: [TUNNEL, SWITCH, { wait: 'never' }],
    expect: {
      status: 101,
      tunnel: told(1002, 'an opcode that means nothing'),
      closed: true,
      originSaw: [{ ...SEEN, tunnel: maskedClose(2 + 'the client has broken the protocol'.length) }],
      originLeft: true,
    },
  },
  {
    name: 'a wrong frame of the upstream ends it: 1014 for the client',
    rfc: '6455 §7.4.1',
    send: [get('/', ...WS), { tunnel: 4 + 'the upstream has broken the protocol'.length }, ANSWER],
    origin: [TUNNEL, SWITCH, HELLO, { wait: 'never' }],
    expect: {
      status: 101,
      tunnel: told(1014, 'the upstream has broken the protocol'),
      closed: true,
      originSaw: [{ ...SEEN, tunnel: maskedClose(2 + 'a frame is masked'.length) }],
      originLeft: true,
    },
  },
  {
    name: 'an origin that refuses to switch is passed on',
    rfc: '6455 §4.2.2',
    send: [get('/', ...WS)],
    origin: `${lines('HTTP/1.1 403 Forbidden', 'Content-Length: 2')}no`,
    expect: { status: 403, body: 'no', closed: false, originSaw: [SEEN] },
  },
  {
    name: 'an origin that wants another version is passed on',
    rfc: '6455 §4.4',
    send: [get('/', ...WS)],
    origin: `${lines('HTTP/1.1 426 Upgrade Required', 'Sec-WebSocket-Version: 13', 'Content-Length: 2')}no`,
    expect: { status: 426, body: 'no', fields: { 'sec-websocket-version': '13' }, closed: false, originSaw: [SEEN] },
  },
  ...(
    [
      ['no Sec-WebSocket-Accept', []],
      ['a Sec-WebSocket-Accept for another key', ['Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=']],
      ['a subprotocol that was not offered', [ACCEPT, 'Sec-WebSocket-Protocol: other']],
      ['an extension that was not offered', [ACCEPT, 'Sec-WebSocket-Extensions: permessage-deflate']],
    ] as const
  ).map(
    ([what, fields]): Case => ({
      name: `a switch with ${what} is wrong`,
      rfc: '6455 §4.1',
      send: [get('/', ...WS, 'Sec-WebSocket-Protocol: echo, other')],
      origin: [TUNNEL, switching(...fields), { wait: 'never' }],
      expect: { status: 502, closed: 'either', originSaw: [SEEN], originLeft: true },
    }),
  ),
  refused('another version is told which one is spoken', '6455 §4.4', [...ASK, KEY, 'Sec-WebSocket-Version: 8'], 426, {
    fields: { 'sec-websocket-version': '13', upgrade: 'websocket' },
  }),
  refused('a handshake without a version is told which one is spoken', '6455 §4.4', [...ASK, KEY], 426, {
    fields: { 'sec-websocket-version': '13', upgrade: 'websocket' },
  }),
  refused('a handshake without a key is none', '6455 §4.2.1', [...ASK, VERSION], 400),
  refused('a handshake with two keys is none', '6455 §4.2.1', [...WS, KEY], 400),
  refused('a handshake with a short key is none', '6455 §4.2.1', [...ASK, VERSION, 'Sec-WebSocket-Key: c2hvcnQ='], 400),
  refused('a list of subprotocols with a gap is none', '6455 §4.1', [...WS, 'Sec-WebSocket-Protocol: echo,,v2'], 400),
  refused('subprotocols of which none is spoken are refused', '6455 §4.2.2', [...WS, 'Sec-WebSocket-Protocol: other'], 403),
  {
    name: 'a handshake by POST is none',
    rfc: '6455 §4.2.1',
    send: [post(['Content-Length: 0', ...WS])],
    expect: { status: 400, closed: false, originSaw: 0 },
  },
  {
    name: 'a handshake with a body is an ordinary request',
    rfc: '6455 §4.2.1',
    send: [post(['Content-Length: 5', ...WS], 'hello')],
    origin: reply('ok'),
    expect: { status: 200, closed: 'either', originSaw: [{ body: 'hello', fields: { upgrade: null } }] },
  },
];
