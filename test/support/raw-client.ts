import { connect, type Socket } from 'node:net';
import { Changes } from './signals.ts';
import { declaredFraming, type Framing, type Message, MessageReader } from './strict-http.ts';

/** What the client asked, as far as the reading of its reply depends on it (RFC 9112 §6.3). */
export interface Asked {
  readonly method: string;
  readonly minor: 0 | 1;
}

export interface RawReply {
  readonly status: number;
  readonly message: Message;
  /** The interim replies that came before it. */
  readonly interim: readonly { readonly status: number; readonly message: Message }[];
  /** Milliseconds from connecting to the end of the head. */
  readonly at: number;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5][0-9][0-9]) [\t\x20-\x7e\x80-\xff]*$/;
const DEFAULT_ASKED: Asked = { method: 'GET', minor: 1 };

/** A client on a bare socket: sends what it is told and reads the replies strictly. */
export class RawClient {
  readonly replies: RawReply[] = [];
  /** How the gateway ended the connection, if it did. */
  ended: 'open' | 'ended' | 'reset' = 'open';
  endedAt = 0;
  readonly tunnel: Buffer[] = [];
  readonly violations: string[] = [];
  readonly changes = new Changes();
  private readonly socket: Socket;
  private readonly reader: MessageReader;
  private readonly asked: Asked[];
  private readonly startedAt = performance.now();
  private finals = 0;
  private interim: { status: number; message: Message }[] = [];

  private constructor(socket: Socket, asked: readonly Asked[]) {
    this.socket = socket;
    this.asked = [...asked];
    this.reader = new MessageReader({
      head: (message) => this.head(message),
      done: () => this.changes.changed(),
      broken: (message) => {
        if (!this.replies.some((each) => each.message === message)) this.violations.push(...message.violations);
        this.changes.changed();
      },
      tunnel: (bytes) => {
        this.tunnel.push(bytes);
        this.changes.changed();
      },
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      this.reader.feed(bytes);
      this.changes.changed();
    });
    socket.on('end', () => this.end('ended'));
    socket.on('error', () => this.end('reset'));
    socket.on('close', () => this.end('reset'));
  }

  /** @param asked what is asked, request by request; those beyond the list are GET by HTTP/1.1 */
  static connect(address: string, asked: readonly Asked[] = []): Promise<RawClient> {
    const colon = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), allowHalfOpen: true });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket, asked));
      });
    });
  }

  private elapsed(): number {
    return performance.now() - this.startedAt;
  }

  private end(how: 'ended' | 'reset'): void {
    if (this.ended !== 'open') return;
    this.ended = how;
    this.endedAt = this.elapsed();
    // A close-delimited body is whole only when the gateway ended the connection in order (RFC 9112 §8).
    if (how === 'ended') this.reader.end();
    this.changes.changed();
  }

  private head(message: Message): Framing {
    const match = STATUS_LINE.exec(message.line);
    if (match === null) {
      message.violations.push(`not a status line: ${JSON.stringify(message.line)}`);
      return { kind: 'none' };
    }
    const status = Number(match[1]);
    const asked = this.asked[this.finals] ?? DEFAULT_ASKED;
    const framing = replyFraming(message, status, asked);
    if (status < 200 && status !== 101) {
      this.interim.push({ status, message });
    } else {
      this.replies.push({ status, message, interim: this.interim, at: this.elapsed() });
      this.interim = [];
      this.finals += 1;
    }
    this.changes.changed();
    return framing;
  }

  /** Interim replies whose final one has not come. */
  get openInterim(): readonly { readonly status: number }[] {
    return this.interim;
  }

  /** Replies that are whole. */
  get whole(): number {
    return this.replies.filter((each) => each.message.complete).length;
  }

  /** Bytes that have begun a reply which has no head yet. */
  get halfHead(): boolean {
    return this.reader.midway && !this.reader.message.headDone;
  }

  send(bytes: string | Uint8Array): Promise<void> {
    if (!this.socket.writable) return Promise.resolve();
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    // The callback also runs when the write fails: the gateway may have closed, which the case judges by `ended`.
    return new Promise((resolve) => this.socket.write(buffer, () => resolve()));
  }

  halfClose(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  stopReading(): void {
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.destroy();
  }

  until(holds: () => boolean, ms: number): Promise<boolean> {
    return this.changes.until(holds, ms);
  }
}

function replyFraming(message: Message, status: number, asked: Asked): Framing {
  const declared = declaredFraming(message);
  const { violations } = message;
  const coded = message.get('transfer-encoding') !== undefined;
  if (status < 200 || status === 204) {
    if (coded) violations.push(`Transfer-Encoding on ${status}`);
    if (message.get('content-length') !== undefined) violations.push(`Content-Length on ${status}`);
  }
  if (coded && asked.minor === 0) violations.push('Transfer-Encoding to an HTTP/1.0 client');
  if (status < 200 && status !== 101 && asked.minor === 0) violations.push(`${status} to an HTTP/1.0 client`);
  if (status === 101) return { kind: 'tunnel' };
  if (status < 200 || status === 204 || status === 304 || asked.method === 'HEAD') return { kind: 'none' };
  return declared ?? { kind: 'close' };
}
