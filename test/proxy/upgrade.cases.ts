import { get, lines, post, reply, type Topic } from './case.ts';
import { webSocketRows } from './web-socket.cases.ts';

const CHAT = ['Upgrade: chat', 'Connection: Upgrade', 'X-Chat: yes'] as const;
const SWITCH = lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: chat', 'Connection: Upgrade', 'X-Room: 7');
const TUNNEL = { do: 'tunnel' } as const;
const ECHO = [TUNNEL, { echoing: true }, SWITCH] as const;
const SEEN = { fields: { upgrade: 'chat', connection: /^upgrade$/i, 'x-chat': 'yes' } } as const;
const TO_CLIENT = { upgrade: 'chat', connection: /^upgrade$/i, 'x-room': '7' } as const;
const LARGE = 'z'.repeat(300_000);

export const upgrade: Topic = {
  topic: 'Upgrade',
  lanes: 4,
  gateway: { route: { upgrades: ['chat', 'irc/2'], websocket: { protocols: ['echo', 'v2'], max_message_size: 100_000 } } },
  cases: [
    {
      name: 'what the client says in the tunnel comes back from the origin',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { heads: 1 }, 'ping', { tunnel: 4 }, 'pong', { tunnel: 8 }],
      origin: [...ECHO, { wait: 'never' }],
      expect: {
        status: 101,
        fields: TO_CLIENT,
        tunnel: 'pingpong',
        closed: 'either',
        originSaw: [{ ...SEEN, tunnel: 'pingpong' }],
      },
    },
    {
      name: 'Upgrade is found in a list of Connection',
      rfc: '9110 §7.8',
      send: [get('/', 'Upgrade: chat', 'Connection: keep-alive, upgrade', 'X-Chat: yes'), { tunnel: 5 }],
      origin: [TUNNEL, SWITCH, 'hello', { wait: 'never' }],
      expect: { status: 101, fields: TO_CLIENT, tunnel: 'hello', closed: 'either', originSaw: [SEEN] },
    },
    {
      name: 'an origin may choose one of several protocols',
      rfc: '9110 §7.8',
      send: [get('/', 'Upgrade: irc/2, chat', 'Connection: Upgrade'), { tunnel: 5 }],
      origin: [TUNNEL, SWITCH, 'hello', { wait: 'never' }],
      expect: {
        status: 101,
        fields: TO_CLIENT,
        tunnel: 'hello',
        closed: 'either',
        originSaw: [{ fields: { upgrade: 'irc/2, chat' } }],
      },
    },
    {
      name: 'bytes right behind the 101 belong to the tunnel',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { tunnel: 19 }],
      origin: [TUNNEL, `${SWITCH}HTTP/1.1 200 OK\r\n\r\n`, { wait: 'never' }],
      expect: { status: 101, tunnel: 'HTTP/1.1 200 OK\r\n\r\n', closed: 'either', originSaw: [SEEN] },
    },
    {
      name: 'bytes of the tunnel that look like a request are not read as one',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { heads: 1 }, get('/evil'), { tunnel: get('/evil').length }],
      origin: [...ECHO, { wait: 'never' }],
      expect: { status: 101, tunnel: get('/evil'), closed: 'either', originSaw: [{ ...SEEN, tunnel: get('/evil') }] },
    },
    {
      name: 'many bytes go through both ways',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { heads: 1 }, LARGE, { tunnel: LARGE.length }],
      origin: [...ECHO, { wait: 'never' }],
      expect: { status: 101, tunnel: LARGE, closed: 'either', originSaw: [{ ...SEEN, tunnel: LARGE }] },
    },
    {
      name: 'a tunnel that the origin ends is ended for the client',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { tunnel: 3 }],
      origin: [TUNNEL, `${SWITCH}bye`, { pause: 30 }, { do: 'close' }],
      expect: { status: 101, tunnel: 'bye', closed: true, originSaw: [SEEN] },
    },
    {
      name: 'a tunnel that the client leaves is left at the origin',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { tunnel: 2 }, { do: 'close' }],
      origin: [TUNNEL, `${SWITCH}hi`, { wait: 'never' }],
      expect: { status: 101, tunnel: 'hi', closed: true, originSaw: [SEEN], originLeft: true },
    },
    {
      name: 'a tunnel that the client resets is left at the origin',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { tunnel: 2 }, { do: 'reset' }],
      origin: [TUNNEL, `${SWITCH}hi`, { wait: 'never' }],
      expect: { status: 101, tunnel: 'hi', closed: true, originSaw: [SEEN], originLeft: true },
    },
    {
      name: 'a tunnel that the origin resets ends for the client',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { tunnel: 2 }],
      origin: [TUNNEL, `${SWITCH}hi`, { pause: 30 }, { do: 'reset' }],
      expect: { status: 101, tunnel: 'hi', closed: true, originSaw: [SEEN] },
    },
    {
      name: 'a client that half-closes its tunnel hears the rest',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT), { tunnel: 2 }, 'last', { do: 'half-close' }, { pause: 50 }, { signal: 'ended' }],
      origin: [TUNNEL, `${SWITCH}hi`, { wait: 'ended' }, ' there', { do: 'close' }],
      expect: { status: 101, tunnel: 'hi there', closed: true, originSaw: [{ ...SEEN, tunnel: 'last' }] },
    },
    {
      name: 'early hints before the 101 are passed on',
      rfc: '9110 §15.2',
      send: [get('/', ...CHAT), { tunnel: 2 }],
      origin: [TUNNEL, `${lines('HTTP/1.1 103 Early Hints')}${SWITCH}hi`, { wait: 'never' }],
      expect: { status: 101, interim: [103], tunnel: 'hi', closed: 'either', originSaw: [SEEN] },
    },
    {
      name: 'an origin that does not switch gives an ordinary reply',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT)],
      origin: reply('no'),
      expect: { status: 200, body: 'no', closed: false, originSaw: [SEEN] },
    },
    {
      name: 'a switch to a protocol that the client did not name is wrong',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT)],
      origin: [TUNNEL, lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: irc', 'Connection: Upgrade'), { wait: 'never' }],
      expect: { status: 502, closed: 'either', originSaw: [SEEN], originLeft: true },
    },
    {
      name: 'a switch that names no protocol is wrong',
      rfc: '9110 §15.2.2',
      send: [get('/', ...CHAT)],
      origin: [TUNNEL, lines('HTTP/1.1 101 Switching Protocols'), { wait: 'never' }],
      expect: { status: 502, closed: 'either', originSaw: [SEEN], originLeft: true },
    },
    {
      name: 'a switch that nobody asked for is wrong',
      rfc: '9110 §7.8',
      send: [get('/', 'Upgrade: chat')],
      origin: [TUNNEL, SWITCH, { wait: 'never' }],
      expect: { status: 502, closed: 'either', originSaw: [{ fields: { upgrade: null } }], originLeft: true },
    },
    {
      name: 'the option without the field asks for nothing',
      rfc: '9110 §7.8',
      send: [get('/', 'Connection: Upgrade')],
      expect: { status: 200, body: 'ok', closed: false, originSaw: [{ fields: { upgrade: null } }] },
    },
    {
      name: 'what a client says before the 101 belongs to the tunnel',
      rfc: '9110 §7.8',
      send: [`${get('/', ...CHAT)}early`, { tunnel: 5 }],
      origin: [...ECHO, { wait: 'never' }],
      expect: { status: 101, tunnel: 'early', closed: 'either', originSaw: [{ ...SEEN, tunnel: 'early' }] },
    },
    {
      name: 'a request behind an upgrade that is refused is the next request',
      rfc: '9110 §7.8',
      send: [get('/', ...CHAT) + get('/next')],
      origin: [{ pause: 60 }, reply('no')],
      expect: {
        replies: [{ status: 200, body: 'no' }, { status: 200 }],
        closed: 'either',
        orSilence: true,
        originSaw: [SEEN, { target: '/next' }],
      },
    },
    {
      name: 'a body and an Upgrade on one request do not mix',
      rfc: '9110 §7.8',
      send: [post(['Content-Length: 5', ...CHAT], 'hello')],
      expect: { status: [200, 400], closed: 'either', originSaw: 'any' },
    },
    {
      name: 'of several protocols those that the route does not have go no further',
      rfc: '9110 §7.8',
      send: [get('/', 'Upgrade: other, chat, irc/3', 'Connection: Upgrade'), { tunnel: 5 }],
      origin: [TUNNEL, SWITCH, 'hello', { wait: 'never' }],
      expect: { status: 101, fields: TO_CLIENT, tunnel: 'hello', closed: 'either', originSaw: [{ fields: { upgrade: 'chat' } }] },
    },
    ...['other', 'irc', 'chat2', 'other, more'].map((protocol) => ({
      name: `a protocol that the route does not have is refused: ${protocol}`,
      rfc: '9110 §7.8',
      send: [get('/', `Upgrade: ${protocol}`, 'Connection: Upgrade')],
      expect: { status: 403, body: /upgrade_refused/, closed: false, originSaw: 0 },
    })),
    ...webSocketRows,
  ],
};
