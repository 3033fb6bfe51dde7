import { type Case, chunked, get, lines, passes, post, refused, type Topic } from './case.ts';

const claim = (row: Case): Case => ({ ...row, name: `seed claim: ${row.name}` });

/** What the systems before this one promised and did not keep: `RIVALS.md`, §9. */
export const seedClaims: Topic = {
  topic: 'what was promised before',
  bytewise: true,
  cases: [
    ...['abc', '-1', '+5', '5, 6', '0x5', '5 5', '', '5;', '99999999999999999999'].map((length) =>
      refused(
        `the Content-Length ${JSON.stringify(length)} never reaches the origin`,
        '9112 §6.3',
        post([`Content-Length: ${length}`], 'hello'),
      ),
    ),
    refused(
      'two Content-Lengths never reach the origin',
      '9112 §6.3',
      post(['Content-Length: 5', 'Content-Length: 6'], 'hello!'),
    ),
    refused('a request without Host never reaches the origin', '9112 §3.2', lines('GET / HTTP/1.1')),
    refused('a request with two Hosts never reaches the origin', '9112 §3.2', lines('GET / HTTP/1.1', 'Host: a', 'Host: b')),
    refused('a request with one Host twice never reaches the origin', '9112 §3.2', lines('GET / HTTP/1.1', 'Host: a', 'Host: a')),
    {
      ...refused(
        'a chunk of ffffffffffffffff bytes is answered 400',
        '9112 §7.1',
        chunked('ffffffffffffffff\r\nhello'),
        400,
        'any',
      ),
    },
    passes('and the process lives', '9112 §7.1', get('/after'), { target: '/after' }),
  ].map(claim),
};

export const trustedChain: Topic = {
  topic: 'the chain of a trusted proxy',
  gateway: { server: { trusted_proxies: ['127.0.0.1'] } },
  cases: [
    claim(
      passes(
        'the X-Forwarded-For chain of a trusted proxy is continued, not lost',
        '7239 §5.2',
        get('/', 'X-Forwarded-For: 203.0.113.7, 198.51.100.2'),
        { fields: { 'x-forwarded-for': '203.0.113.7, 198.51.100.2, 127.0.0.1' } },
      ),
    ),
  ],
};
