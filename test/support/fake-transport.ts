import { type ErrorCode, GatewayError } from '../../src/http/errors.ts';
import { Headers } from '../../src/http/headers.ts';
import { Reply, type ReplyBody } from '../../src/http/reply.ts';
import type { Outgoing } from '../../src/upstream/outgoing.ts';
import type { Transport, TransportState } from '../../src/upstream/transport.ts';
import { RecordingSink } from './recording-sink.ts';

/** A request that has come to a fake endpoint, to be answered by the test. Like a real one it is over when it is cancelled. */
export class Sent {
  readonly address: string;
  readonly outgoing: Outgoing;
  /** What {@link read} has got of its body. */
  readonly body = new RecordingSink();
  cancelled: GatewayError | undefined;
  private readonly settle: { resolve: (reply: Reply) => void; reject: (error: GatewayError) => void };
  private over = false;
  private touched = false;

  constructor(address: string, outgoing: Outgoing, settle: Sent['settle']) {
    this.address = address;
    this.outgoing = outgoing;
    this.settle = settle;
    outgoing.onCancel((error) => {
      if (this.over) return;
      this.cancelled = error;
      this.reject(error);
    });
  }

  /** Neither answered nor cancelled. */
  get open(): boolean {
    return !this.over;
  }

  /** Whether the endpoint has seen anything of it. */
  get reached(): boolean {
    return this.touched;
  }

  /** Takes its body, as far as it comes. */
  read(): void {
    this.touched = true;
    this.outgoing.body.pipe(this.body);
  }

  inform(status: number): void {
    this.touched = true;
    this.outgoing.informational(status, new Headers());
  }

  reply(status = 200, body?: ReplyBody): Reply {
    const reply = new Reply(status, new Headers(), body);
    this.touched = true;
    this.over = true;
    this.settle.resolve(reply);
    return reply;
  }

  fail(code: ErrorCode): GatewayError {
    const error = new GatewayError(code);
    if (!this.over) this.reject(error);
    return error;
  }

  private reject(error: GatewayError): void {
    this.over = true;
    this.outgoing.body.cancel();
    this.settle.reject(error);
  }
}

/** The connections of a fake endpoint, of which there are as many as the test says. */
export class FakeTransport implements Transport {
  readonly address: string;
  readonly sent: Sent[] = [];
  readonly state: TransportState = { connections: 0, idle: 0, queued: 0 };
  saturated = false;
  closed = 0;
  /** The addresses that it was told to keep to. */
  readonly kept: ReadonlySet<string>[] = [];
  private readonly onSend: (sent: Sent) => void;

  constructor(address: string, onSend: (sent: Sent) => void) {
    this.address = address;
    this.onSend = onSend;
  }

  send(outgoing: Outgoing): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = new Sent(this.address, outgoing, { resolve, reject });
      this.sent.push(sent);
      this.onSend(sent);
    });
  }

  retire(keep: ReadonlySet<string>): void {
    this.kept.push(keep);
  }

  close(): void {
    this.closed += 1;
  }
}
