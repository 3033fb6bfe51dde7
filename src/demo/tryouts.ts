import { ERRORS } from '../http/errors.ts';
import { FAILURES } from './faulty.ts';

/** Something to type, and what comes of it. */
export interface Tryout {
  readonly command: string;
  /** Status of the reply; of several replies in a row, all of them. */
  readonly status: string;
  /** Part of the body; empty when there is nothing to look for. */
  readonly body: string;
  /** For the reader. */
  readonly remark?: string;
}

/**
 * Commands for a shell with curl.
 * @param http `host:port` of the gateway
 * @param admin `host:port` of its admin endpoints
 */
export function tryouts(http: string, admin: string): readonly Tryout[] {
  const url = (path: string) => `http://${http}${path}`;
  const get = (path: string, status: string, body: string, remark?: string): Tryout => ({
    command: `curl -i ${url(path)}`,
    status,
    body,
    ...(remark !== undefined && { remark }),
  });
  const fail = (failure: (typeof FAILURES)[number]) => `'${url(`/faulty?fail=${failure}`)}'`;
  return [
    get('/hello', '200', 'Hello from the gateway itself.'),
    get('/fast', '200', '{"upstream":"fast"}'),
    get('/slow', '200', '{"upstream":"slow"}', 'after 0.8 s'),
    { command: `curl -i ${fail('error')}`, status: '500', body: '{"upstream":"faulty","fails":"error"}' },
    { command: `curl -i ${fail('drop')}`, status: '502', body: ERRORS.upstream_reset.title },
    {
      command: `curl -i ${fail('truncate')}`,
      status: '200',
      body: '{"upstream":"faul',
      remark: 'then it breaks off: curl ends with 18',
    },
    {
      command: `for i in ${FAILURES.map((_, at) => at + 1).join(' ')}; do curl -s -o /dev/null -w '%{http_code} ' ${url('/faulty')}; done`,
      status: '500 502 200 200',
      body: '',
      remark: 'failing in turn; the third breaks off',
    },
    {
      command: `curl -i -d hello '${url('/echo/any/path?x=1')}'`,
      status: '200',
      body: '{"method":"POST","target":"/echo/any/path?x=1","body":"hello","headers":{',
    },
    { command: `echo a stream | curl -i -T - ${url('/echo/stream')}`, status: '200', body: 'a stream' },
    { command: `curl -iN ${url('/echo/events')}`, status: '200', body: 'data: event 10 of 10', remark: 'one event a second' },
    get('/nowhere', '404', ERRORS.not_found.title),
    { command: `curl -i -X DELETE ${url('/hello')}`, status: '405', body: ERRORS.method_not_allowed.title },
    { command: `curl -i http://${admin}/health`, status: '200', body: '' },
    { command: `curl -i http://${admin}/metrics`, status: '200', body: '# HELP' },
  ];
}

/** As `sluice demo` prints them: each command with its answer below. */
export function formatTryouts(list: readonly Tryout[]): string {
  return list
    .map(({ command, status, body, remark }) => {
      const answer = [status, body, remark === undefined ? '' : `(${remark})`].filter((part) => part !== '').join('  ');
      return `  ${command}\n      ${answer}`;
    })
    .join('\n');
}
