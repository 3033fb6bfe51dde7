import { SMALL_BODY } from './body.ts';
import { Headers } from './headers.ts';
import { Reply } from './reply.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** What is wrong, for clients: says nothing about the inside. */
export interface Problem {
  readonly status: number;
  /** A word for programs, as in `rate_limited`. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string | undefined;
}

/** The body of problem details (RFC 9457). */
export function problemText({ status, code, title, detail }: Problem, requestId: string): string {
  const problem = { type: `urn:sluice:error:${code}`, title, status, detail, code, request_id: requestId };
  return `${JSON.stringify(problem)}\n`;
}

/** A reply by which a policy refuses a request: 401, 403, 429. What is broken is thrown as a `GatewayError` instead. */
export function problemReply(problem: Problem, requestId: string): Reply {
  const headers = new Headers();
  headers.add('Content-Type', PROBLEM_TYPE);
  headers.add('Cache-Control', 'no-store');
  return new Reply(problem.status, headers, bodyText(problemText(problem, requestId)));
}

/** UTF-8 as replies carry it: a small body as one-byte text, a larger one as bytes. */
export function bodyText(text: string): string | Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length <= SMALL_BODY ? bytes.toString('latin1') : bytes;
}
