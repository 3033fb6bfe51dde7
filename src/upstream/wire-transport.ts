import type { GatewayError } from '../http/errors.ts';
import type { Headers } from '../http/headers.ts';
import { REPLAY_LIMIT, Replay } from '../http/replay.ts';
import type { Reply } from '../http/reply.ts';
import type { ChannelRequest, ChannelTools, ChannelUser } from '../wire/channel-ports.ts';
import type { DialOptions } from '../wire/dial.ts';
import type { Outgoing } from './outgoing.ts';
import { type Lease, Pool, type PoolLimits } from './pool.ts';
import { requestHead } from './request-head.ts';
import type { Transport, TransportState } from './transport.ts';

/** RFC 9110 §9.2.2: sending one of these twice is sending it once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Our own HTTP/1.1 client behind the port. */
export class WireTransport implements Transport {
  readonly pool: Pool;
  private readonly authority: string;

  constructor(authority: string, dialing: DialOptions, tools: ChannelTools, limits: PoolLimits) {
    this.authority = authority;
    this.pool = new Pool(dialing, tools, limits);
  }

  get state(): TransportState {
    return this.pool.state;
  }

  get saturated(): boolean {
    return this.pool.saturated;
  }

  send(outgoing: Outgoing): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sending = new Sending(this.pool, outgoing, resolve, reject);
      outgoing.onCancel((error) => sending.cancel(error));
      if (!sending.over) sending.start(requestHead(outgoing, this.authority));
    });
  }

  retire(keep: ReadonlySet<string>): void {
    this.pool.retire(keep);
  }

  close(): void {
    this.pool.close();
  }
}

/** One request on its way, over one connection, or two when the first turns out to have been closed long ago. */
class Sending implements ChannelUser {
  private readonly pool: Pool;
  private readonly outgoing: Outgoing;
  private readonly resolve: (reply: Reply) => void;
  private readonly reject: (error: GatewayError) => void;
  private readonly idempotent: boolean;
  private request: ChannelRequest | undefined;
  private replay: Replay | undefined;
  private lease: Lease | undefined;
  private fresh = false;
  over = false;

  constructor(pool: Pool, outgoing: Outgoing, resolve: (reply: Reply) => void, reject: (error: GatewayError) => void) {
    this.pool = pool;
    this.outgoing = outgoing;
    this.resolve = resolve;
    this.reject = reject;
    this.idempotent = IDEMPOTENT.has(outgoing.method);
  }

  start(head: string): void {
    const { outgoing } = this;
    let { body } = outgoing;
    if (body.length !== 0 && this.idempotent) {
      this.replay = new Replay(body, REPLAY_LIMIT);
      body = this.replay;
    }
    this.request = { head, isHead: outgoing.method === 'HEAD', upgrade: outgoing.upgrade, body };
    this.go();
  }

  private go(): void {
    const lease = this.pool.send(this.request as ChannelRequest, this, this.fresh);
    this.lease = lease;
    // A body that breaks off at its first bytes cancels from inside the call.
    const { cancelError } = this.outgoing;
    if (this.over && cancelError !== undefined) this.pool.cancel(lease, cancelError);
  }

  cancel(error: GatewayError): void {
    if (this.over) return;
    if (this.lease === undefined) this.failed(error, false);
    else this.pool.cancel(this.lease, error);
  }

  informed(status: number, headers: Headers): void {
    this.outgoing.informational(status, headers);
  }

  replied(reply: Reply): void {
    this.over = true;
    this.replay?.seal();
    this.resolve(reply);
  }

  /** A kept connection may have been closed by the upstream while the request was on its way (RFC 9112 §9.3.1). */
  failed(error: GatewayError, unanswered: boolean): void {
    if (unanswered && !this.fresh && this.idempotent && this.outgoing.cancelError === undefined) {
      const replayed = this.replay === undefined || this.replay.rewind();
      if (replayed) {
        this.fresh = true;
        this.go();
        return;
      }
    }
    this.over = true;
    this.outgoing.body.cancel();
    this.reject(error);
  }
}
