import { get, passes, refused, type Topic } from './case.ts';

const LINE = 'PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n';
const BINARY = '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\x0a\0\0\x01\x12\x67\0\x50';
const CLAIM = 'X-Forwarded-For: 203.0.113.7';

export const balanced: Topic = {
  topic: 'connections of a balancer that says whose they are',
  gateway: { server: { proxy_protocol: { from: ['127.0.0.0/8'] } } },
  bytewise: true,
  cases: [LINE, BINARY].map((header, at) =>
    passes(`the origin learns the address of a version ${at + 1} header`, '7239 §5.2', header + get('/', CLAIM), {
      fields: { 'x-forwarded-for': '192.0.2.1', forwarded: /^for=192\.0\.2\.1;/ },
    }),
  ),
};

export const balancedAndTrusted: Topic = {
  topic: 'connections of a trusted proxy behind a balancer',
  gateway: { server: { proxy_protocol: { from: ['127.0.0.0/8'] }, trusted_proxies: ['192.0.2.0/24'] } },
  cases: [
    passes('the chain goes on from the address of the header', '7239 §5.2', LINE + get('/', CLAIM), {
      fields: { 'x-forwarded-for': '203.0.113.7, 192.0.2.1' },
    }),
  ],
};

export const spoofed: Topic = {
  topic: 'PROXY headers of anyone else',
  gateway: { server: { proxy_protocol: { from: ['10.0.0.0/8'] } } },
  bytewise: true,
  cases: [LINE, BINARY].map((header, at) =>
    refused(`a header of version ${at + 1} is a bad request`, '9112 §2.2', header + get('/')),
  ),
};
