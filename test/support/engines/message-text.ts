import fc from 'fast-check';

/** Mostly the usual, now and then one of the others. */
export function mostly<T>(usual: fc.Arbitrary<T>, others: fc.Arbitrary<T>, weight = 12): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: others });
}

/** A place in something, from its start to just before its end: each as likely, which `fc.double` would not make them. */
export const fraction: fc.Arbitrary<number> = fc.nat(99_999).map((parts) => parts / 100_000);

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.!~*'), minLength: 1, maxLength: 8 });
const latin1 = fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)), maxLength: 12 });
const valueText = fc.string({ unit: fc.constantFrom(...'ab 019,;="/\\\t\x80\xff'), maxLength: 16 });

const FIELDS = [
  ...['Accept: */*', 'Cookie: a=b; c=d', 'X-Empty:', 'X-Tab:\ta\t', 'Cache-Control: no-cache', 'Vary: a', 'Vary: b'],
  ...['Connection: keep-alive', 'Connection: close', 'Connection: x-hop', 'X-Hop: 1', 'connection: Keep-Alive, X-Empty'],
  ...['Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive', 'TE: trailers', 'Trailer: x-t', 'Via: 1.0 a', 'Date: now'],
  ...['Upgrade: websocket', 'Connection: upgrade', 'Expect: 100-continue', 'Max-Forwards: 3', 'X-Request-ID: abc'],
];
const ODD_FIELDS = [
  ...['X Y: 1', ': none', 'X-Y : 1', ' X: folded', '\tX: folded', 'X', 'X(: 1', 'X\x80: 1', 'X: a\rb', 'X: a\0b', 'X: \x7f'],
  ...['Host: b.example', 'Host:', 'Host: a b', 'Content-Length: 3', 'Content-Length: 0', 'Transfer-Encoding: chunked'],
  ...['Expect: other', 'Expect: 100-continue, other', 'Connection: close, close', 'Connection: ,', 'Connection: content-length'],
];

/** Field lines without their CRLF: known ones, unknown ones, and now and then one that is none. */
export const fieldLines: fc.Arbitrary<string[]> = fc.array(
  mostly(
    fc.oneof(
      fc.constantFrom(...FIELDS),
      fc.tuple(token, valueText).map(([name, value]) => `X${name}: ${value}`),
    ),
    fc.oneof(
      fc.constantFrom(...ODD_FIELDS),
      fc.tuple(token, latin1).map(([name, value]) => `${name}: ${value}`),
    ),
    30,
  ),
  { maxLength: 6 },
);

/** What a body frames itself with: lines of the head, and the bytes after it. */
export interface Framed {
  readonly lines: readonly string[];
  readonly bytes: string;
}

const bodyText = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom(...'body\r\n0 :G'), maxLength: 24 }) },
  { weight: 1, arbitrary: fc.nat(3000).map((size) => 'large'.repeat(size)) },
);

const lengthFramed: fc.Arbitrary<Framed> = fc
  .tuple(
    bodyText,
    mostly(
      fc.constant((length: number) => [`Content-Length: ${length}`]),
      fc.constantFrom(
        (length: number) => [`Content-Length: ${length + 1}`],
        (length: number) => [`Content-Length: ${Math.max(0, length - 1)}`],
        (length: number) => [`content-length:00${length}`],
        (length: number) => [`Content-Length: +${length}`],
        (length: number) => [`Content-Length: ${length}, ${length}`],
        (length: number) => [`Content-Length: ${length}`, `Content-Length: ${length}`],
        (length: number) => [`Content-Length: ${length}`, 'Transfer-Encoding: chunked'],
        (length: number) => [`Content-Length:\t${length} \t`],
        () => ['Content-Length:'],
        () => ['Content-Length: 9007199254740993'],
        () => ['Content-Length: 18446744073709551617'],
        () => ['Content-Length: -1'],
        () => ['Content-Length: 0x2'],
      ),
    ),
  )
  .map(([bytes, lines]) => ({ lines: lines(bytes.length), bytes }));

const CODINGS = [
  ...['chunked ', 'Chunked', 'gzip, chunked', 'chunked, chunked', 'identity', 'chunked;q=1', 'gzip', '', '"chunked"', 'chunked,'],
  ...[', chunked', '\x0bchunked', 'chunked\r\nTransfer-Encoding: chunked', 'gzip\r\nTransfer-Encoding: chunked', 'xchunked'],
];
const EXTENSIONS = [';a', ';a=b', ';a="q\\"x;y"', ' ;a', '; a', ';a = b', ';a=', ';', ';a\n', ' ', '\t;b', ';a="\x01"', ';a="'];
const chunk = fc
  .record({
    data: bodyText.filter((text) => text.length > 0),
    write: mostly(
      fc.constant((size: number) => size.toString(16)),
      fc.constantFrom(
        (size: number) => size.toString(16).toUpperCase(),
        (size: number) => `000${size.toString(16)}`,
        (size: number) => `0x${size.toString(16)}`,
        (size: number) => (size + 1).toString(16),
        (size: number) => (size - 1).toString(16),
        (size: number) => `${size.toString(16)}g`,
        (size: number) => size.toString(16).padStart(17, '0'),
        () => 'ffffffffffffffff',
        () => '20000000000000',
        () => '-1',
        () => '',
      ),
      20,
    ),
    extension: mostly(fc.constant(''), fc.constantFrom(...EXTENSIONS), 8),
    end: mostly(fc.constant('\r\n'), fc.constantFrom('\n', '\r', '', '\r\n\r\n', 'x\r\n'), 40),
  })
  .map(({ data, write, extension, end }) => `${write(data.length)}${extension}\r\n${data}${end}`);

const TRAILERS = [
  'X-T: 1',
  'x-t: two',
  'Content-Length: 5',
  'Host: evil',
  'Set-Cookie: a=b',
  'X-T:',
  'X-U: \x80',
  'X Y: 1',
  ' fold',
];

const chunkedFramed: fc.Arbitrary<Framed> = fc
  .record({
    coding: mostly(fc.constant('chunked'), fc.constantFrom(...CODINGS)),
    chunks: fc.array(chunk, { maxLength: 4 }),
    last: mostly(fc.constant('0\r\n'), fc.constantFrom('00\r\n', '0;a=b\r\n', '0\n', '', '0 \r\n', '0;a\n'), 30),
    trailers: mostly(fc.constant<string[]>([]), fc.array(fc.constantFrom(...TRAILERS), { maxLength: 3 }), 3),
  })
  .map(({ coding, chunks, last, trailers }) => ({
    lines: [`Transfer-Encoding: ${coding}`],
    bytes: `${chunks.join('')}${last}${trailers.map((line) => `${line}\r\n`).join('')}\r\n`,
  }));

export const framed: fc.Arbitrary<Framed> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ lines: [], bytes: '' }) },
  { weight: 2, arbitrary: lengthFramed },
  { weight: 3, arbitrary: chunkedFramed },
);

const SNIPPETS = [
  ...[
    '\r',
    '\n',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '\r\n',
    '\r\n\r\n',
    '\x80',
    '\xff',
    '%',
    '%00',
    '#',
    '?',
    '*',
    '"',
    '0',
    '5',
    '\x7f',
    '\x0b',
  ],
  ...[
    'HTTP/1.1',
    'HTTP/1.0',
    'GET / HTTP/1.1\r\n',
    'Host: b\r\n',
    'Content-Length: 3\r\n',
    'Transfer-Encoding: chunked\r\n',
    ' folded\r\n',
  ],
  ...['Transfer-Encoding: x\r\n', 'Connection: close\r\n', 'Expect: 100-continue\r\n', '0\r\n\r\n', '3\r\nabc\r\n'],
];

interface Mutation {
  readonly place: number;
  readonly change: (text: string, at: number) => string;
}

function atLine(text: string, at: number, change: (line: string) => string): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const next = text.indexOf('\n', at);
  const end = next < 0 ? text.length : next + 1;
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fraction,
  change: fc.oneof(
    fc.nat(255).map((byte) => (text: string, at: number) => text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1)),
    fc
      .nat(7)
      .map(
        (bit) => (text: string, at: number) =>
          text.slice(0, at) + String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << bit)) + text.slice(at + 1),
      ),
    fc.constantFrom(...SNIPPETS).map((snippet) => (text: string, at: number) => text.slice(0, at) + snippet + text.slice(at)),
    fc.constantFrom(...SNIPPETS).map((snippet) => (text: string, at: number) => atLine(text, at, (line) => snippet + line)),
    fc.nat(4).map((count) => (text: string, at: number) => text.slice(0, at) + text.slice(at + count + 1)),
    fc.constant((text: string, at: number) => atLine(text, at, (line) => line + line)),
    fc.constant((text: string, at: number) => atLine(text, at, () => '')),
    fc.constant((text: string, at: number) => atLine(text, at, (line) => line.toUpperCase())),
  ),
});

/** The text as it is, or with up to three changes at random places. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const changes = fc.oneof(fc.constant<Mutation[]>([]), fc.array(mutation, { minLength: 1, maxLength: 3 }));
  return fc
    .tuple(text, changes)
    .map(([whole, list]) => list.reduce((each, { place, change }) => change(each, Math.floor(place * each.length)), whole));
}

/** Where to cut: nowhere, at a few places, or nearly everywhere. */
export const places: fc.Arbitrary<number[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fraction, { maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc.array(fraction, { minLength: 20, maxLength: 60 }),
  },
);
