import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import type { StatusRange } from './config.ts';
import { CLOSED, reasonOf } from './reason.ts';

/** So much of a body is read, to see that it does not break off; more of it says nothing new. In bytes. */
const ENOUGH_BODY = 64 * 1024;

export interface HttpQuestion {
  readonly path: string;
  readonly host: string;
  readonly expected: StatusRange;
}

/**
 * Asks over a connection that stands. Redirects are answers like others.
 * @param told called once or more; the first time counts. The caller closes the connection then.
 */
export async function askHttp(socket: Socket, { path, host, expected }: HttpQuestion, told: (problem?: string) => void) {
  // Loaded by the first probe, so that a gateway without any is not held up by it.
  const { Client } = await import('undici');
  // The socket speaks TLS already where it has to: for the client it is plain, whatever it is.
  const client = new Client('http://upstream', {
    connect: (_options, done) => process.nextTick(() => (socket.destroyed ? done(new Error(CLOSED), null) : done(null, socket))),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  // With its connection the client has nothing left that would need to be closed.
  socket.once('close', () => client.destroy().catch(() => {}));
  const headers = { host, 'user-agent': 'sluice-health', accept: '*/*' };
  client.dispatch({ method: 'GET', path, headers, reset: true }, new Answer(expected, told));
}

class Answer implements Dispatcher.DispatchHandler {
  private readonly expected: StatusRange;
  private readonly told: (problem?: string) => void;
  private size = 0;

  constructor(expected: StatusRange, told: (problem?: string) => void) {
    this.expected = expected;
    this.told = told;
  }

  /** undici takes no handler without one. */
  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    const { from, to } = this.expected;
    // The answer is still to come.
    if (status < 200) return;
    if (status < from || status > to) this.told(`status ${status}, expected ${from === to ? from : `${from}-${to}`}`);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size >= ENOUGH_BODY) this.told();
  }

  onResponseEnd(): void {
    this.told();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.told(reasonOf(error));
  }
}
