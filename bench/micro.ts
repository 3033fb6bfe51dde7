/** What the small parts of a request cost, in ns: `node bench/micro.ts`. The whole is measured by `compare.ts`. */
import { bench, do_not_optimize, group, run, summary } from 'mitata';
import type { Headers } from '../src/http/headers.ts';
import { RequestIds } from '../src/http/request-id.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Wheel } from '../src/lib/wheel.ts';
import { ReplyHeadParser } from '../src/wire/reply-head.ts';
import { RequestHeadParser } from '../src/wire/request-head.ts';

const FIELDS = [
  'Host: www.example.com',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Cookie: session=1f0c9be6d2f34a77b1de5b9a40c1c2a8; theme=dark; consent=1',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'Referer: https://www.example.com/articles/2026/11/21/index.html',
  'Cache-Control: max-age=0',
  'Upgrade-Insecure-Requests: 1',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: same-origin',
];
const LIMITS = { headerBytes: 16_384, headerCount: 100, uriBytes: 8_192 };

function requestHead(fields: number): Buffer {
  return Buffer.from(`GET /api/users/4711?page=2 HTTP/1.1\r\n${FIELDS.slice(0, fields).join('\r\n')}\r\n\r\n`);
}

function parsed(fields: number): Headers {
  const head = requestHead(fields);
  const parser = new RequestHeadParser(LIMITS);
  if (parser.parse(head, 0, head.length) < 0) throw new Error(`refused: ${parser.error?.message}`);
  return parser.headers;
}

group('request head', () => {
  for (const fields of [1, 5, 12]) {
    const head = requestHead(fields);
    const parser = new RequestHeadParser(LIMITS);
    bench(`${fields} fields, ${head.length} bytes`, () => do_not_optimize(parser.parse(head, 0, head.length)));
  }
});

group('reply head', () => {
  const head = Buffer.from(
    'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 06:00:00 GMT\r\n' +
      'Content-Type: application/json\r\nContent-Length: 132\r\nConnection: keep-alive\r\n\r\n',
  );
  const parser = new ReplyHeadParser(LIMITS);
  bench(`5 fields, ${head.length} bytes`, () => do_not_optimize(parser.parse(head, 0, head.length)));
});

group('Headers of 12 fields', () => {
  const headers = parsed(12);
  bench('get, a known name that is there', () => do_not_optimize(headers.get('cache-control')));
  bench('get, a known name that is not', () => do_not_optimize(headers.get('x-request-id')));
  bench('get, any other name', () => do_not_optimize(headers.get('sec-fetch-mode')));
  bench('lines, untouched', () => do_not_optimize(headers.lines()));
  summary(() => {
    // A set changes the fields for good, so these parse first: what they cost is the difference to the parsing alone.
    const head = requestHead(12);
    const parser = new RequestHeadParser(LIMITS);
    bench('parse', () => do_not_optimize(parser.parse(head, 0, head.length)));
    bench('parse, 5 sets', () => {
      parser.parse(head, 0, head.length);
      forward(parser.headers);
    });
    bench('parse, 5 sets, lines', () => {
      parser.parse(head, 0, head.length);
      forward(parser.headers);
      do_not_optimize(parser.headers.lines());
    });
  });
});

function forward(headers: Headers): void {
  headers.set('X-Forwarded-For', '127.0.0.1');
  headers.set('X-Forwarded-Host', 'www.example.com');
  headers.set('X-Forwarded-Proto', 'http');
  headers.set('X-Request-ID', '01JD6Z8Q4N7K2M5P9R3T6V');
  headers.set('Via', '1.1 sluice');
}

group('request id', () => {
  const ids = new RequestIds(systemClock);
  bench('next', () => do_not_optimize(ids.next()));
});

group('timer wheel', () => {
  const wheel = new Wheel(systemClock);
  // A wheel in use: with no entry left, each `remove` would stop the system's timer too.
  wheel.timeout(() => {}).set(3_600_000);
  const timeout = wheel.timeout(() => {});
  bench('arm and disarm', () => {
    timeout.set(30_000);
    timeout.clear();
  });
  bench('arm and remove', () => {
    timeout.set(30_000);
    timeout.remove();
  });
});

await run();
