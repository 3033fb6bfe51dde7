import fc from 'fast-check';
import { fieldLines, framed, mostly, mutated } from './message-text.ts';

const METHODS = ['GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'];
const TARGETS = [
  '/',
  '/a/b?c=d',
  '/%41?x',
  '/~a;b=c,d',
  '/?',
  '//x',
  '/a?b?c=/d',
  'http://a.example/x',
  'HTTP://a.example:80?y',
  '/[x]',
];
const ODD_TARGETS = [
  ...[
    '*',
    'x',
    'a.example:80',
    'http://b.example/',
    'http:///x',
    'ftp://a/',
    '/#x',
    '/a<b',
    '/"',
    '/{x}',
    '/\x80',
    '/%',
    '/%4',
    '/%zz',
  ],
  ...[
    '/%00',
    '/a b',
    '/\x7f',
    '',
    'https://a.example/',
    'http://a.example:99999/',
    'http://user@a.example/',
    '/`|^\\',
    '?x',
    '/?a=`|^{}\\',
  ],
];
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/1.9',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/11',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/1',
  'HTPP/1.1',
  'HTTP/1.10',
];
const HOSTS = [
  'Host: b.example',
  'Host: a.example:80',
  'Host:',
  '',
  'Host: a.example\r\nHost: a.example',
  'Host: a/b',
  'Host: [::1]:8',
  'Host: a,b',
];

const request: fc.Arbitrary<string> = fc
  .record({
    lead: mostly(fc.constant(''), fc.constantFrom('\r\n', '\r\n\r\n', '\n', ' ', '\r\n\r\n\r\n\r\n\r\n'), 30),
    method: mostly(
      fc.constantFrom(...METHODS),
      fc.constantFrom('FOO', 'get', 'M-SEARCH', 'CONNECT', 'PRI', 'G@T', 'QUERY', 'A'.repeat(40)),
      20,
    ),
    target: mostly(fc.constantFrom(...TARGETS), fc.constantFrom(...ODD_TARGETS)),
    version: mostly(fc.constant('HTTP/1.1'), fc.constantFrom(...VERSIONS)),
    host: mostly(fc.constant('Host: a.example'), fc.constantFrom(...HOSTS)),
    fields: fieldLines,
    body: framed,
    swap: fc.boolean(),
  })
  .map(({ lead, method, target, version, host, fields, body, swap }) => {
    const lines = swap ? [...body.lines, ...fields, host] : [host, ...fields, ...body.lines];
    const block = lines.filter((line) => line !== '').map((line) => `${line}\r\n`);
    return `${lead}${method} ${target} ${version}\r\n${block.join('')}\r\n${body.bytes}`;
  });

/** Requests one after the other, as they are or with changes that may make them something else. */
export const requestText: fc.Arbitrary<string> = mutated(
  fc.array(request, { minLength: 1, maxLength: 4 }).map((requests) => requests.join('')),
);
