import type { Source } from '../http/body.ts';
import type { GatewayError } from '../http/errors.ts';
import type { Headers } from '../http/headers.ts';

/** A request as a transport sends it: an exchange, or one attempt of it. */
export interface Outgoing {
  readonly method: string;
  /** Empty: the endpoint's own. */
  readonly authority: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Source;
  readonly upgrade: string | undefined;
  readonly cancelError: GatewayError | undefined;
  /** Calls back when the request is given up: at once if it has been. */
  onCancel(listener: (error: GatewayError) => void): void;
  informational(status: number, headers?: Headers): void;
}
