import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GatewayError } from '../../../src/http/errors.ts';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { webSocketSchema } from '../../../src/layers/web-socket/config.ts';
import { answerProblem, type Handshake, handshakeTerms, readHandshake } from '../../../src/layers/web-socket/handshake.ts';
import { exchangeOf } from '../../support/exchanges.ts';

type Fields = [string, string][];

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const RIGHT: Fields = [
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', KEY],
];

function read(fields: Fields, written: Record<string, unknown> = {}, method = 'GET') {
  const exchange = Object.assign(exchangeOf({ method, headers: Headers.from(fields), upgrade: 'websocket' }), {
    requestId: 'r1',
  });
  try {
    const handshake = readHandshake(exchange, handshakeTerms(webSocketSchema.parse(written)));
    return { exchange, handshake };
  } catch (thrown) {
    const { code, detail } = thrown as GatewayError;
    return { exchange, refused: [code, detail] };
  }
}

describe('A handshake', () => {
  test('of the RFC passes', () => {
    const { handshake } = read([...RIGHT, ['Origin', 'http://example.com'], ['Sec-WebSocket-Protocol', 'chat, superchat']]);
    expect(handshake).toEqual({ key: KEY, protocols: ['chat', 'superchat'], extensions: [] });
  });

  test.each<[string, Fields, string?]>([
    ['its method is not GET', RIGHT, 'POST'],
    ['its method is not GET', RIGHT, 'get'],
    ['its Sec-WebSocket-Key is not 16 bytes in base64', RIGHT.slice(0, 1)],
    ...['', 'short', `${KEY}=`, 'dGhlIHNhbXBsZSBub25jZQ', 'dGhlIHNhbXBsZSBub25j!Q==', `${KEY}, ${KEY}`].map(
      (key): [string, Fields] => [
        'its Sec-WebSocket-Key is not 16 bytes in base64',
        [...RIGHT.slice(0, 1), ['Sec-WebSocket-Key', key]],
      ],
    ),
    ['its Sec-WebSocket-Key is not 16 bytes in base64', [...RIGHT, ['Sec-WebSocket-Key', KEY]]],
    ...['', 'chat,', ',chat', 'a b', 'chat;q=1', '"chat"', 'ch@t'].map((list): [string, Fields] => [
      'its Sec-WebSocket-Protocol is not a list of names',
      [...RIGHT, ['Sec-WebSocket-Protocol', list]],
    ]),
    ['its Sec-WebSocket-Protocol names one twice', [...RIGHT, ['Sec-WebSocket-Protocol', 'a, b, a']]],
    ['its Sec-WebSocket-Protocol names one twice', [...RIGHT, ['Sec-WebSocket-Protocol', 'a'], ['Sec-WebSocket-Protocol', 'a']]],
  ])('is none: %s', (reason, fields, method = 'GET') => {
    expect(read(fields, {}, method).refused).toEqual(['bad_request', `Not a WebSocket handshake: ${reason}`]);
  });

  test.each([['8'], ['13, 8'], ['14'], ['013'], [undefined]])('of version %s is told which one is spoken', (version) => {
    const fields: Fields = version === undefined ? RIGHT.slice(1) : [['Sec-WebSocket-Version', version], ...RIGHT.slice(1)];
    const reply = read(fields).handshake as Reply;
    expect([reply.status, reply.headers.get('sec-websocket-version'), reply.headers.get('upgrade')]).toEqual([
      426,
      '13',
      'websocket',
    ]);
    expect(JSON.parse(String(reply.body))).toMatchObject({ code: 'web_socket_version', request_id: 'r1' });
  });

  test('of a page is refused unless its origin may connect', () => {
    const written = { allowed_origins: ['https://app.example.com'] };
    expect(read([...RIGHT, ['Origin', 'https://app.example.com']], written).handshake).toBeDefined();
    expect(read(RIGHT, written).handshake).toBeDefined();
    expect(read([...RIGHT, ['Origin', 'https://evil.example']], written).refused?.[0]).toBe('upgrade_refused');
  });
});

describe('Subprotocols', () => {
  const written = { protocols: ['chat', 'echo'] };

  test.each<[string[], string | undefined]>([
    [[], undefined],
    [['chat'], 'chat'],
    [['chat, echo'], 'chat, echo'],
    [['other, chat,else'], 'chat'],
    [['other', 'echo', 'chat'], 'echo, chat'],
  ])('%j goes on as %s', (lines, expected) => {
    const { exchange, handshake } = read(
      [...RIGHT, ...lines.map((line): [string, string] => ['Sec-WebSocket-Protocol', line])],
      written,
    );
    expect(exchange.headers.get('sec-websocket-protocol')).toBe(expected);
    expect((handshake as Handshake).protocols).toEqual(expected?.split(', ') ?? []);
  });

  test.each([['other'], ['Chat'], ['other, more']])('%s alone is refused', (line) => {
    expect(read([...RIGHT, ['Sec-WebSocket-Protocol', line]], written).refused).toEqual([
      'upgrade_refused',
      'None of the subprotocols that were offered is spoken here',
    ]);
  });
});

describe('An answer', () => {
  const ACCEPT: [string, string] = ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='];
  const handshake = { key: KEY, protocols: ['chat', 'echo'], extensions: ['permessage-deflate'] };

  test.each<[string | undefined, Fields]>([
    [undefined, [ACCEPT]],
    [undefined, [ACCEPT, ['Sec-WebSocket-Protocol', 'echo'], ['Sec-WebSocket-Extensions', 'permessage-deflate; a=1']]],
    ['a Sec-WebSocket-Accept for another key', []],
    ['a Sec-WebSocket-Accept for another key', [['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOp=']]],
    ['a Sec-WebSocket-Accept for another key', [ACCEPT, ACCEPT]],
    ['a subprotocol that was not offered', [ACCEPT, ['Sec-WebSocket-Protocol', 'other']]],
    ['a subprotocol that was not offered', [ACCEPT, ['Sec-WebSocket-Protocol', 'chat, echo']]],
    ['a subprotocol that was not offered', [ACCEPT, ['Sec-WebSocket-Protocol', '']]],
    ['an extension that was not offered', [ACCEPT, ['Sec-WebSocket-Extensions', 'permessage-deflate, x-other']]],
  ])('has this wrong: %s', (problem, fields) => {
    expect(answerProblem(new Reply(101, Headers.from(fields)), handshake)).toBe(problem);
  });
});

test('Whatever fields a client sends, it is a handshake, a 426, a 400 or a 403', () => {
  const name = fc.constantFrom(
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
    'Origin',
  );
  const value = fc.oneof(fc.constantFrom('13', KEY, 'chat, echo', 'permessage-deflate'), fc.string({ unit: 'binary-ascii' }));
  const fields = fc.array(
    fc.tuple(
      name,
      value.map((text) => text.replaceAll(/[^\t -~]/g, '').trim()),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(fields, fc.boolean(), (more, right) => {
      const written = { protocols: ['chat'], allowed_origins: ['https://app.example.com'] };
      const { handshake, refused } = read(right ? [...RIGHT, ...more] : more, written);
      if (handshake instanceof Reply) expect(handshake.status).toBe(426);
      else if (handshake === undefined) expect(['bad_request', 'upgrade_refused']).toContain(refused?.[0]);
      else expect(handshake.key).toBe(KEY);
    }),
  );
});
