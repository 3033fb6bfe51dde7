import { type Case, get, passes, refused, type Topic } from './case.ts';

const raw = (fields: string): string => `GET / HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n\r\n`;
const good = (name: string, rfc: string, field: string, fields: Record<string, string | null>): Case =>
  passes(name, rfc, raw(field), { fields });
const bad = (name: string, rfc: string, fields: string): Case => refused(name, rfc, raw(fields));

const SEPARATORS = ['(', ')', ',', '/', ';', '<', '=', '>', '?', '@', '[', '\\', ']', '{', '}', '"'] as const;
const CONTROLS = [0x01, 0x08, 0x0b, 0x0c, 0x1b, 0x1f, 0x7f] as const;

export const fields: Topic = {
  topic: 'field lines',
  bytewise: true,
  cases: [
    good('a field needs no space after its colon', '9112 §5.1', 'X-A:1', { 'x-a': '1' }),
    good('spaces and tabs around a value are not part of it', '9112 §5.1', 'X-A: \t 1 \t ', { 'x-a': '1' }),
    good('a value may be empty', '9110 §5.5', 'X-A:', { 'x-a': '' }),
    good('a value of spaces is an empty one', '9110 §5.5', 'X-A:    ', { 'x-a': '' }),
    good('spaces within a value are kept', '9110 §5.5', 'X-A: a  b\tc', { 'x-a': 'a  b\tc' }),
    good('a value may hold colons and quotes', '9110 §5.5', 'X-A: "a:b": c', { 'x-a': '"a:b": c' }),
    good('a value may hold bytes beyond ASCII', '9110 §5.5', 'X-A: caf\xe9 \x80\xff', { 'x-a': 'caf\xe9 \x80\xff' }),
    good('a name may hold every token character', '9110 §5.1', "!#$%&'*+-.^_`|~09Az: 1", { "!#$%&'*+-.^_`|~09Az": '1' }),
    good('a name may be one character', '9110 §5.1', 'x: 1', { x: '1' }),
    passes('fields of one name keep their order', '9110 §5.3', raw('X-A: 1\r\nX-B: 2\r\nx-a: 3'), {
      fields: { 'x-a': ['1', '3'] },
    }),
    passes(
      'a hundred fields are not too many',
      '9110 §5.4',
      raw(Array.from({ length: 99 }, (_, at) => `X-${at}: ${at}`).join('\r\n')),
      {
        fields: { 'x-98': '98' },
      },
    ),
    passes('a field of ten thousand bytes is not too long', '9110 §5.4', raw(`X-A: ${'a'.repeat(10_000)}`), {
      fields: { 'x-a': 'a'.repeat(10_000) },
    }),
    bad('a space before the colon is refused', '9112 §5.1', 'X-A : 1'),
    bad('a tab before the colon is refused', '9112 §5.1', 'X-A\t: 1'),
    bad('a space before the colon of the first field is refused', '9112 §5.1', 'Accept : */*\r\nX-A: 1'),
    bad('a line without colon is refused', '9112 §5', 'X-A'),
    bad('a line without colon between others is refused', '9112 §5', 'X-A: 1\r\nhello\r\nX-B: 2'),
    bad('an empty name is refused', '9110 §5.1', ': 1'),
    bad('a name of one space is refused', '9112 §2.2', ' : 1'),
    bad('a space within a name is refused', '9110 §5.1', 'X A: 1'),
    bad('a line folded with a space is refused', '9112 §5.2', 'X-A: 1\r\n 2'),
    bad('a line folded with a tab is refused', '9112 §5.2', 'X-A: 1\r\n\t2'),
    bad('a folded line that looks like a field is refused', '9112 §5.2', 'X-A: 1\r\n X-B: 2'),
    bad('a folded line of spaces is refused', '9112 §5.2', 'X-A: 1\r\n   \r\nX-B: 2'),
    refused(
      'an indented line after the request line is refused',
      '9112 §2.2',
      'GET / HTTP/1.1\r\n X-A: 1\r\nHost: a.example\r\n\r\n',
    ),
    refused('a tab-indented Host after the request line is refused', '9112 §2.2', 'GET / HTTP/1.1\r\n\tHost: a.example\r\n\r\n'),
    bad('a bare LF after a field is refused', '9112 §2.2', 'X-A: 1\nX-B: 2'),
    bad('a bare LF within a value is refused', '9110 §5.5', 'X-A: 1\n2'),
    bad('a bare CR within a value is refused', '9112 §2.2', 'X-A: 1\r2'),
    bad('a bare CR before the CRLF is refused', '9112 §2.2', 'X-A: 1\r'),
    bad('a bare CR within a name is refused', '9112 §2.2', 'X\r-A: 1'),
    bad('a NUL in a value is refused', '9110 §5.5', 'X-A: a\0b'),
    bad('a NUL at the end of a value is refused', '9110 §5.5', 'X-A: a\0'),
    bad('a NUL in a name is refused', '9110 §5.1', 'X\0A: 1'),
    bad('a byte beyond ASCII in a name is refused', '9110 §5.1', 'X-\xe9: 1'),
    bad('a NUL in a field that is not forwarded is refused', '9110 §5.5', 'Keep-Alive: a\0b'),
    ...SEPARATORS.map((each) => bad(`a name with ${each} is refused`, '9110 §5.6.2', `X${each}A: 1`)),
    ...CONTROLS.map((each) =>
      bad(`the control character ${each} in a value is refused`, '9110 §5.5', `X-A: a${String.fromCharCode(each)}b`),
    ),
    refused('a head that ends in bare LFs is refused', '9112 §2.2', 'GET / HTTP/1.1\nHost: a.example\n\n'),
    refused(
      'a head whose last line ends in a bare LF is refused',
      '9112 §2.2',
      'GET / HTTP/1.1\r\nHost: a.example\r\nX-A: 1\n\r\n',
    ),
    refused('a head whose empty line is a bare LF is refused', '9112 §2.2', 'GET / HTTP/1.1\r\nHost: a.example\r\n\n'),
    refused(
      'a head whose empty line is a CR and something else is refused',
      '9112 §2.2',
      'GET / HTTP/1.1\r\nHost: a.example\r\n\rX\r\n\r\n',
    ),
    refused('a thousand fields are too many', '6585 §5', raw(Array.from({ length: 1000 }, () => 'X: 1').join('\r\n')), 431),
    refused('one field beyond the limit is too much', '6585 §5', raw(`X-A: ${'a'.repeat(20_000)}`), 431),
    refused(
      'many fields beyond the limit are too much',
      '6585 §5',
      raw(Array.from({ length: 60 }, (_, at) => `X-${at}: ${'a'.repeat(400)}`).join('\r\n')),
      431,
    ),
    refused('a field without end is cut off', '6585 §5', `GET / HTTP/1.1\r\nHost: a.example\r\nX-A: ${'a'.repeat(40_000)}`, 431),
    refused(
      'a field name without end is cut off',
      '6585 §5',
      `GET / HTTP/1.1\r\nHost: a.example\r\n${'a'.repeat(40_000)}`,
      [400, 431],
    ),
  ],
};

export const limits: Topic = {
  topic: 'configured limits',
  gateway: { server: { limits: { header_bytes: '1KB', header_count: 10, uri_bytes: '128' } } },
  cases: [
    passes('a target of exactly the limit passes', '9110 §15.5.15', get(`/${'a'.repeat(127)}`), {
      target: `/${'a'.repeat(127)}`,
    }),
    refused('a target one byte beyond the limit is too long', '9110 §15.5.15', get(`/${'a'.repeat(128)}`), 414),
    passes('as many fields as allowed pass', '6585 §5', get('/', ...Array.from({ length: 9 }, (_, at) => `X-${at}: 1`)), {
      fields: { 'x-8': '1' },
    }),
    refused('one field more is too many', '6585 §5', get('/', ...Array.from({ length: 10 }, (_, at) => `X-${at}: 1`)), 431),
    passes('a head below its limit passes', '6585 §5', get('/', `X-A: ${'a'.repeat(900)}`), {
      fields: { 'x-a': 'a'.repeat(900) },
    }),
    refused('a head above its limit is too large', '6585 §5', get('/', `X-A: ${'a'.repeat(1024)}`), 431),
  ],
};
