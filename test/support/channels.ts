import { EMPTY } from '../../src/http/body.ts';
import type { GatewayError } from '../../src/http/errors.ts';
import type { Headers } from '../../src/http/headers.ts';
import { isSource, type Reply } from '../../src/http/reply.ts';
import { Wheel } from '../../src/lib/wheel.ts';
import { Channel } from '../../src/wire/channel.ts';
import type { ChannelKeeper, ChannelRequest, ChannelTools, ChannelUser } from '../../src/wire/channel-ports.ts';
import type { DialOptions } from '../../src/wire/dial.ts';
import { ReadBuffers } from '../../src/wire/read-buffer.ts';
import { ReplyHeadParser } from '../../src/wire/reply-head.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordingSink } from './recording-sink.ts';
import { Changes } from './signals.ts';

/** Waits until something holds, at most 5 s. */
export async function eventually(changes: Changes, holds: () => boolean, what: string): Promise<void> {
  if (!(await changes.until(holds, 5000))) throw new Error(`waited in vain for ${what}`);
}

export function toolsOf(clock = new ManualClock()): ChannelTools & { readonly clock: ManualClock } {
  const parser = new ReplyHeadParser({ headerBytes: 4096, headerCount: 20 });
  return { clock, wheel: new Wheel(clock), parser, buffers: new ReadBuffers() };
}

export function dialing(port: number, options: Partial<DialOptions> = {}): DialOptions {
  return {
    host: '127.0.0.1',
    port,
    connectTimeout: 1000,
    readTimeout: 2000,
    writeTimeout: 3000,
    keepAlive: undefined,
    tls: undefined,
    ...options,
  };
}

export function requestOf(given: Partial<ChannelRequest> = {}): ChannelRequest {
  return { head: 'GET / HTTP/1.1\r\nHost: a\r\n', isHead: false, upgrade: undefined, body: EMPTY, ...given };
}

/** Sent a request, and remembers what it was told. */
export class Caller implements ChannelUser {
  readonly interim: [number, Headers][] = [];
  readonly replies: Reply[] = [];
  readonly failures: { error: GatewayError; unanswered: boolean }[] = [];
  /** Called with the reply, before anything else happens on the channel. */
  onReply: ((reply: Reply) => void) | undefined;
  private readonly changes = new Changes();

  informed(status: number, headers: Headers): void {
    this.interim.push([status, headers]);
    this.changes.changed();
  }

  replied(reply: Reply): void {
    this.replies.push(reply);
    this.onReply?.(reply);
    this.changes.changed();
  }

  failed(error: GatewayError, unanswered: boolean): void {
    this.failures.push({ error, unanswered });
    this.changes.changed();
  }

  get told(): number {
    return this.replies.length + this.failures.length;
  }

  async reply(): Promise<Reply> {
    await eventually(this.changes, () => this.told > 0, 'a reply');
    if (this.replies[0] === undefined) throw new Error(`failed instead: ${this.failures[0]?.error.code}`);
    return this.replies[0];
  }

  async failure(): Promise<{ code: string; unanswered: boolean }> {
    await eventually(this.changes, () => this.told > 0, 'a failure');
    const failure = this.failures[0];
    if (failure === undefined) throw new Error('got a reply instead');
    return { code: failure.error.code, unanswered: failure.unanswered };
  }

  informedOf(count: number): Promise<void> {
    return eventually(this.changes, () => this.interim.length >= count, 'interim replies');
  }
}

/** A channel and everything around it, in a test's hand. */
export class ChannelRig implements ChannelKeeper {
  readonly tools = toolsOf();
  readonly clock = this.tools.clock;
  readonly channel: Channel;
  frees = 0;
  closes = 0;
  private readonly changes = new Changes();

  constructor(options: DialOptions) {
    this.channel = new Channel(options, this.tools, this);
  }

  free(): void {
    this.frees += 1;
    this.changes.changed();
  }

  closed(): void {
    this.closes += 1;
    this.changes.changed();
  }

  send(request: Partial<ChannelRequest> = {}): Caller {
    const caller = new Caller();
    this.channel.send(requestOf(request), caller);
    return caller;
  }

  freed(count = 1): Promise<void> {
    return eventually(this.changes, () => this.frees >= count, 'a free channel');
  }

  ended(): Promise<void> {
    return eventually(this.changes, () => this.closes > 0, 'a closed channel');
  }
}

/** All of a reply's body, whatever it is. */
export async function bodyOf(reply: Reply): Promise<string> {
  const { body } = reply;
  if (body === undefined) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString('latin1');
  if (!isSource(body)) throw new Error('a tunnel');
  const sink = new RecordingSink();
  body.pipe(sink);
  await sink.ended();
  if (sink.error !== undefined) throw sink.error;
  return sink.text;
}

/** Lets what is ready in the event loop happen: for showing that nothing does. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  // What the kernel passes between our own sockets may take it a moment on a busy machine.
  if (count >= 20) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Looks again every turn of the event loop until something holds, at most 5 s. */
export async function soon(holds: () => boolean): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > 5000) throw new Error(`waited in vain for ${holds}`);
    await turns(1);
  }
}
