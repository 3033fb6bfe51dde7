import { type RawData, WebSocket } from 'ws';
import { Changes } from './signals.ts';

/** What an end of a connection has seen, by the library's own reading of the protocol. */
export class End {
  readonly socket: WebSocket;
  readonly messages: { readonly data: Buffer; readonly binary: boolean }[] = [];
  readonly pings: string[] = [];
  readonly pongs: string[] = [];
  readonly errors: string[] = [];
  /** Code and reason, once it is closed. */
  closed: readonly [code: number, reason: string] | undefined;
  /** Status of a reply that was no 101. */
  status: number | undefined;
  private readonly changes = new Changes();

  constructor(socket: WebSocket) {
    this.socket = socket;
    const noted = (note: () => void) => {
      note();
      this.changes.changed();
    };
    socket.on('open', () => noted(() => {}));
    socket.on('message', (data: RawData, binary) => noted(() => this.messages.push({ data: data as Buffer, binary })));
    socket.on('ping', (data) => noted(() => this.pings.push(data.toString())));
    socket.on('pong', (data) => noted(() => this.pongs.push(data.toString())));
    socket.on('error', (error) => noted(() => this.errors.push(error.message)));
    socket.on('unexpected-response', (request, { statusCode }) =>
      noted(() => {
        this.status = statusCode;
        request.destroy();
      }),
    );
    socket.on('close', (code, reason) =>
      noted(() => {
        this.closed = [code, reason.toString()];
      }),
    );
  }

  get texts(): string[] {
    return this.messages.map(({ data }) => data.toString());
  }

  /** Waits until something holds, at most 10 s. */
  async until(holds: (end: this) => boolean): Promise<this> {
    if (await this.changes.until(() => holds(this), 10_000)) return this;
    throw new Error(`${this.texts.length} messages, closed: ${this.closed}, errors: ${this.errors}, status: ${this.status}`);
  }

  opened(): Promise<this> {
    return this.until(({ socket, status }) => socket.readyState === WebSocket.OPEN || status !== undefined);
  }

  gone(): Promise<this> {
    return this.until(({ closed }) => closed !== undefined);
  }
}
