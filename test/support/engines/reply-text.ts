import fc from 'fast-check';
import { fieldLines, framed, mostly, mutated } from './message-text.ts';

const STATUSES = ['200 OK', '200', '201 Created', '404 Not Found', '500 ', '301 x', '206 Partial Content', '599 \x80\xff'];
const BODILESS = ['204 No Content', '304 Not Modified', '205 Reset Content'];
const ODD_STATUSES = [
  '600 X',
  '999 X',
  '099 X',
  '20 X',
  '2000 X',
  '2x0 X',
  'OK',
  '200OK',
  '-200 OK',
  '200\tOK',
  '200 a\0b',
  '200 a\rb',
  '200  ',
];
const INTERIM = ['100 Continue', '102 Processing', '103 Early Hints', '199 x'];
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTPP/1.1',
  'ICY',
  'HTTP/1.1 ',
  'HTTP/11',
  ' HTTP/1.1',
  '\r\nHTTP/1.1',
];

const interim: fc.Arbitrary<string> = fc
  .record({
    version: mostly(fc.constant('HTTP/1.1'), fc.constantFrom('HTTP/1.0', 'HTTP/2.0'), 20),
    status: mostly(fc.constantFrom(...INTERIM), fc.constant('101 Switching Protocols'), 12),
    fields: mostly(fc.constantFrom<string[]>([], ['Link: </a>'], ['Link: </a>', 'X-A: b']), fieldLines, 6),
    body: mostly(fc.constant({ lines: [], bytes: '' }), framed, 20),
  })
  .map(
    ({ version, status, fields, body }) =>
      `${version} ${status}\r\n${[...fields, ...body.lines].map((line) => `${line}\r\n`).join('')}\r\n${body.bytes}`,
  );

const final: fc.Arbitrary<string> = fc
  .record({
    version: mostly(fc.constant('HTTP/1.1'), fc.constantFrom(...VERSIONS)),
    status: mostly(
      fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...STATUSES) }, { weight: 1, arbitrary: fc.constantFrom(...BODILESS) }),
      fc.constantFrom(...ODD_STATUSES),
      20,
    ),
    fields: fieldLines,
    body: framed,
    swap: fc.boolean(),
    after: mostly(
      fc.constant(''),
      fc.constantFrom('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'x', '\r\n', 'until the end'),
      10,
    ),
  })
  .map(({ version, status, fields, body, swap, after }) => {
    const lines = swap ? [...body.lines, ...fields] : [...fields, ...body.lines];
    return `${version} ${status}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body.bytes}${after}`;
  });

/** What an upstream answers: interim replies, a final one, and what does not belong there. */
export const replyText: fc.Arbitrary<string> = mutated(
  fc
    .tuple(mostly(fc.constant<string[]>([]), fc.array(interim, { minLength: 1, maxLength: 3 }), 4), final)
    .map(([first, last]) => first.join('') + last),
);
