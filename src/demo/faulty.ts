import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** The ways to fail, in the order in which they come up; the last is not to. */
export const FAILURES = ['error', 'drop', 'truncate', 'no'] as const;
export type Failure = (typeof FAILURES)[number];

/**
 * Answers with 500, closes the connection without a reply, breaks off in the middle of a body, answers well, and so
 * on from the start. `?fail=` asks for one of them and does not count.
 */
export function faulty(): RequestListener {
  let requests = 0;
  return (request, response) => {
    const asked = new URL(request.url ?? '/', 'http://demo').searchParams.get('fail');
    const failure = FAILURES.find((one) => one === asked) ?? (FAILURES[requests++ % FAILURES.length] as Failure);
    fail(failure, request, response);
  };
}

function fail(failure: Failure, request: IncomingMessage, response: ServerResponse): void {
  const body = `${JSON.stringify({ upstream: 'faulty', fails: failure })}\n`;
  // A connection that was used before and closes without a reply may just have been too old: a gateway asks again then,
  // and the next failure in turn would come too early. So each request has a connection of its own.
  const headers = { 'content-type': 'application/json', connection: 'close' };
  switch (failure) {
    case 'drop':
      request.socket.destroy();
      break;
    case 'truncate':
      response.writeHead(200, { ...headers, 'content-length': body.length });
      // Not before the first half is on its way: this is about a reply that breaks off, not about none.
      response.write(body.slice(0, body.length / 2), () => request.socket.destroy());
      break;
    default:
      response.writeHead(failure === 'error' ? 500 : 200, headers).end(body);
  }
}
