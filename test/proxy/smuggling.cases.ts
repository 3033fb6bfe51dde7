import { type Case, chunked, get, lines, passes, post, refused, type Topic } from './case.ts';

const EVIL = lines('GET /evil HTTP/1.1', 'Host: a.example');
const HIDDEN_IN_TAIL = `0\r\n\r\n${EVIL}`;
const bad = (name: string, rfc: string, text: string, status: number | readonly number[] = 400): Case =>
  refused(name, rfc, text, status);

/** Heads in which one reader may find `Transfer-Encoding: chunked` and another may not. */
const DISGUISES: readonly (readonly [string, string, (number | readonly number[])?])[] = [
  ['a second coding nobody knows', 'Transfer-Encoding: chunked\r\nTransfer-encoding: cow', [400, 501]],
  ['a first coding nobody knows', 'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked', [400, 501]],
  ['a letter before the coding', 'Transfer-Encoding: xchunked', [400, 501]],
  ['a tab before the coding and one within', 'Transfer-Encoding:\tchun\tked'],
  ['a vertical tab before the coding', 'Transfer-Encoding:\x0bchunked'],
  ['a space before its name', ' Transfer-Encoding: chunked'],
  ['a space before its colon', 'Transfer-Encoding : chunked'],
  ['a LF before its colon', 'Transfer-Encoding\n: chunked'],
  ['a LF before its name', 'X: x\nTransfer-Encoding: chunked'],
  ['a CR before its name', 'X: x\rTransfer-Encoding: chunked'],
  ['a folded line before the coding', 'Transfer-Encoding:\r\n chunked'],
  ['a folded line that holds it', 'X: x\r\n Transfer-Encoding: chunked'],
  ['a NUL in its name', 'Transfer-\0Encoding: chunked'],
  ['quotes around the coding', 'Transfer-Encoding: "chunked"', [400, 501]],
  ['a comma and nothing before the coding', 'Transfer-Encoding: , chunked'],
  ['identity before the coding', 'Transfer-Encoding: identity, chunked', [400, 501]],
  ['a DEL after the coding', 'Transfer-Encoding: chunked\x7f'],
  ['no colon', 'Transfer-Encoding chunked'],
  ['no disguise', 'Transfer-Encoding: chunked'],
  ['only odd case', 'tRaNsFeR-eNcOdInG: cHuNkEd'],
];

export const smuggling: Topic = {
  topic: 'smuggling',
  bytewise: true,
  cases: [
    ...DISGUISES.map(([what, field, status]) =>
      bad(
        `Content-Length beside a Transfer-Encoding with ${what} hides no second request`,
        '9112 §11.2',
        post([`Content-Length: ${HIDDEN_IN_TAIL.length}`, field], HIDDEN_IN_TAIL),
        status,
      ),
    ),
    bad(
      'a length shorter than the chunks hides no second request',
      '9112 §11.2',
      post(['Content-Length: 4', 'Transfer-Encoding: chunked'], `2e\r\n${EVIL}\r\n0\r\n\r\n`),
    ),
    bad(
      'Transfer-Encoding before the shorter length neither',
      '9112 §11.2',
      post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `2e\r\n${EVIL}\r\n0\r\n\r\n`),
    ),
    bad(
      'two lengths that end at different places hide nothing',
      '9112 §6.3',
      post(['Content-Length: 0', `Content-Length: ${EVIL.length}`], EVIL),
    ),
    bad(
      'two lengths in the other order neither',
      '9112 §6.3',
      post([`Content-Length: ${EVIL.length}`, 'Content-Length: 0'], EVIL),
    ),
    bad(
      'HTTP/1.0 with chunked hides nothing',
      '9112 §6.1',
      lines('POST / HTTP/1.0', 'Host: a', 'Connection: keep-alive', 'Transfer-Encoding: chunked') + HIDDEN_IN_TAIL,
    ),
    bad('nothing after a refused head is read as a request', '9112 §9.6', `GET / HTTP/1.1\r\nHost: a b\r\n\r\n${EVIL}`),
    bad('nothing after a refused version is read as a request', '9112 §9.6', `GET / HTTP/2.0\r\nHost: a\r\n\r\n${EVIL}`, 505),
    bad(
      'nothing after a target that is too long is read as a request',
      '9112 §9.6',
      `${get(`/${'a'.repeat(9000)}`)}${EVIL}`,
      414,
    ),
    bad('a header section that is only a folded line hides no Host', '9112 §2.2', `GET / HTTP/1.1\r\n \r\n${EVIL}`),
    passes('a request in a body of its length is a body', '9112 §6.2', post([`Content-Length: ${EVIL.length}`], EVIL), {
      target: '/in',
      body: EVIL,
    }),
    passes(
      'a request in the body of a GET is a body',
      '9110 §9.3.1',
      lines('GET /in HTTP/1.1', 'Host: a', `Content-Length: ${EVIL.length}`) + EVIL,
      {
        target: '/in',
        body: EVIL,
      },
    ),
    {
      name: 'a request in the body of a HEAD is a body',
      rfc: '9110 §9.3.2',
      send: [lines('HEAD /in HTTP/1.1', 'Host: a', `Content-Length: ${EVIL.length}`) + EVIL],
      expect: { status: 200, body: '', closed: false, originSaw: [{ method: 'HEAD', target: '/in', body: EVIL }] },
    },
    passes(
      'a request in the body of an OPTIONS is a body',
      '9110 §9.3.7',
      lines('OPTIONS /in HTTP/1.1', 'Host: a', `Content-Length: ${EVIL.length}`) + EVIL,
      {
        target: '/in',
        body: EVIL,
      },
    ),
    passes('a request in chunk data is data', '9112 §7.1', chunked(`${EVIL.length.toString(16)}\r\n${EVIL}\r\n0\r\n\r\n`), {
      target: '/in',
      body: EVIL,
    }),
    passes(
      'a request in a quoted extension is an extension',
      '9112 §7.1.1',
      chunked('5;a="GET /evil HTTP/1.1"\r\nhello\r\n0\r\n\r\n'),
      { body: 'hello' },
    ),
    refused('a request line in place of a trailer is refused', '9112 §7.1.2', chunked(`0\r\n${EVIL}`), 400, { whole: [] }),
    refused(
      'a request behind a bare LF in an extension is refused',
      '9112 §7.1.1',
      chunked(`5;\nhello\r\n0\r\n\r\n${EVIL}`),
      400,
      { whole: [] },
    ),
    refused('a request behind a size line with a bare LF is refused', '9112 §7.1', chunked(`0\n\n${EVIL}`), 400, { whole: [] }),
    refused('a request behind a negative size is refused', '9112 §7.1', chunked(`-1\r\n${EVIL}`), 400, { whole: [] }),
    refused('a request behind a size that wraps around is refused', '9112 §7.1', chunked(`10000000000000000\r\n${EVIL}`), 400, {
      whole: [],
    }),
    refused(
      'a request behind the two bytes that end no chunk is refused',
      '9112 §7.1',
      chunked(`2\r\nhiXX0\r\n\r\n${EVIL}`),
      400,
      { whole: [] },
    ),
    {
      name: 'bytes after a length of zero are a request of their own',
      rfc: '9112 §9.3.2',
      send: [post(['Content-Length: 0']) + get('/second')],
      expect: {
        replies: [{ status: 200 }, { status: 200 }],
        closed: false,
        originSaw: [{ target: '/in', body: '' }, { target: '/second' }],
      },
    },
    {
      name: 'bytes after the last chunk are a request of their own',
      rfc: '9112 §9.3.2',
      send: [chunked(`0\r\n\r\n${get('/second')}`)],
      expect: {
        replies: [{ status: 200 }, { status: 200 }],
        closed: false,
        originSaw: [{ target: '/in', body: '' }, { target: '/second' }],
      },
    },
    {
      name: 'an empty line after a body is not part of it',
      rfc: '9112 §2.2',
      send: [`${post(['Content-Length: 2'], 'hi')}\r\n${get('/second')}`],
      expect: { replies: [{ status: 200 }, { status: 200 }], closed: false, originSaw: [{ body: 'hi' }, { target: '/second' }] },
    },
    {
      name: 'a body one byte longer than said spoils only what comes after',
      rfc: '9112 §11.2',
      send: [`${post(['Content-Length: 2'], 'hi(')}${get('/second')}`],
      expect: { replies: [{ status: 200 }, { status: 400 }], closed: true, originSaw: [{ body: 'hi' }] },
    },
    {
      name: 'an upgrade to h2c is not offered to the origin',
      rfc: '9110 §7.8',
      send: [get('/', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA')],
      expect: { status: 200, body: 'ok', closed: false, originSaw: [{ fields: { upgrade: null, 'http2-settings': null } }] },
    },
    {
      name: 'a reply to HEAD with a body does not become the next reply',
      rfc: '9112 §6.3',
      send: [lines('HEAD /a HTTP/1.1', 'Host: a'), { replies: 1 }, get('/b')],
      origin: `${lines('HTTP/1.1 200 OK', 'Content-Length: 40')}${lines('HTTP/1.1 200 EVIL', 'Content-Length: 4')}evil`,
      expect: { replies: [{ status: 200 }, { status: 200, body: 'ok' }], closed: false, originSaw: 2 },
    },
  ],
};
