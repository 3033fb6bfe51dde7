/** Bytes of a client, and the class of the difference they lead to; undefined: all engines make the same of them. */
export interface Row {
  readonly name: string;
  readonly bytes: string;
  readonly differs: string | undefined;
  /** The difference shows only where the bytes come in large enough pieces. */
  readonly unsplit?: true;
}

const HOST = 'Host: a.example';

function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function get(target: string, ...fields: readonly string[]): string {
  return head(`GET ${target} HTTP/1.1`, HOST, ...fields);
}

function post(framing: string, body: string, ...fields: readonly string[]): string {
  return head('POST /in HTTP/1.1', HOST, framing, ...fields) + body;
}

function chunked(body: string, ...fields: readonly string[]): string {
  return post('Transfer-Encoding: chunked', body, ...fields);
}

const NEXT = get('/next');
const BIG = 'x'.repeat(70_000);

/** Rows of one class, or of none. */
function rows(differs: string | undefined, all: Readonly<Record<string, string>>): Row[] {
  return Object.entries(all).map(([name, bytes]) => ({ name, bytes, differs }));
}

export const serverCorpus: readonly Row[] = [
  ...rows(undefined, {
    'one request': get('/'),
    'three requests in one piece': get('/1') + get('/2') + get('/3'),
    'an empty line before a request': `\r\n${get('/')}`,
    'a body with its length': post('Content-Length: 5', 'hello') + NEXT,
    'a length of zero': post('Content-Length: 0', '') + NEXT,
    'a length with zeros before it': post('Content-Length: 0005', 'hello') + NEXT,
    'a body that stops short': post('Content-Length: 5', 'hell'),
    'a large body and a request behind it': post(`Content-Length: ${BIG.length}`, BIG) + NEXT,
    'chunks and a request behind them': chunked('5\r\nhello\r\n3\r\n abc\r\n0\r\n\r\n'.replace('3\r', '4\r')) + NEXT,
    'a large chunk and a request behind it': chunked(`${BIG.length.toString(16)}\r\n${BIG}\r\n0\r\n\r\n`) + NEXT,
    'chunk sizes in any case and with zeros': chunked(`00A\r\n0123456789\r\n0a\r\n0123456789\r\n000\r\n\r\n`) + NEXT,
    'chunk extensions': chunked('5;a;b=c;d="e\\"f;"\r\nhello\r\n0;x\r\n\r\n') + NEXT,
    'a body of no chunk': chunked('0\r\n\r\n') + NEXT,
    trailers: chunked('1\r\na\r\n0\r\nX-T: 1\r\nX-U:\r\nHost: evil\r\nSet-Cookie: a\r\n\r\n', 'Trailer: x-t') + NEXT,
    'the name of a coding in capitals': post('Transfer-Encoding: CHUNKED', '1\r\na\r\n0\r\n\r\n') + NEXT,
    'HTTP/1.0 without a Host': 'GET / HTTP/1.0\r\n\r\n',
    'a request after the last one': `GET / HTTP/1.0\r\n\r\n${NEXT}`,
    'a request after close': get('/', 'Connection: close') + NEXT,
    'HTTP/1.0 that stays': `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${NEXT}`,
    'fields that belong to the connection': get('/', 'Connection: x-hop, te', 'X-Hop: 1', 'TE: trailers', 'Keep-Alive: 5') + NEXT,
    'an expectation': post('Content-Length: 2', 'hi', 'Expect: 100-continue') + NEXT,
    'an upgrade that is not asked for': get('/', 'Upgrade: websocket') + NEXT,
    'OPTIONS for all': head('OPTIONS * HTTP/1.1', HOST) + NEXT,
    'an absolute target': get('http://a.example/x?y') + get('HTTP://a.example?y') + NEXT,
    'white space around a value': get('/', 'X: \t a \t ', 'Y:\t', 'Z:z') + NEXT,
    'bytes beyond ASCII in a value': get('/', 'X: \x80\xff') + NEXT,
    'a value of every length': Array.from({ length: 40 }, (_, at) => get('/', `X: ${'v'.repeat(at)}`)).join(''),
    'a method with an odd name': head('M-SEARCH / HTTP/1.1', HOST) + NEXT,
    'a method that is none': head('G@T / HTTP/1.1', HOST),
    CONNECT: head('CONNECT a.example:80 HTTP/1.1', HOST),
    'a bare LF': `GET / HTTP/1.1\n${HOST}\r\n\r\n`,
    'a bare LF after a field': `GET / HTTP/1.1\r\n${HOST}\n\r\n`,
    'a bare LF at the end': `GET / HTTP/1.1\r\n${HOST}\r\n\n`,
    'a bare CR in a field': get('/', 'X: a\rb'),
    'a NUL in a field': get('/', 'X: a\0b'),
    'a DEL in a field': get('/', 'X: \x7f'),
    'a folded field': get('/', 'X: a', ' b'),
    'a fold before all fields': `GET / HTTP/1.1\r\n ${HOST}\r\n\r\n`,
    'a space before the colon': get('/', 'X : a'),
    'a field without a name': get('/', ': a'),
    'a field without a colon': get('/', 'X'),
    'two lengths': post('Content-Length: 1\r\nContent-Length: 1', 'a'),
    'a list of lengths': post('Content-Length: 1, 1', 'a'),
    'a length with a sign': post('Content-Length: +1', 'a'),
    'an empty length': post('Content-Length:', ''),
    'a length beyond 64 bits': post('Content-Length: 18446744073709551616', ''),
    'a length and a coding': chunked('0\r\n\r\n', 'Content-Length: 5'),
    'a coding and a length': post('Content-Length: 5', '0\r\n\r\n', 'Transfer-Encoding: chunked'),
    'a chunk size of 65 bits': chunked('10000000000000000\r\n'),
    'a negative chunk size': chunked('-1\r\n'),
    'a chunk size in C': chunked('0x1\r\na\r\n0\r\n\r\n'),
    'a chunk without a size': chunked('\r\na\r\n0\r\n\r\n'),
    'a chunk longer than its size': chunked('1\r\nab\r\n0\r\n\r\n'),
    'a chunk shorter than its size': chunked('3\r\nab\r\n0\r\n\r\n'),
    'a bare LF after a chunk size': chunked('1\na\r\n0\r\n\r\n'),
    'a bare LF after a chunk': chunked('1\r\na\n0\r\n\r\n'),
    'a control character in an extension': chunked('1;a="\x01"\r\na\r\n0\r\n\r\n'),
    'a folded trailer': chunked('0\r\nX: a\r\n b\r\n\r\n'),
    'bytes beyond ASCII in a target': get('/\x80'),
    'chunked twice': post('Transfer-Encoding: chunked, chunked', '0\r\n\r\n'),
    'two lines of codings': chunked('0\r\n\r\n', 'Transfer-Encoding: chunked'),
    'no target': head('GET  HTTP/1.1', HOST),
    'a space in a target': get('/a b'),
    'a version with more digits': head('GET / HTTP/1.10', HOST),
    'another protocol': head('GET / HTPP/1.1', HOST),
  }),
  ...rows('several Hosts', { 'two equal Hosts': get('/', HOST), 'two Hosts': get('/', 'Host: b.example') }),
  ...rows('no Host', { 'no Host': 'GET / HTTP/1.1\r\nX: a\r\n\r\n' }),
  ...rows('a Host that is none', {
    'a Host with a path': head('GET / HTTP/1.1', 'Host: a/b'),
    'an empty Host': head('GET / HTTP/1.1', 'Host:'),
    'a Host with a user': head('GET / HTTP/1.1', 'Host: a@b'),
    'a port beyond all': head('GET / HTTP/1.1', 'Host: a:65536'),
  }),
  ...rows('two different hosts', { 'a Host beside another one': head('GET http://b.example/ HTTP/1.1', HOST) }),
  ...rows('characters in a target', {
    'a fragment': get('/#x'),
    'half a triplet': get('/%4'),
    'no triplet': get('/%zz'),
    'an encoded NUL': get('/%00'),
    'a brace in a path': get('/{x}'),
    'an angle bracket': get('/?a=<b>'),
  }),
  ...rows('targets of no form', { 'an asterisk for GET': get('*'), 'another scheme': get('ftp://a.example/') }),
  ...rows('absolute targets without a valid host', { 'a user in a target': get('http://user@a.example/') }),
  ...rows('https in the clear', { 'an https target': get('https://a.example/') }),
  ...rows('codings other than chunked', {
    'another coding first': post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
    'another coding': post('Transfer-Encoding: gzip', '0\r\n\r\n'),
    'an empty coding first': post('Transfer-Encoding: , chunked', '0\r\n\r\n'),
  }),
  ...rows('Transfer-Encoding in HTTP/1.0', {
    'a coding in HTTP/1.0': head('POST / HTTP/1.0', HOST, 'Transfer-Encoding: chunked'),
  }),
  ...rows('lengths beyond counting', { 'a length of 2^53': post('Content-Length: 9007199254740992', '') }),
  ...rows('chunk sizes beyond counting', {
    'a chunk size of 64 bits': chunked('ffffffffffffffff\r\n'),
    'a chunk size of 2^53': chunked('20000000000000\r\n'),
    'a chunk size of 17 digits': chunked('00000000000000001\r\na\r\n0\r\n\r\n'),
  }),
  ...rows('extensions without a value', { 'an extension without a value': chunked('1;a=\r\na\r\n0\r\n\r\n') }),
  ...rows('space in chunk extensions', {
    'space before an extension': chunked('1 ;a\r\na\r\n0\r\n\r\n'),
    'space after the semicolon': chunked('1; a\r\na\r\n0\r\n\r\n'),
    'space around the equals sign': chunked('1;a = b\r\na\r\n0\r\n\r\n'),
  }),
  ...rows('lengths and codings in trailers', { 'a length in the trailers': chunked('0\r\nContent-Length: 5\r\n\r\n') }),
  ...rows('other major versions', {
    'HTTP/2.0': head('GET / HTTP/2.0', HOST),
    'HTTP/0.9': head('GET / HTTP/0.9', HOST),
    'no version': head('GET /', HOST),
  }),
  ...rows('empty lines before a request', {
    'a bare LF before a request': `\n${get('/')}`,
    'five empty lines': `${'\r\n'.repeat(5)}${get('/')}`,
  }),
  ...rows('methods that node does not know', {
    'a new method': head('FOO / HTTP/1.1', HOST),
    'a method in small letters': head('get / HTTP/1.1', HOST),
  }),
  ...rows('spaces in a request line', {
    'two spaces before the target': head('GET  / HTTP/1.1', HOST),
    'two spaces before the version': head('GET /  HTTP/1.1', HOST),
  }),
  ...rows('higher minor versions', { 'HTTP/1.2': head('GET / HTTP/1.2', HOST) }),
  ...rows('several expectations', { 'two expectations': post('Content-Length: 1', 'a', 'Expect: 100-continue, x') }),
  {
    name: 'a request after an offer',
    bytes: get('/', 'Connection: upgrade', 'Upgrade: websocket') + NEXT,
    differs: 'what follows an offer to upgrade',
    unsplit: true,
  },
  ...rows('close beside keep-alive in HTTP/1.0', {
    'an old client that cannot decide': `GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n${NEXT}`,
  }),
  ...rows('Proxy-Connection', { 'a field of old proxies': `GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n${NEXT}` }),
  ...rows('heads that never end', {
    'a wrong byte in half a head': `GET /\x7f HTTP/1.1\r\n${HOST}\r\nX: a`,
  }),
  ...rows('fields that could pass for another', { 'a length with an underscore': get('/', 'Content_Length: 3') + NEXT }),
];
