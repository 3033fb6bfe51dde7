import { type Case, chunked, passes, refused, type Topic } from './case.ts';

const good = (name: string, body: string, seen: string, rfc = '9112 §7.1'): Case =>
  passes(name, rfc, chunked(body), { body: seen });
const bad = (name: string, body: string, rfc = '9112 §7.1', status: number | readonly number[] = 400): Case =>
  refused(name, rfc, chunked(body), status, { whole: [] });
const size = (name: string, line: string): Case => bad(name, `${line}\r\nhello\r\n0\r\n\r\n`);
const trailers = (...fields: readonly string[]): string =>
  `5\r\nhello\r\n0\r\n${fields.map((each) => `${each}\r\n`).join('')}\r\n`;

export const chunkedBodies: Topic = {
  topic: 'chunked bodies',
  bytewise: true,
  cases: [
    good('one chunk is a body', '5\r\nhello\r\n0\r\n\r\n', 'hello'),
    good('several chunks are one body', '2\r\nhe\r\n1\r\nl\r\n2\r\nlo\r\n0\r\n\r\n', 'hello'),
    good('no chunk but the last is an empty body', '0\r\n\r\n', ''),
    good('a size may be written in lower-case digits', `a\r\n${'x'.repeat(10)}\r\n0\r\n\r\n`, 'x'.repeat(10)),
    good('a size may be written in upper-case digits', `1A\r\n${'x'.repeat(26)}\r\n0\r\n\r\n`, 'x'.repeat(26)),
    good('a size may have leading zeros', '0005\r\nhello\r\n0\r\n\r\n', 'hello'),
    good('the last chunk may be written with several zeros', '5\r\nhello\r\n000\r\n\r\n', 'hello'),
    good('data may hold CRLF and look like chunks', '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n\r\n'),
    good('a chunk of seventy thousand bytes is forwarded', `11170\r\n${'y'.repeat(70_000)}\r\n0\r\n\r\n`, 'y'.repeat(70_000)),
    good('a thousand chunks of one byte are one body', `${'1\r\nz\r\n'.repeat(1000)}0\r\n\r\n`, 'z'.repeat(1000)),
    good('an extension is passed over', '5;name\r\nhello\r\n0\r\n\r\n', 'hello', '9112 §7.1.1'),
    good('an extension with a value is passed over', '5;name=value\r\nhello\r\n0\r\n\r\n', 'hello', '9112 §7.1.1'),
    good('an extension with a quoted value is passed over', '5;name="a; b=c"\r\nhello\r\n0\r\n\r\n', 'hello', '9112 §7.1.1'),
    good('an extension with a quoted pair is passed over', '5;name="a\\"b"\r\nhello\r\n0\r\n\r\n', 'hello', '9112 §7.1.1'),
    good('several extensions are passed over', '5;a;b=1;c="2"\r\nhello\r\n0;d\r\n\r\n', 'hello', '9112 §7.1.1'),
    passes(
      'chunks may come one by one',
      '9112 §7.1',
      [chunked('5\r\nhel'), { pause: 25 }, 'lo\r', { pause: 25 }, '\n0\r\n', { pause: 25 }, '\r\n'],
      {
        body: 'hello',
      },
    ),
    passes('a size may be cut in two', '9112 §7.1', [chunked('1'), { pause: 25 }, `0\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`], {
      body: 'x'.repeat(16),
    }),
    ...['5 ;a=b', '5; a=b', '5;a =b', '5;a= b'].map((line) => ({
      name: `bad whitespace as in "${line}" is removed or refused, but never data`,
      rfc: '9112 §7.1.1',
      send: [chunked(`${line}\r\nhello\r\n0\r\n\r\n`)],
      expect: { status: [200, 400], closed: 'either', originSaw: 'any' } as const,
    })),
    bad('a size of sixteen f is refused', 'ffffffffffffffff\r\nhello'),
    bad('a size of sixteen F is refused', 'FFFFFFFFFFFFFFFF\r\nhello'),
    bad('a size one below sixteen f is refused', 'fffffffffffffffe\r\nhello'),
    bad('a size of seventeen digits is refused', '10000000000000000\r\nhello'),
    bad('a size that wraps around 64 bits to five is refused', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
    bad('a size that wraps around 32 bits is not five', '100000005\r\nhello\r\n0\r\n\r\n', '9112 §7.1', 408),
    bad('the lowest size with the 64-bit sign is refused', '8000000000000000\r\nhello'),
    bad('the highest size without the 64-bit sign is refused', '7fffffffffffffff\r\nhello'),
    bad('a size just beyond exact counting is refused', '20000000000001\r\nhello'),
    bad('a size of a thousand digits is refused', `${'f'.repeat(1000)}\r\nhello`),
    bad('a size of ten thousand zeros is refused', `${'0'.repeat(10_000)}5\r\nhello\r\n0\r\n\r\n`),
    size('an empty size is refused', ''),
    size('a letter beyond F is refused', 'g'),
    size('a letter after the digits is refused', '5g'),
    size('a sign before the size is refused', '+5'),
    size('a minus before the size is refused', '-5'),
    size('a hexadecimal prefix is refused', '0x5'),
    size('a space before the size is refused', ' 5'),
    size('a space after the size is refused', '5 '),
    size('a tab after the size is refused', '5\t'),
    size('a comma after the size is refused', '5,5'),
    size('a dot in the size is refused', '5.0'),
    size('an underscore in the size is refused', '0_5'),
    size('a NUL after the size is refused', '5\0'),
    size('an extension without a name is refused', '5;'),
    size('an extension that is only a value is refused', '5;=a'),
    size('an extension without its value is refused', '5;a='),
    size('an extension whose quotes do not end is refused', '5;a="b'),
    size('text after a quoted value is refused', '5;a="b"c'),
    size('a NUL in an extension is refused', '5;a\0'),
    size('a control character in a quoted value is refused', '5;a="\x01"'),
    size('a bare CR in an extension is refused', '5;a\rb'),
    size('a bare LF in an extension is refused', '5;a\nhello'),
    size('a bare LF in a quoted value is refused', '5;a="\n"'),
    size('a separator in the name of an extension is refused', '5;a@b'),
    bad('extensions without end are refused', `5;a="${'b'.repeat(40_000)}`, '9112 §7.1.1', [400, 413, 431]),
    bad('a size line that ends in a bare LF is refused', '5\nhello\r\n0\r\n\r\n'),
    bad('a size line that ends in a bare CR is refused', '5\rhello\r\n0\r\n\r\n'),
    bad('a size line with two CRs is refused', '5\r\r\nhello\r\n0\r\n\r\n'),
    bad('data that ends in a bare LF is refused', '5\r\nhello\n0\r\n\r\n'),
    bad('data that ends in a bare CR is refused', '5\r\nhello\r0\r\n\r\n'),
    bad('data without its CRLF is refused', '5\r\nhello0\r\n\r\n'),
    bad('data longer than its size is refused', '5\r\nhello!\r\n0\r\n\r\n'),
    bad('data shorter than its size is refused', '6\r\nhello\r\n0\r\n\r\n'),
    bad('an empty line between chunks is refused', '5\r\nhello\r\n\r\n0\r\n\r\n'),
    bad('a last chunk that ends in a bare LF is refused', '5\r\nhello\r\n0\n\r\n'),
    bad('an empty line of a bare LF after the last chunk is refused', '5\r\nhello\r\n0\r\n\n'),
    bad('an empty line of a CR and something else is refused', '5\r\nhello\r\n0\r\n\rX\n'),
  ],
};

const TRAILER_RFC = '9112 §7.1.2';
const sent = (name: string, fields: readonly string[], kept: Record<string, string | null>, rfc = TRAILER_RFC): Case =>
  passes(name, rfc, chunked(trailers(...fields)), { body: 'hello', trailers: kept });
const badTrailer = (name: string, text: string, status: number | readonly number[] = 400): Case =>
  bad(name, `5\r\nhello\r\n0\r\n${text}`, TRAILER_RFC, status);

export const requestTrailers: Topic = {
  topic: 'trailers of requests',
  bytewise: true,
  cases: [
    sent('a trailer field is passed on', ['X-Check: abc'], { 'x-check': 'abc' }),
    sent('several trailer fields are passed on', ['X-A: 1', 'X-B: 2'], { 'x-a': '1', 'x-b': '2' }),
    sent('a trailer value may hold bytes beyond ASCII', ['X-A: \xe9'], { 'x-a': '\xe9' }),
    sent(
      'Content-Length in the trailers is dropped',
      ['Content-Length: 5', 'X-A: 1'],
      { 'content-length': null, 'x-a': '1' },
      '9110 §6.5.1',
    ),
    sent(
      'Transfer-Encoding in the trailers is dropped',
      ['Transfer-Encoding: chunked'],
      { 'transfer-encoding': null },
      '9110 §6.5.1',
    ),
    sent('Host in the trailers is dropped', ['Host: b.example', 'X-A: 1'], { host: null, 'x-a': '1' }, '9110 §6.5.1'),
    sent('Connection in the trailers is dropped', ['Connection: close'], { connection: null }, '9110 §6.5.1'),
    sent('Upgrade and TE in the trailers are dropped', ['Upgrade: h2c', 'TE: gzip'], { upgrade: null, te: null }, '9110 §6.5.1'),
    sent('Expect in the trailers is dropped', ['Expect: 100-continue'], { expect: null }, '9110 §6.5.1'),
    sent('Trailer in the trailers is dropped', ['Trailer: X-A'], { trailer: null }, '9110 §6.5.1'),
    badTrailer('a trailer without colon is refused', 'X-Check\r\n\r\n'),
    badTrailer('a trailer with a space before its colon is refused', 'X-Check : 1\r\n\r\n'),
    badTrailer('a trailer with an empty name is refused', ': 1\r\n\r\n'),
    badTrailer('a trailer with a separator in its name is refused', 'X/Check: 1\r\n\r\n'),
    badTrailer('a folded trailer is refused', 'X-Check: 1\r\n 2\r\n\r\n'),
    badTrailer('an indented first trailer is refused', ' X-Check: 1\r\n\r\n'),
    badTrailer('a trailer that ends in a bare LF is refused', 'X-Check: 1\n\r\n'),
    badTrailer('a bare CR in a trailer is refused', 'X-Check: 1\r2\r\n\r\n'),
    badTrailer('a NUL in a trailer is refused', 'X-Check: \0\r\n\r\n'),
    badTrailer('a NUL in a trailer that is dropped is refused', 'Host: \0\r\n\r\n'),
    badTrailer('trailers beyond the limit of a head are refused', `X-Check: ${'a'.repeat(40_000)}\r\n\r\n`, [400, 413, 431]),
    badTrailer('a thousand trailers are refused', `${'X: 1\r\n'.repeat(1000)}\r\n`, [400, 413, 431]),
    badTrailer('trailers without end are cut off', 'X-Check: 1\r\n'.repeat(5000), [400, 413, 431]),
  ],
};
