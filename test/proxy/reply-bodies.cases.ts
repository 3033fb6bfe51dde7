import { type Case, get, lines, reply, type Topic } from './case.ts';

const CHUNKED = lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked');
const good = (
  name: string,
  rfc: string,
  origin: Case['origin'],
  body: string,
  fields: Record<string, string | null> = {},
): Case => ({
  name,
  rfc,
  send: [get('/')],
  origin: origin as string,
  expect: { status: 200, body, fields, closed: false, originSaw: 1 },
});
/** The origin's body breaks a promise after its head was told: the client must see that, or a 502. */
const cut = (name: string, rfc: string, ...steps: NonNullable<Exclude<Case['origin'], string>>): Case => ({
  name,
  rfc,
  send: [get('/')],
  origin: steps,
  expect: { status: [200, 502], cut: true, closed: 'either', originSaw: 1 },
});
const badChunk = (name: string, text: string, rfc = '9112 §7.1'): Case =>
  cut(name, rfc, CHUNKED, { pause: 20 }, text, { pause: 40 }, { do: 'close' });
const CLOSE = { do: 'close' } as const;

export const replyBodies: Topic = {
  topic: 'bodies of the origin',
  cases: [
    good('a body of its length is passed on', '9112 §6.2', reply('hello'), 'hello', {
      'content-length': '5',
      'transfer-encoding': null,
    }),
    good('an empty body is passed on', '9112 §6.2', reply(''), '', { 'content-length': '0' }),
    good('a chunked body is passed on', '9112 §7.1', `${CHUNKED}5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n`, 'hello!', {}),
    good('an empty chunked body is passed on', '9112 §7.1', `${CHUNKED}0\r\n\r\n`, ''),
    good(
      'a body up to the end of the connection is passed on',
      '9112 §6.3',
      [`${lines('HTTP/1.1 200 OK')}to the end`, CLOSE],
      'to the end',
    ),
    good('so is one of HTTP/1.0', '9112 §6.3', [`${lines('HTTP/1.0 200 OK')}to the end`, CLOSE], 'to the end'),
    good('an empty body up to the end of the connection is passed on', '9112 §6.3', [lines('HTTP/1.1 200 OK'), CLOSE], ''),
    good(
      'a body in pieces is passed on',
      '9112 §6.2',
      [lines('HTTP/1.1 200 OK', 'Content-Length: 6'), { pause: 20 }, 'ab', { pause: 20 }, 'cdef'],
      'abcdef',
    ),
    good(
      'a head in pieces is read',
      '9112 §2.2',
      ['HTTP/1.', { pause: 20 }, '1 200 OK\r', { pause: 20 }, '\nContent-Length: 2\r\n\r', { pause: 20 }, '\nok'],
      'ok',
    ),
    good(
      'chunks cut anywhere are read',
      '9112 §7.1',
      [
        `${CHUNKED}5\r`,
        { pause: 20 },
        '\nhel',
        { pause: 20 },
        'lo',
        { pause: 20 },
        '\r\n0',
        { pause: 20 },
        '\r\n\r',
        { pause: 20 },
        '\n',
      ],
      'hello',
    ),
    {
      name: 'a megabyte of its length is passed on whole',
      rfc: '9112 §6.2',
      send: [get('/')],
      origin: reply('m'.repeat(1_048_576)),
      expect: { status: 200, length: 1_048_576, closed: false, originSaw: 1 },
    },
    {
      name: 'a megabyte in chunks is passed on whole',
      rfc: '9112 §7.1',
      send: [get('/')],
      origin: [CHUNKED, { repeat: 64, bytes: `4000\r\n${'c'.repeat(16_384)}\r\n` }, '0\r\n\r\n'],
      expect: { status: 200, length: 1_048_576, closed: false, originSaw: 1 },
    },
    {
      name: 'a megabyte up to the end of the connection is passed on whole',
      rfc: '9112 §6.3',
      send: [get('/')],
      origin: [lines('HTTP/1.1 200 OK'), { repeat: 64, bytes: 'e'.repeat(16_384) }, CLOSE],
      expect: { status: 200, length: 1_048_576, closed: false, originSaw: 1 },
    },
    {
      name: 'the first bytes are passed on before the last ones are there',
      rfc: '9112 §7.1',
      send: [get('/'), { body: 5 }, { signal: 'seen' }],
      origin: [`${CHUNKED}5\r\nfirst\r\n`, { wait: 'seen' }, '4\r\nlast\r\n0\r\n\r\n'],
      expect: { status: 200, body: 'firstlast', closed: false, originSaw: 1 },
    },
    {
      name: 'events are passed on one by one',
      rfc: '9112 §6.3',
      send: [get('/'), { body: 9 }, { signal: 'one' }, { body: 18 }, { signal: 'two' }],
      origin: [
        `${lines('HTTP/1.1 200 OK', 'Content-Type: text/event-stream')}data: 1\n\n`,
        { wait: 'one' },
        'data: 2\n\n',
        { wait: 'two' },
        CLOSE,
      ],
      expect: { status: 200, body: 'data: 1\n\ndata: 2\n\n', closed: false, originSaw: 1 },
    },
    {
      name: 'the head is passed on before there is a body',
      rfc: '9112 §6.3',
      send: [get('/'), { body: 0 }, { pause: 100 }, { signal: 'waited' }],
      origin: [lines('HTTP/1.1 200 OK', 'Content-Length: 2'), { wait: 'waited' }, 'ok'],
      expect: { status: 200, body: 'ok', before: 95, closed: false, originSaw: 1 },
    },
    cut(
      'a length that is not reached is told',
      '9112 §8',
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`,
      { pause: 30 },
      CLOSE,
    ),
    cut(
      'a length that is not reached is told even when all comes at once',
      '9112 §8',
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`,
      CLOSE,
    ),
    cut('a length of which nothing came is told', '9112 §8', lines('HTTP/1.1 200 OK', 'Content-Length: 10'), CLOSE),
    cut(
      'a reset within a length is told',
      '9112 §8',
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`,
      { pause: 30 },
      { do: 'reset' },
    ),
    cut(
      'a half-close within a length is told',
      '9112 §8',
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`,
      { pause: 30 },
      { do: 'half-close' },
    ),
    cut('a close within a chunk is told', '9112 §8', `${CHUNKED}a\r\nhello`, { pause: 30 }, CLOSE),
    cut('a close after a chunk is told', '9112 §8', `${CHUNKED}5\r\nhello\r\n`, { pause: 30 }, CLOSE),
    cut('a close within a chunk size is told', '9112 §8', `${CHUNKED}5\r\nhello\r\n1`, { pause: 30 }, CLOSE),
    cut(
      'a close after the last chunk, before its empty line, is told',
      '9112 §8',
      `${CHUNKED}5\r\nhello\r\n0\r\n`,
      { pause: 30 },
      CLOSE,
    ),
    cut('a close within the trailers is told', '9112 §8', `${CHUNKED}5\r\nhello\r\n0\r\nX-A: 1\r\n`, { pause: 30 }, CLOSE),
    cut('a reset after a chunk is told', '9112 §8', `${CHUNKED}5\r\nhello\r\n`, { pause: 30 }, { do: 'reset' }),
    cut('a reset of a body up to the end is told', '9112 §8', `${lines('HTTP/1.1 200 OK')}hello`, { pause: 30 }, { do: 'reset' }),
    badChunk('a chunk size of letters is told', 'zz\r\nhello\r\n0\r\n\r\n'),
    badChunk('an empty chunk size is told', '\r\nhello\r\n0\r\n\r\n'),
    badChunk('a chunk size of sixteen f is told', 'ffffffffffffffff\r\nhello'),
    badChunk('a chunk size one below sixteen f is told', 'fffffffffffffffe\r\nhello'),
    badChunk('a chunk size that wraps around to five is told', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
    badChunk('a chunk size with the 64-bit sign is told', '8000000000000000\r\nhello'),
    badChunk('a negative chunk size is told', '-5\r\nhello\r\n0\r\n\r\n'),
    badChunk('a chunk size with a prefix is told', '0x5\r\nhello\r\n0\r\n\r\n'),
    badChunk('a chunk size that ends in a bare LF is told', '5\nhello\r\n0\r\n\r\n'),
    badChunk('chunk data that is too long is told', '5\r\nhello!\r\n0\r\n\r\n'),
    badChunk('chunk data that ends in a bare LF is told', '5\r\nhello\n0\r\n\r\n'),
    badChunk('an extension with a bare LF is told', '5;a\n=b\r\nhello\r\n0\r\n\r\n', '9112 §7.1.1'),
    badChunk('extensions without end are told', `5;a="${'b'.repeat(100_000)}`, '9112 §7.1.1'),
    badChunk('a trailer without colon is told', '5\r\nhello\r\n0\r\nX-A\r\n\r\n', '9112 §7.1.2'),
    badChunk('a folded trailer is told', '5\r\nhello\r\n0\r\nX-A: 1\r\n 2\r\n\r\n', '9112 §7.1.2'),
    badChunk('a NUL in a trailer is told', '5\r\nhello\r\n0\r\nX-A: \0\r\n\r\n', '9112 §7.1.2'),
    badChunk('trailers without end are told', `5\r\nhello\r\n0\r\n${'X-A: 1\r\n'.repeat(40_000)}`, '9112 §7.1.2'),
  ],
};

const trailers = (name: string, rfc: string, sent: readonly string[], got: Record<string, string | null>): Case => ({
  name,
  rfc,
  send: [get('/', 'TE: trailers', 'Connection: TE')],
  origin: `${CHUNKED}5\r\nhello\r\n0\r\n${sent.map((each) => `${each}\r\n`).join('')}\r\n`,
  expect: { status: 200, body: 'hello', trailers: got, closed: false, originSaw: 1 },
});

export const replyTrailers: Topic = {
  topic: 'trailers of replies',
  cases: [
    trailers('a trailer is passed on to a client that takes them', '9110 §6.5', ['X-Check: abc'], { 'x-check': 'abc' }),
    trailers('several trailers are passed on', '9110 §6.5', ['X-A: 1', 'X-B: 2'], { 'x-a': '1', 'x-b': '2' }),
    trailers('Content-Length in the trailers is dropped', '9110 §6.5.1', ['Content-Length: 5', 'X-A: 1'], {
      'x-a': '1',
    }),
    trailers('Transfer-Encoding in the trailers is dropped', '9110 §6.5.1', ['Transfer-Encoding: chunked'], {
      'transfer-encoding': null,
    }),
    trailers('Connection in the trailers is dropped', '9110 §6.5.1', ['Connection: close'], { connection: null }),
  ],
};
