import { createServer, type Server, type Socket } from 'node:net';
import { Changes, type Signals, sleep } from './signals.ts';
import { declaredFraming, type Framing, type Message, MessageReader, TOKEN } from './strict-http.ts';

/**
 * What the origin does with a request, from the moment its head is there: sends bytes, pauses, waits (for the whole
 * request, for a signal of the client's side, for bytes in the tunnel), or ends the connection in one of three ways.
 */
export type OriginStep =
  | string
  | Uint8Array
  | { readonly pause: number }
  | { readonly wait: string }
  | { readonly signal: string }
  | { readonly repeat: number; readonly bytes: string | Uint8Array }
  | { readonly echoing: true }
  | { readonly do: 'read body' | 'tunnel' | 'close' | 'half-close' | 'reset' | 'stop reading' | 'read on' };

export type OriginScript = readonly OriginStep[];

const OK_REPLY = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const DEFAULT_SCRIPT: OriginScript = [{ do: 'read body' }, OK_REPLY];

/** One request as it came, with everything that was wrong with it. */
export interface Seen {
  /** Which connection, numbered from 1 over the life of the origin. */
  readonly connection: number;
  readonly method: string;
  readonly target: string;
  readonly message: Message;
  /** What came after the origin had said 101. */
  readonly tunnel: Buffer[];
  readonly violations: string[];
  /** How the gateway left the connection, if it did. */
  left: 'open' | 'ended' | 'reset';
}

// Characters of RFC 3986 and those that browsers send raw; whole triplets only.
const ORIGIN_FORM =
  /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]{}|^`\\]|%[0-9A-Fa-f]{2})*)?$/;
const HOST = /^(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;

function requestFraming(message: Message): Framing {
  const { violations } = message;
  const [method = '', target = '', version = '', ...more] = message.line.split(' ');
  if (more.length > 0 || !TOKEN.test(method)) violations.push(`not a request line: ${JSON.stringify(message.line)}`);
  if (version !== 'HTTP/1.1') violations.push(`not HTTP/1.1: ${JSON.stringify(version)}`);
  if (!ORIGIN_FORM.test(target) && !(target === '*' && method === 'OPTIONS')) violations.push(`not a target: ${target}`);
  const hosts = message.all('host');
  if (hosts.length !== 1) violations.push(`${hosts.length} Host fields`);
  if (!HOST.test(hosts[0] ?? '')) violations.push(`not a Host: ${JSON.stringify(hosts[0])}`);
  return declaredFraming(message) ?? { kind: 'none' };
}

class OriginConnection {
  readonly id: number;
  private readonly socket: Socket;
  private readonly origin: RecordingOrigin;
  private readonly reader: MessageReader;
  private current: Seen | undefined;
  private session: Session | undefined;
  private replying = false;
  private echo = false;
  private gone = false;
  private readonly changes = new Changes();

  constructor(id: number, socket: Socket, origin: RecordingOrigin) {
    this.id = id;
    this.socket = socket;
    this.origin = origin;
    this.reader = new MessageReader({
      head: (message) => this.head(message),
      done: () => this.noticed(),
      broken: (message) => this.broken(message),
      tunnel: (bytes) => this.tunnelled(bytes),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.reader.feed(bytes));
    socket.on('end', () => this.leave('ended'));
    socket.on('error', () => this.leave('reset'));
    socket.on('close', () => this.leave('reset'));
  }

  get idle(): boolean {
    return !this.replying && !this.reader.midway && !this.gone;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private noticed(): void {
    this.changes.changed();
    this.session?.changes.changed();
  }

  private broken(message: Message): void {
    if (!message.headDone) this.origin.session.strayViolations.push(...message.violations);
    this.noticed();
    this.origin.session.changes.changed();
  }

  private tunnelled(bytes: Buffer): void {
    this.current?.tunnel.push(bytes);
    if (this.echo) this.socket.write(bytes);
    this.noticed();
  }

  private head(message: Message): Framing {
    const framing = requestFraming(message);
    const [method = '', target = ''] = message.line.split(' ');
    if (this.replying) message.violations.push('a request before the reply to the last one');
    const session = this.origin.session;
    this.session = session;
    this.current = { connection: this.id, method, target, message, tunnel: [], violations: message.violations, left: 'open' };
    const script = session.scripts[session.requests.length] ?? DEFAULT_SCRIPT;
    session.requests.push(this.current);
    this.replying = true;
    void this.play(script, message);
    session.changes.changed();
    return framing;
  }

  private leave(how: 'ended' | 'reset'): void {
    if (this.gone) return;
    if (this.current !== undefined && this.current.left === 'open') this.current.left = how;
    if (how === 'reset') this.gone = true;
    this.reader.end();
    // A tunnel or a reply in progress may outlive the gateway's half; an idle connection has no reason to.
    if (!this.replying) this.socket.end();
    this.noticed();
  }

  private async play(script: OriginScript, message: Message): Promise<void> {
    // The reader is still in the middle of this head: nothing may change under it.
    await Promise.resolve();
    for (const step of script) {
      if (this.gone) return;
      if (typeof step === 'string') await this.write(Buffer.from(step, 'latin1'));
      else if (step instanceof Uint8Array) await this.write(step);
      else await this.act(step, message);
    }
    this.replying = false;
    if (this.current?.left === 'ended') this.socket.end();
  }

  private async act(step: Exclude<OriginStep, string | Uint8Array>, message: Message): Promise<void> {
    const signals = this.session?.signals as Signals;
    if ('pause' in step) await sleep(step.pause);
    else if ('signal' in step) signals.raise(step.signal);
    else if ('wait' in step) await signals.wait(step.wait);
    else if ('echoing' in step) this.echo = true;
    else if ('repeat' in step) {
      const bytes = typeof step.bytes === 'string' ? Buffer.from(step.bytes, 'latin1') : step.bytes;
      for (let count = 0; count < step.repeat && !this.gone; count += 1) {
        await this.write(bytes);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } else if (step.do === 'read body')
      await this.changes.until(() => message.complete || this.gone || this.current?.left !== 'open', 10_000);
    else if (step.do === 'tunnel') this.reader.switchToTunnel();
    else if (step.do === 'close') this.socket.destroySoon();
    else if (step.do === 'half-close') this.socket.end();
    else if (step.do === 'reset') this.socket.resetAndDestroy();
    else if (step.do === 'stop reading') this.socket.pause();
    else this.socket.resume();
  }

  private write(bytes: Uint8Array): Promise<void> {
    if (this.gone || !this.socket.writable) return Promise.resolve();
    if (this.session !== undefined) this.session.bytesWritten += bytes.length;
    if (this.socket.write(bytes)) return Promise.resolve();
    return this.changesOf('drain');
  }

  private changesOf(event: 'drain'): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off(event, done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on(event, done);
      this.socket.on('close', done);
    });
  }
}

/** What the origin saw in the course of one test. */
export class Session {
  readonly requests: Seen[] = [];
  /** Wrong bytes that did not even make a request. */
  readonly strayViolations: string[] = [];
  readonly changes = new Changes();
  readonly scripts: readonly OriginScript[];
  readonly signals: Signals;
  connections = 0;
  bytesWritten = 0;

  constructor(scripts: readonly OriginScript[], signals: Signals) {
    this.scripts = scripts;
    this.signals = signals;
  }

  get violations(): string[] {
    return [...this.strayViolations, ...this.requests.flatMap((each) => each.violations)];
  }
}

/** A strict HTTP/1.1 origin on sockets of its own: records exactly what arrives and answers as it is told. */
export class RecordingOrigin {
  session: Session;
  private readonly server: Server;
  private readonly connections = new Set<OriginConnection>();
  private count = 0;

  private constructor(signals: Signals) {
    this.session = new Session([], signals);
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket));
  }

  static async start(signals: Signals): Promise<RecordingOrigin> {
    const origin = new RecordingOrigin(signals);
    await new Promise<void>((resolve) => origin.server.listen(0, '127.0.0.1', resolve));
    return origin;
  }

  get address(): string {
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the origin is not listening');
    return `127.0.0.1:${bound.port}`;
  }

  private accept(socket: Socket): void {
    this.count += 1;
    this.session.connections += 1;
    const connection = new OriginConnection(this.count, socket, this);
    this.connections.add(connection);
    socket.on('close', () => this.connections.delete(connection));
  }

  /** A new test begins: idle connections stay for it to use, those still at work are cut. */
  begin(scripts: readonly OriginScript[], signals: Signals): Session {
    for (const connection of this.connections) if (!connection.idle) connection.destroy();
    this.session = new Session(scripts, signals);
    return this.session;
  }

  /** Closes every connection, idle or not. */
  cutAll(): void {
    for (const connection of this.connections) connection.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
