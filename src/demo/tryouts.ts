import { STATUS_CODES } from 'node:http';
import { ERRORS } from '../http/errors.ts';
import { FAILURES, type Failure } from './faulty.ts';

/** Something to type, and what comes of it. */
export interface Tryout {
  readonly command: string;
  /** What can be read in its output, in this order: the status line and a piece of the body. */
  readonly answer: readonly string[];
  /** What cannot be read there. */
  readonly remark?: string;
}

/**
 * Commands for a shell with curl.
 * @param http `host:port` of the gateway
 * @param admin `host:port` of its admin endpoints
 */
export function tryouts(http: string, admin: string): readonly Tryout[] {
  const url = (path: string) => `http://${http}${path}`;
  const fail = (failure: Failure) => `curl -i '${url(`/faulty?fail=${failure}`)}'`;
  const turns = FAILURES.map((_, at) => at + 1).join(' ');
  return [
    tryout(`curl -i ${url('/hello')}`, 200, 'Hello from the gateway itself.'),
    tryout(`curl -i ${url('/fast')}`, 200, '{"upstream":"fast"}'),
    tryout(`curl -i ${url('/slow')}`, 200, '{"upstream":"slow"}', 'after 0.8 s'),
    tryout(fail('error'), 500, '{"upstream":"faulty","fails":"error"}'),
    tryout(fail('drop'), 502, ERRORS.upstream_reset.title),
    tryout(fail('truncate'), 200, '{"upstream":"faul', 'and there it breaks off: curl ends with an error'),
    {
      command: `for i in ${turns}; do curl -s -o /dev/null -w '%{http_code} ' ${url('/faulty')}; done`,
      answer: ['500 502 200 200'],
      remark: 'each failure in turn; the third breaks off',
    },
    tryout(
      `curl -i -d hello '${url('/echo/any/path?x=1')}'`,
      200,
      '{"method":"POST","target":"/echo/any/path?x=1","body":"hello","headers":{',
    ),
    tryout(`echo a stream | curl -i -T - ${url('/echo/stream')}`, 200, 'a stream'),
    tryout(`curl -iN ${url('/echo/events')}`, 200, 'data: event 10 of 10', 'one event a second'),
    {
      command: `for i in 1 2 3 4 5; do curl -s -o /dev/null -w '%{http_code} ' ${url('/limited')}; done`,
      answer: ['200 200 200 429 429'],
      remark: 'three in ten seconds',
    },
    tryout(`curl -i ${url('/private')}`, 401, 'The request shows no credential'),
    tryout(`curl -i -u alice:wonderland ${url('/private')}`, 200, '"x-user":"alice"'),
    tryout(
      `curl -i -X OPTIONS -H 'Origin: https://app.example.com' -H 'Access-Control-Request-Method: PUT' ${url('/pages/a')}`,
      204,
      'Access-Control-Allow-Methods: GET, PUT, HEAD',
    ),
    tryout(`curl -i --compressed ${url('/pages/a')}`, 200, '"target":"/a"', 'packed on its way, as Content-Encoding says'),
    tryout(`curl -i ${url('/nowhere')}`, 404, ERRORS.not_found.title),
    tryout(`curl -i -X DELETE ${url('/hello')}`, 405, ERRORS.method_not_allowed.title),
    tryout(`curl -i http://${admin}/ready`, 200, '{'),
    tryout(`curl -i http://${admin}/metrics`, 200, '# HELP '),
  ];
}

function tryout(command: string, status: number, body: string, remark?: string): Tryout {
  const answer = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, body];
  return remark === undefined ? { command, answer } : { command, answer, remark };
}

/** As `sluice demo` prints them: each command with its answer below. */
export function formatTryouts(list: readonly Tryout[]): string {
  const lines = list.flatMap(({ command, answer, remark }) => [
    `  ${command}`,
    `      ${answer.join('  ')}${remark === undefined ? '' : `  (${remark})`}`,
  ]);
  return lines.join('\n');
}
