import { type Case, get, lines, type Topic } from './case.ts';

const ask = (method: string, target: string, ...fields: readonly string[]): string =>
  lines(`${method} ${target} HTTP/1.1`, 'Host: a.example', ...fields);
const own = (
  name: string,
  text: string,
  status: number | readonly number[],
  fields: Record<string, RegExp | null> = {},
): Case => ({
  name,
  rfc: '9110 §7.6.2',
  send: [text],
  expect: { status, fields, closed: false, originSaw: 0 },
});
const counted = (name: string, text: string, left: string | null): Case => ({
  name,
  rfc: '9110 §7.6.2',
  send: [text],
  expect: { status: 200, body: 'ok', closed: false, originSaw: [{ fields: { 'max-forwards': left } }] },
});

export const maxForwards: Topic = {
  topic: 'Max-Forwards and OPTIONS *',
  bytewise: true,
  cases: [
    own('OPTIONS with no forwards left is answered by the gateway', ask('OPTIONS', '/x', 'Max-Forwards: 0'), [200, 204]),
    own('OPTIONS with no forwards left written in two digits too', ask('OPTIONS', '/x', 'Max-Forwards: 00'), [200, 204]),
    {
      name: 'a count that is no number is refused',
      rfc: '9110 §7.6.2',
      send: [ask('OPTIONS', '/x', 'Max-Forwards: many')],
      expect: { status: 400, closed: 'either', originSaw: 0 },
    },
    {
      name: 'a TRACE with a body is refused',
      rfc: '9110 §9.3.8',
      send: [`${ask('TRACE', '/x', 'Content-Length: 2')}hi`],
      expect: { status: 400, closed: 'either', originSaw: 0 },
    },
    own('TRACE with no forwards left is not forwarded', ask('TRACE', '/x', 'Max-Forwards: 0'), [200, 405, 501]),
    counted('OPTIONS is forwarded with one forward less', ask('OPTIONS', '/x', 'Max-Forwards: 5'), '4'),
    counted('the last forward is used', ask('OPTIONS', '/x', 'Max-Forwards: 1'), '0'),
    counted('a digit may be lost on the way', ask('OPTIONS', '/x', 'Max-Forwards: 10'), '9'),
    counted('OPTIONS without a count is forwarded without one', ask('OPTIONS', '/x'), null),
    counted('GET is not counted', ask('GET', '/x', 'Max-Forwards: 0'), '0'),
    counted('a method nobody knows is not counted', ask('FROB', '/x', 'Max-Forwards: 0'), '0'),
    {
      name: 'TRACE is forwarded with one forward less, if at all',
      rfc: '9110 §7.6.2',
      send: [ask('TRACE', '/x', 'Max-Forwards: 2')],
      expect: { status: 200, body: 'ok', closed: false, originSaw: [{ method: 'TRACE', fields: { 'max-forwards': '1' } }] },
    },
    {
      name: 'OPTIONS * asks about the gateway itself',
      rfc: '9110 §9.3.7',
      send: [ask('OPTIONS', '*')],
      expect: { status: [200, 204], closed: false, originSaw: 0 },
    },
    {
      name: 'OPTIONS * with no forwards left is answered by the gateway',
      rfc: '9110 §7.6.2',
      send: [ask('OPTIONS', '*', 'Max-Forwards: 0')],
      expect: { status: [200, 204], closed: false, originSaw: 0 },
    },
    {
      name: 'an absolute target without a path means the asterisk for OPTIONS',
      rfc: '9112 §3.2.4',
      send: [ask('OPTIONS', 'http://a.example')],
      expect: { status: [200, 204], closed: false, originSaw: 0 },
    },
    {
      name: 'OPTIONS * with a body is answered and the body is not a request',
      rfc: '9110 §9.3.7',
      send: [ask('OPTIONS', '*', `Content-Length: ${get('/evil').length}`) + get('/evil')],
      expect: { status: [200, 204], closed: 'either', originSaw: 0 },
    },
    {
      name: 'OPTIONS * without Host is refused all the same',
      rfc: '9112 §3.2',
      send: ['OPTIONS * HTTP/1.1\r\n\r\n'],
      expect: { status: 400, closed: true, originSaw: 0 },
    },
    {
      name: 'TRACE with no forwards left does not echo secrets',
      rfc: '9110 §9.3.8',
      send: [ask('TRACE', '/x', 'Max-Forwards: 0', 'Authorization: Basic c2VjcmV0', 'Cookie: secret=1')],
      expect: { status: [200, 405, 501], body: /^(?!.*(?:c2VjcmV0|secret=1))/s, closed: false, originSaw: 0 },
    },
  ],
};
