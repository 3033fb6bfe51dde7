import type { Outgoing } from './outgoing.ts';

/**
 * The head of a request for an upstream, without what frames a body of unknown length and without the
 * empty line. `Content-Length` says what the body says, whatever the client's field said.
 * @param authority host and port of the endpoint: what an HTTP/1.0 client that named no host meant
 */
export function requestHead(outgoing: Outgoing, authority: string): string {
  const { headers, body, method, target } = outgoing;
  const declared = headers.get('content-length');
  if (declared !== undefined) {
    if (body.length < 0) headers.remove('content-length');
    else if (declared !== String(body.length)) headers.set('Content-Length', String(body.length));
  } else if (body.length > 0) headers.add('Content-Length', String(body.length));
  const host = headers.has('host') ? '' : `Host: ${outgoing.authority === '' ? authority : outgoing.authority}\r\n`;
  return `${method} ${target} HTTP/1.1\r\n${host}${headers.lines()}`;
}
