import { type Case, get, lines, passes, reply, type Topic } from './case.ts';

type Fields = Record<string, string | RegExp | null | readonly string[]>;
const seen = (name: string, rfc: string, text: string, fields: Fields): Case => passes(name, rfc, text, { fields });
const OURS = /^for="?127\.0\.0\.1(?::\d+)?"?;/;

export const untrusted: Topic = {
  topic: 'forwarding fields from a client that is not trusted',
  cases: [
    seen('the address of the client is told', '7239 §5.2', get('/'), { 'x-forwarded-for': '127.0.0.1' }),
    seen('the host that the client asked for is told', '7239 §5.3', get('/'), { 'x-forwarded-host': 'a.example' }),
    seen('the scheme that the client used is told', '7239 §5.4', get('/'), { 'x-forwarded-proto': 'http' }),
    seen('Forwarded tells all three', '7239 §4', get('/'), {
      forwarded: /(?=.*for=127\.0\.0\.1)(?=.*host="?a\.example"?)(?=.*proto=http)/i,
    }),
    seen('X-Forwarded-For of the client is replaced', '7239 §8.1', get('/', 'X-Forwarded-For: 203.0.113.7'), {
      'x-forwarded-for': '127.0.0.1',
    }),
    seen('all lines of it are replaced', '7239 §8.1', get('/', 'X-Forwarded-For: 1.1.1.1', 'x-forwarded-FOR: 2.2.2.2'), {
      'x-forwarded-for': ['127.0.0.1'],
    }),
    seen('X-Forwarded-Proto of the client is replaced', '7239 §8.1', get('/', 'X-Forwarded-Proto: https'), {
      'x-forwarded-proto': 'http',
    }),
    seen('X-Forwarded-Host of the client is replaced', '7239 §8.1', get('/', 'X-Forwarded-Host: evil.example'), {
      'x-forwarded-host': 'a.example',
    }),
    seen('Forwarded of the client is replaced', '7239 §8.1', get('/', 'Forwarded: for=203.0.113.7;proto=https'), {
      forwarded: /^(?!.*203\.0\.113\.7)(?!.*https)/,
    }),
    seen('Forwarded on several lines is replaced', '7239 §8.1', get('/', 'Forwarded: for=1.1.1.1', 'Forwarded: for=2.2.2.2'), {
      forwarded: OURS,
    }),
    seen('X-Request-ID of the client is replaced', '9110 §17', get('/', 'X-Request-ID: chosen-by-the-client'), {
      'x-request-id': /^(?!chosen)[\w-]{8,}$/,
    }),
    seen('X-Request-ID is made', '9110 §17', get('/'), { 'x-request-id': /^[\w-]{8,}$/ }),
    seen('a Host with a port is quoted in Forwarded', '7239 §4', lines('GET / HTTP/1.1', 'Host: a.example:8080'), {
      forwarded: /host="a\.example:8080"/,
    }),
    seen('an IPv6 Host is quoted in Forwarded', '7239 §4', lines('GET / HTTP/1.1', 'Host: [::1]:8080'), {
      forwarded: /host="\[::1\]:8080"/,
    }),
    seen(
      'an absolute target decides about the host told',
      '9112 §3.2.2',
      lines('GET http://a.example/ HTTP/1.1', 'Host: a.example'),
      { 'x-forwarded-host': 'a.example' },
    ),
    seen('Via is begun', '9110 §7.6.3', get('/'), { via: /^1\.1 \S+$/ }),
    seen('Via is continued', '9110 §7.6.3', get('/', 'Via: 1.0 alpha, 1.1 beta'), { via: /^1\.0 alpha, 1\.1 beta, 1\.1 \S+$/ }),
    seen('Via on two lines is continued in order', '9110 §7.6.3', get('/', 'Via: 1.0 alpha', 'Via: 1.1 beta'), {
      via: /^1\.0 alpha, 1\.1 beta, 1\.1 \S+$/,
    }),
    {
      name: 'Via tells the version that the client spoke',
      rfc: '9110 §7.6.3',
      send: [lines('GET / HTTP/1.0', 'Host: a.example')],
      expect: { status: 200, closed: true, originSaw: [{ fields: { via: /^1\.0 \S+$/ } }] },
    },
    {
      name: 'X-Forwarded-Host is left out where the client named no host',
      rfc: '7239 §5.3',
      send: ['GET / HTTP/1.0\r\n\r\n'],
      expect: { status: 200, closed: true, originSaw: [{ fields: { 'x-forwarded-host': null, forwarded: /^(?!.*host=)/ } }] },
    },
    {
      name: 'the reply tells its Via as well',
      rfc: '9110 §7.6.3',
      send: [get('/')],
      origin: reply('ok', 'Via: 1.1 inner'),
      expect: { status: 200, body: 'ok', fields: { via: /^1\.1 inner, 1\.1 \S+$/ }, closed: false, originSaw: 1 },
    },
  ],
};

export const trusted: Topic = {
  topic: 'forwarding fields from a trusted proxy',
  gateway: { server: { trusted_proxies: ['127.0.0.1'] } },
  cases: [
    seen('X-Forwarded-For is continued', '7239 §5.2', get('/', 'X-Forwarded-For: 203.0.113.7'), {
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
    }),
    seen(
      'X-Forwarded-For on two lines is continued in order',
      '7239 §5.2',
      get('/', 'X-Forwarded-For: 203.0.113.7', 'X-Forwarded-For: 198.51.100.2'),
      {
        'x-forwarded-for': '203.0.113.7, 198.51.100.2, 127.0.0.1',
      },
    ),
    seen('X-Forwarded-For is begun where there is none', '7239 §5.2', get('/'), { 'x-forwarded-for': '127.0.0.1' }),
    seen('X-Forwarded-Proto is kept', '7239 §5.4', get('/', 'X-Forwarded-Proto: https'), { 'x-forwarded-proto': 'https' }),
    seen('X-Forwarded-Host is kept', '7239 §5.3', get('/', 'X-Forwarded-Host: outer.example'), {
      'x-forwarded-host': 'outer.example',
    }),
    seen('X-Forwarded-Proto and -Host are begun where there are none', '7239 §5.4', get('/'), {
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'a.example',
    }),
    seen('Forwarded is continued', '7239 §4', get('/', 'Forwarded: for=203.0.113.7;proto=https'), {
      forwarded: /^for=203\.0\.113\.7;proto=https, ?(?=.*for=127\.0\.0\.1)/,
    }),
    seen('X-Request-ID is kept', '9110 §17', get('/', 'X-Request-ID: abc-123_XYZ.7'), { 'x-request-id': 'abc-123_XYZ.7' }),
    seen('X-Request-ID is made where there is none', '9110 §17', get('/'), { 'x-request-id': /^[\w-]{8,}$/ }),
    seen('an X-Request-ID of a thousand characters is not kept', '9110 §17', get('/', `X-Request-ID: ${'a'.repeat(1000)}`), {
      'x-request-id': /^[\w-]{8,200}$/,
    }),
    seen('an empty X-Request-ID is not kept', '9110 §17', get('/', 'X-Request-ID:'), { 'x-request-id': /^[\w-]{8,}$/ }),
    seen('two X-Request-IDs do not both go on', '9110 §17', get('/', 'X-Request-ID: first-one', 'X-Request-ID: second-one'), {
      'x-request-id': /^[\w-]+$/,
    }),
  ],
};

export const ownHost: Topic = {
  topic: 'Host of the upstream',
  gateway: { route: { preserve_host: false } },
  cases: [
    seen('the upstream gets its own Host', '9110 §7.2', get('/'), { host: /^127\.0\.0\.1:\d+$/ }),
    seen('the Host of the client is told beside it', '7239 §5.3', get('/'), { 'x-forwarded-host': 'a.example' }),
    seen(
      'the host of an absolute target does not reach the upstream as Host',
      '9110 §7.2',
      lines('GET http://a.example/x HTTP/1.1', 'Host: a.example'),
      {
        host: /^127\.0\.0\.1:\d+$/,
      },
    ),
  ],
};

/** Problem details with a request id, and no word about the inside (the latter is checked for every error). */
const PROBLEM = /^\{(?=.*"type":")(?=.*"title":")(?=.*"status":\d{3})(?=.*"request_?[iI]d":"[\w-]{8,}"|.*"instance":")/s;
const problem = (name: string, status: number, send: Case['send'], origin?: Case['origin']): Case => ({
  name,
  rfc: '9457 §3',
  send,
  ...(origin === undefined ? {} : { origin }),
  expect: {
    status,
    body: PROBLEM,
    fields: { 'content-type': /^application\/problem\+json/, 'content-length': /^\d+$/, 'cache-control': /^$|no-store/ },
    closed: 'either',
    originSaw: origin === undefined ? 0 : 1,
  },
});

export const problems: Topic = {
  topic: 'problem details',
  gateway: { route: { path: '/only/**', methods: ['GET', 'POST'] } },
  cases: [
    problem('a bad head is told', 400, [lines('GET /only HTTP/1.1', 'Host: a b')]),
    problem('no route is told', 404, [get('/other')]),
    problem('no route for the method is told', 405, [lines('PUT /only/x HTTP/1.1', 'Host: a')]),
    problem('a target that is too long is told', 414, [get(`/only/${'a'.repeat(9000)}`)]),
    problem('a failed expectation is told', 417, [get('/only', 'Expect: a-miracle')]),
    problem('a misdirected request is told', 421, [lines('GET https://a.example/only HTTP/1.1', 'Host: a.example')]),
    problem('a head that is too large is told', 431, [get('/only', `X-A: ${'a'.repeat(20_000)}`)]),
    problem('a transfer coding that is not there is told', 501, [
      lines('POST /only HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip'),
    ]),
    problem('a bad gateway is told', 502, [get('/only/x')], [{ do: 'close' }]),
    problem('a version that is not there is told', 505, [lines('GET /only HTTP/2.0', 'Host: a')]),
    {
      name: '405 tells the methods that there are',
      rfc: '9110 §15.5.6',
      send: [lines('DELETE /only/x HTTP/1.1', 'Host: a')],
      expect: { status: 405, fields: { allow: /GET.*POST|POST.*GET/ }, closed: false, originSaw: 0 },
    },
    {
      name: '404 leaves the connection good',
      rfc: '9112 §9.3',
      send: [get('/other'), { replies: 1 }, get('/only/x')],
      expect: { replies: [{ status: 404 }, { status: 200 }], closed: 'either', originSaw: [{ target: '/only/x' }] },
    },
    {
      name: 'a body that nobody takes is not the next request',
      rfc: '9112 §9.3',
      send: [lines('POST /other HTTP/1.1', 'Host: a', `Content-Length: ${get('/only/evil').length}`) + get('/only/evil')],
      expect: { status: 404, closed: 'either', originSaw: 0 },
    },
    {
      name: 'what the client wrote is not written back as markup',
      rfc: '9457 §5',
      send: [get('/%3Cscript%3Ealert(1)%3C/script%3E')],
      expect: {
        status: 404,
        body: /^(?!.*<script>)/s,
        fields: { 'content-type': /^application\/problem\+json/ },
        closed: 'either',
        originSaw: 0,
      },
    },
  ],
};
