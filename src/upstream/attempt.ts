import type { Source } from '../http/body.ts';
import { asGatewayError, GatewayError } from '../http/errors.ts';
import type { Exchange, Outcome } from '../http/exchange.ts';
import type { Headers } from '../http/headers.ts';
import { isSource, isTunnel, type Reply } from '../http/reply.ts';
import type { Clock } from '../lib/clock.ts';
import type { AttemptVerdict } from './circuits/attempt-verdict.ts';
import type { Endpoint } from './endpoint.ts';
import { faultOf } from './fault.ts';
import type { Outgoing } from './outgoing.ts';

/** Who keeps the books of a backend's endpoints. */
export interface AttemptKeeper {
  /**
   * @returns what wants to know how it ends, once it has; undefined: nobody does
   * @throws GatewayError when the endpoint may not be sent to: then it has not begun
   */
  begun(endpoint: Endpoint): AttemptVerdict | undefined;
  /** @param ms from the attempt's begin to the head of its reply */
  replied(endpoint: Endpoint, status: number, ms: number): void;
  /** The endpoint failed it. @param replied in the reply's body; else there was no reply */
  failed(endpoint: Endpoint, error: GatewayError, replied: boolean): void;
  /** The endpoint has no more to do for it. Once, after the others. @param well it gave a good reply, to its end */
  ended(endpoint: Endpoint, well: boolean): void;
}

/**
 * One try of an exchange at one endpoint. It is over when its reply's body is done, when it failed, or when it was
 * dropped for another one; then, and once, the endpoint's count goes down.
 */
export class Attempt implements Outgoing {
  readonly endpoint: Endpoint;
  readonly body: Source;
  private readonly exchange: Exchange;
  private readonly keeper: AttemptKeeper;
  private readonly clock: Clock;
  private readonly startedAt: number;
  private cancelled: GatewayError | undefined;
  private listener: ((error: GatewayError) => void) | undefined;
  private status = 0;
  private over = false;
  private verdict: AttemptVerdict | undefined;

  constructor(exchange: Exchange, endpoint: Endpoint, body: Source, keeper: AttemptKeeper, clock: Clock) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.body = body;
    this.keeper = keeper;
    this.clock = clock;
    this.startedAt = clock.now();
    this.cancelled = undefined;
    this.listener = undefined;
    this.verdict = undefined;
  }

  get method(): string {
    return this.exchange.method;
  }

  get authority(): string {
    return this.exchange.authority;
  }

  get target(): string {
    return this.exchange.target;
  }

  get headers(): Headers {
    return this.exchange.headers;
  }

  get upgrade(): string | undefined {
    return this.exchange.upgrade;
  }

  get cancelError(): GatewayError | undefined {
    return this.cancelled ?? this.exchange.cancelError;
  }

  /** One listener: the transport's. */
  onCancel(listener: (error: GatewayError) => void): void {
    this.listener = listener;
    if (this.cancelled !== undefined) listener(this.cancelled);
    else this.exchange.onCancel(listener);
  }

  informational(status: number, headers?: Headers): void {
    if (!this.over) this.exchange.informational(status, headers);
  }

  /** Sends it. Rejects with a `GatewayError`. Whoever gets the reply calls {@link keep} or {@link drop}. */
  send(): Promise<Reply> {
    try {
      this.verdict = this.keeper.begun(this.endpoint);
    } catch (thrown) {
      return Promise.reject(asGatewayError(thrown));
    }
    this.exchange.attempts += 1;
    return this.endpoint.transport.send(this).then(
      (reply) => {
        this.status = reply.status;
        this.keeper.replied(this.endpoint, reply.status, this.age);
        this.verdict?.replied(reply.status);
        return reply;
      },
      (thrown) => {
        const error = asGatewayError(thrown);
        if (this.isEndpoints(error)) this.failed(error, false);
        this.end(false, false);
        throw error;
      },
    );
  }

  /** Its reply is the exchange's. */
  keep(): void {
    this.exchange.upstream = this.endpoint.label;
    this.exchange.onEnd((outcome) => this.exchangeEnded(outcome));
  }

  private exchangeEnded({ error }: Outcome): void {
    // Time that ran out while the reply was on its way to the client may be the client's.
    const broke = error !== undefined && error.code !== 'route_timeout' && faultOf(error.code) !== undefined;
    if (broke) this.failed(error, true);
    this.end(error === undefined, this.status < 500);
  }

  private failed(error: GatewayError, replied: boolean): void {
    this.keeper.failed(this.endpoint, error, replied);
    this.verdict?.broke(faultOf(error.code));
  }

  /** Whether a failure says something about the endpoint. A client that sends its body slowly makes timeouts too. */
  private isEndpoints(error: GatewayError): boolean {
    if (error === this.cancelError && this.body.length !== 0) return false;
    return faultOf(error.code) !== undefined;
  }

  /** Its reply is for nobody: another attempt takes its place. */
  drop(reply: Reply): void {
    if (isSource(reply.body)) reply.body.cancel();
    else if (isTunnel(reply.body)) reply.body.fromUpstream.cancel();
    this.end(false, false);
  }

  /** Gives up waiting for its reply. */
  cancel(error: GatewayError = new GatewayError('client_gone')): void {
    if (this.over || this.cancelled !== undefined) return;
    this.cancelled = error;
    this.listener?.(error);
  }

  /** Milliseconds since it began. */
  get age(): number {
    return this.clock.now() - this.startedAt;
  }

  /** @param whole the reply came to its end @param good as replies go */
  private end(whole: boolean, good: boolean): void {
    if (this.over) return;
    this.over = true;
    this.verdict?.end(whole);
    if (this.listener !== undefined) this.exchange.offCancel(this.listener);
    this.keeper.ended(this.endpoint, whole && good);
  }
}
