import { GatewayError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { type Peeked, PeekedBody } from './peeked-body.ts';

/** Bytes of a body that are read for a form. */
export const FORM_LIMIT = 64 * 1024;
/** Fields that are looked at: what follows is passed on and counts for nothing. */
const MOST_FIELDS = 1000;
const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i;

/**
 * Reads the form in the body of a request (`application/x-www-form-urlencoded`, at most {@link FORM_LIMIT}; multipart is
 * not read) into `exchange.form`, and leaves a body that gives the same bytes again. A body of another kind, encoded or
 * larger is no form: it goes on whole, the rest of it as it comes.
 * @returns undefined when nothing has to be waited for; else a promise that rejects with a `GatewayError` when the
 * exchange is cancelled, or the body breaks off, before it is here
 */
export function readForm(exchange: Exchange): Promise<void> | undefined {
  if (exchange.form !== undefined || !mayBeForm(exchange)) return undefined;
  const body = new PeekedBody(exchange.body, FORM_LIMIT);
  exchange.body = body;
  let settled = false;
  let wake: { resolve: () => void; reject: (error: GatewayError) => void } | undefined;
  let broken: GatewayError | undefined;
  const settle = (error: GatewayError | undefined) => {
    if (settled) return;
    settled = true;
    broken = error;
    exchange.offCancel(cancelled);
    if (error === undefined) wake?.resolve();
    else wake?.reject(error);
  };
  const cancelled = (error: GatewayError) => {
    body.cancel();
    settle(error);
  };
  exchange.onCancel(cancelled);
  const peeked = (seen: Peeked) => {
    if ('broken' in seen) settle(asBroken(seen.broken, exchange));
    else {
      if (seen.whole !== undefined) exchange.form = parseForm(seen.whole);
      settle(undefined);
    }
  };
  // It may have been cancelled before.
  if (!settled) body.peek(peeked);
  if (settled && broken === undefined) return undefined;
  return new Promise((resolve, reject) => {
    if (broken !== undefined) reject(broken);
    else wake = { resolve, reject };
  });
}

function mayBeForm({ body, headers }: Exchange): boolean {
  if (body.length === 0 || body.length > FORM_LIMIT || headers.has('content-encoding')) return false;
  return FORM.test(headers.get('content-type') ?? '');
}

function asBroken(error: Error, exchange: Exchange): GatewayError {
  if (exchange.cancelError !== undefined) return exchange.cancelError;
  return error instanceof GatewayError ? error : new GatewayError('client_gone', undefined, error);
}

/** The fields of a form (WHATWG URL §5.1): an encoding that is broken stands for itself, and nothing throws. */
export function parseForm(bytes: Buffer): URLSearchParams {
  const text = bytes.toString();
  let end = -1;
  for (let fields = 0; fields < MOST_FIELDS; fields++) {
    end = text.indexOf('&', end + 1);
    if (end < 0) break;
  }
  // A ? in the first place would be taken for the beginning of a query.
  return new URLSearchParams(`&${end < 0 ? text : text.slice(0, end)}`);
}
