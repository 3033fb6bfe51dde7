import { ERRORS, type GatewayError } from '../http/errors.ts';
import { Headers } from '../http/headers.ts';
import { bodyText, PROBLEM_TYPE, problemText } from '../http/problem.ts';
import { Reply } from '../http/reply.ts';

/** Seconds after which asking again makes sense where nothing says better: the fault may be over by then. */
const RETRY_AFTER = 1;
/** JSON as a media range of its own; `;q=0` is the way to say "not that" (RFC 9110 §12.4.2). */
const ASKS_JSON = /(?:^|,)\s*application\/(?:problem\+)?json\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)/i;

/** What stands in the place of problem details; `{request_id}` in it becomes the id. */
interface ErrorBody {
  readonly type: string;
  readonly text: string;
}

/** By status. */
export type ErrorBodies = Readonly<Record<string, ErrorBody>>;

/**
 * The one place where a broken promise becomes a reply, with nothing of the inside: problem details (RFC 9457), or the
 * body that the configuration has for the status, unless that is no JSON and the client asks for JSON by name.
 * @param asked the fields of the request, as far as there is one
 */
export function errorReply(error: GatewayError, requestId: string, bodies: ErrorBodies = {}, asked?: Headers): Reply {
  const { status, title } = ERRORS[error.code];
  const own = Object.hasOwn(bodies, status) ? bodies[status] : undefined;
  const takesOwn = own !== undefined && (own.type === 'application/json' || !ASKS_JSON.test(asked?.get('accept') ?? ''));
  const headers = new Headers();
  headers.add('Content-Type', takesOwn ? own.type : PROBLEM_TYPE);
  headers.add('Cache-Control', 'no-store');
  if (status === 503) headers.add('Retry-After', String(error.retryAfter ?? RETRY_AFTER));
  if (takesOwn) return new Reply(status, headers, bodyText(own.text.replaceAll('{request_id}', requestId)));
  return new Reply(status, headers, bodyText(problemText({ status, code: error.code, title, detail: error.detail }, requestId)));
}
