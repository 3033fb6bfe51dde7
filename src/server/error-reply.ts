import { ERRORS, type GatewayError } from '../http/errors.ts';
import { Headers } from '../http/headers.ts';
import { Reply } from '../http/reply.ts';

/** Seconds after which asking again makes sense: the fault may be over by then. */
const RETRY_AFTER = '1';

/** The one place where a broken promise becomes a reply: problem details (RFC 9457), with nothing of the inside. */
export function errorReply(error: GatewayError, requestId: string): Reply {
  const { status, title } = ERRORS[error.code];
  const problem = {
    type: `urn:sluice:error:${error.code}`,
    title,
    status,
    detail: error.detail,
    code: error.code,
    request_id: requestId,
  };
  const headers = new Headers();
  headers.add('Content-Type', 'application/problem+json');
  headers.add('Cache-Control', 'no-store');
  if (status === 503) headers.add('Retry-After', RETRY_AFTER);
  const bytes = Buffer.from(`${JSON.stringify(problem)}\n`, 'utf8');
  return new Reply(status, headers, bytes.toString('latin1'));
}
