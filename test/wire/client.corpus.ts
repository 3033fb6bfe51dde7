/** Bytes of an upstream, and the class of the difference to each other engine; undefined: it makes the same of them. */
export interface Row {
  readonly name: string;
  readonly bytes: string;
  readonly method: 'GET' | 'HEAD';
  readonly node: string | undefined;
  readonly undici: string | undefined;
  /** The difference shows only where the bytes come in pieces of a certain size. */
  readonly bySize?: true;
}

type Differs = string | undefined | { readonly node?: string; readonly undici?: string; readonly bySize?: true };

function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function ok(framing: string, body: string, ...fields: readonly string[]): string {
  return head('HTTP/1.1 200 OK', framing, ...fields) + body;
}

function chunked(body: string, ...fields: readonly string[]): string {
  return ok('Transfer-Encoding: chunked', body, ...fields);
}

const FINAL = ok('Content-Length: 2', 'ok');
const BIG = 'x'.repeat(200_000);

/** Rows of one class, or of none. */
function rows(differs: Differs, all: Readonly<Record<string, string>>, method: 'GET' | 'HEAD' = 'GET'): Row[] {
  const classes = typeof differs === 'object' ? differs : { node: differs, undici: differs };
  return Object.entries(all).map(([name, bytes]) => ({ name, bytes, method, node: undefined, undici: undefined, ...classes }));
}

export const clientCorpus: readonly Row[] = [
  ...rows(undefined, {
    'a body with its length': FINAL,
    'no body': ok('Content-Length: 0', ''),
    'a body up to the end': ok('X: 1', 'to the end'),
    'an empty body up to the end': ok('X: 1', ''),
    'a body that stops short': ok('Content-Length: 5', 'shor'),
    'a large body': ok(`Content-Length: ${BIG.length}`, BIG),
    'a large body that stops short': ok(`Content-Length: ${BIG.length + 1}`, BIG),
    'a large body up to the end': ok('X: 1', BIG),
    chunks: chunked('2\r\nok\r\n3;a=b\r\n ok\r\n0\r\n\r\n'),
    'a large chunk': chunked(`${BIG.length.toString(16)}\r\n${BIG}\r\n0\r\n\r\n`),
    'many chunks': chunked(`${'5\r\nchunk\r\n'.repeat(2000)}0\r\n\r\n`),
    'no chunk': chunked('0\r\n\r\n'),
    'chunks that stop short': chunked('5\r\nchu'),
    'chunks without the last one': chunked('5\r\nchunk\r\n'),
    'trailers that stop short': chunked('5\r\nchunk\r\n0\r\nX-T: 1\r\n'),
    trailers: chunked('2\r\nok\r\n0\r\nX-T: 1\r\nHost: evil\r\nX-U:\r\n\r\n', 'Trailer: x-t'),
    'a reply of HTTP/1.0': head('HTTP/1.0 200 OK') + 'to the end',
    'a reply of HTTP/1.0 that stays': head('HTTP/1.0 200 OK', 'Connection: keep-alive', 'Content-Length: 2') + 'ok',
    'no reason': head('HTTP/1.1 200', 'Content-Length: 2') + 'ok',
    'an empty reason': head('HTTP/1.1 200 ', 'Content-Length: 2') + 'ok',
    'a reason beyond ASCII': head('HTTP/1.1 200 \x80\xff', 'Content-Length: 2') + 'ok',
    'fields that belong to the connection': ok(
      'Content-Length: 2',
      'ok',
      'Connection: x-hop, close',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
    ),
    'equal fields': ok('Content-Length: 2', 'ok', 'Set-Cookie: a', 'Set-Cookie: b', 'X:', 'X: \x80'),
    '204': head('HTTP/1.1 204 No Content'),
    '204 with a length': head('HTTP/1.1 204 No Content', 'Content-Length: 5'),
    '304 with a length': head('HTTP/1.1 304 Not Modified', 'Content-Length: 5'),
    '205 with a body': head('HTTP/1.1 205 Reset Content', 'Content-Length: 2') + 'ok',
    'early hints': head('HTTP/1.1 103 Early Hints', 'Link: </a>') + FINAL,
    'several interim replies': head('HTTP/1.1 102 Processing') + head('HTTP/1.1 103 Early Hints', 'Link: </a>') + FINAL,
    'nothing at all': '',
    'half a head': 'HTTP/1.1 200 OK\r\nContent-Le',
    'a bare LF': 'HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok',
    'a bare LF after a field': 'HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok',
    'a folded field': ok('Content-Length: 2', 'ok', 'X: a', ' b'),
    'a space before the colon': ok('Content-Length: 2', 'ok', 'X : a'),
    'a NUL in a field': ok('Content-Length: 2', 'ok', 'X: \0'),
    'a field without a colon': ok('Content-Length: 2', 'ok', 'X'),
    'two lengths': ok('Content-Length: 2\r\nContent-Length: 2', 'ok'),
    'a list of lengths': ok('Content-Length: 2, 2', 'ok'),
    'a length with a sign': ok('Content-Length: +2', 'ok'),
    'a length and a coding': chunked('0\r\n\r\n', 'Content-Length: 2'),
    'another protocol': head('HTPP/1.1 200 OK'),
    'no version': head('HTTP 200 OK'),
    'a status in letters': head('HTTP/1.1 2x0 OK'),
    'half a status line': 'HTTP/1.1\r\n',
    'no HTTP': 'SSH-2.0-OpenSSH_9.9\r\n',
  }),
  ...rows(
    undefined,
    {
      'a length for HEAD': head('HTTP/1.1 200 OK', 'Content-Length: 500'),
      'chunks for HEAD': head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
    },
    'HEAD',
  ),
  ...rows(
    { node: 'a broken body that comes with its head', undici: 'a broken body that comes with its head', bySize: true },
    {
      'a chunk size of 65 bits': chunked('10000000000000000\r\n'.replace(/^1/, 'g')),
      'a negative chunk size': chunked('-1\r\n'),
      'a chunk without a size': chunked('\r\nok\r\n0\r\n\r\n'),
      'a chunk longer than its size': chunked('1\r\nok\r\n0\r\n\r\n'),
      'a bare LF after a chunk size': chunked('2\nok\r\n0\r\n\r\n'),
      'a folded trailer': chunked('0\r\nX: a\r\n b\r\n\r\n'),
    },
  ),
  ...rows('empty lines before a status line', { 'an empty line first': `\r\n${FINAL}` }),
  ...rows('other major versions', { 'HTTP/2.0': head('HTTP/2.0 200 OK', 'Content-Length: 0') }),
  ...rows('statuses of no class', {
    '600': head('HTTP/1.1 600 X', 'Content-Length: 0'),
    '099': head('HTTP/1.1 099 X', 'Content-Length: 0'),
  }),
  ...rows('control characters in a reason', { 'a NUL in a reason': head('HTTP/1.1 200 a\0b', 'Content-Length: 0') }),
  ...rows('higher minor versions', { 'HTTP/1.2': head('HTTP/1.2 200 OK', 'Content-Length: 0') }),
  ...rows('codings other than chunked', {
    'another coding': ok('Transfer-Encoding: gzip', 'ok'),
    'another coding first': ok('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
  }),
  ...rows('Transfer-Encoding in HTTP/1.0', {
    'a coding in HTTP/1.0': head('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
  }),
  ...rows('lengths beyond counting', { 'a length of 2^53': ok('Content-Length: 9007199254740992', 'ok') }),
  ...rows('chunk sizes beyond counting', {
    'a chunk size of 64 bits': chunked('ffffffffffffffff\r\nok'),
    'a chunk size of 17 digits': chunked('00000000000000002\r\nok\r\n0\r\n\r\n'),
  }),
  ...rows('extensions without a value', { 'an extension without a value': chunked('2;a=\r\nok\r\n0\r\n\r\n') }),
  ...rows('space in chunk extensions', {
    'space before an extension': chunked('2 ;a\r\nok\r\n0\r\n\r\n'),
    'space after the semicolon': chunked('2; a\r\nok\r\n0\r\n\r\n'),
  }),
  ...rows('lengths and codings in trailers', { 'a length in the trailers': chunked('0\r\nContent-Length: 5\r\n\r\n') }),
  ...rows({ undici: 'space after a length, for undici' }, { 'space after a length': ok('Content-Length: 2 ', 'ok') }),
  ...rows({ undici: '100 for undici' }, { 'a 100': head('HTTP/1.1 100 Continue') + FINAL }),
  ...rows('a 101 nobody asked for', { 'a 101': head('HTTP/1.1 101 Switching Protocols') }),
  ...rows('interim replies that end the connection', {
    'early hints and close': head('HTTP/1.1 103 Early Hints', 'Connection: close') + FINAL,
  }),
  ...rows('fields that could pass for another', {
    'a length with an underscore': ok('Content-Length: 2', 'ok', 'Content_Length: 3'),
  }),
  ...rows('heads that never end', {
    'two lengths in half a head': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n',
  }),
];
