import { createServer, type Server, type Socket } from 'node:net';
import { cut, turn } from '../engines/pieces.ts';
import { declaredFraming, type Framing, type Message, MessageReader } from '../strict-http.ts';
import type { Answer } from './scenario.ts';
import { belongs, pattern, tokenOf } from './token.ts';

const EXTRA: Partial<Record<Answer['end'], string>> = {
  'another reply': 'HTTP/1.1 200 OK\r\nX-Token: foreign\r\nContent-Length: 7\r\n\r\nforeign',
  garbage: '\0foreign\r\n\r\n',
};
/** A reply with bytes behind it leaves in one write, and must arrive in one read: only then are they surely too many. */
const ONE_READ = 16_000;

function fields(all: readonly (string | false)[]): string {
  return `${all.filter((each) => each !== false).join('\r\n')}\r\n\r\n`;
}

/** The whole reply, and where the connection's end is the body's. */
function replyText(answer: Answer, token: string, method: string): { text: string; untilClose: boolean } {
  const { status, framing, trailers } = answer;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  const size = EXTRA[answer.end] === undefined ? answer.size : Math.min(answer.size, ONE_READ);
  const untilClose = !bodiless && framing === 'close';
  // A body that ends with the connection ends wherever it is closed: nobody can tell.
  const counted = !bodiless && !(untilClose && answer.share < 1);
  const head = fields([
    `HTTP/1.1 ${status} X`,
    `X-Token: ${token}`,
    counted && `X-Size: ${size}`,
    framing === 'length' && status !== 204 && `Content-Length: ${size}`,
    framing === 'chunked' && status !== 204 && 'Transfer-Encoding: chunked',
    ...answer.fields,
  ]);
  if (bodiless) return { text: head, untilClose };
  const body = pattern(token, size);
  if (framing !== 'chunked') return { text: head + body, untilClose };
  const chunks = cut(Buffer.from(body), answer.places).map((bytes) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`);
  return { text: `${head}${chunks.join('')}0\r\n${trailers ? `X-Token: ${token}\r\n` : ''}\r\n`, untilClose };
}

class EchoConnection {
  private readonly socket: Socket;
  private readonly origin: EchoOrigin;
  private readonly reader: MessageReader;
  private token = '';
  private gone = false;
  private answering = false;
  private doubtful = false;

  constructor(socket: Socket, origin: EchoOrigin) {
    this.socket = socket;
    this.origin = origin;
    this.reader = new MessageReader({
      head: (message) => this.head(message),
      done: (message) => this.check(message),
      broken: (message) => this.fault(message.violations.join(', ')),
      tunnel: (bytes) => this.tunnelled(bytes),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.reader.feed(bytes));
    socket.on('end', () => socket.end());
    socket.on('error', () => this.leave());
    socket.on('close', () => this.leave());
  }

  private leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.check(this.reader.message);
    this.origin.left(this);
  }

  destroy(): void {
    this.socket.destroy();
    this.leave();
  }

  private fault(text: string): void {
    this.origin.faults.push(`at the origin, ${this.token}: ${text}`);
  }

  private head(message: Message): Framing {
    const [method = '', target = ''] = message.line.split(' ');
    const token = tokenOf(target);
    if (this.answering) this.fault('a request before the reply to the last one');
    if (this.doubtful) this.fault('a request on a connection that cannot be trusted any more');
    if (token === undefined || message.get('x-token') !== token) this.fault(`a request that nobody made: ${message.line}`);
    this.token = token ?? '';
    const before = this.origin.seen.get(this.token);
    if (before !== undefined && method === 'POST') this.fault('a POST that was sent twice');
    if (before?.answered === true) this.fault('a request that was sent again although an answer had begun');
    this.origin.seen.set(this.token, { answered: false });
    this.answering = true;
    void this.play(this.origin.next(), message, method);
    return declaredFraming(message) ?? { kind: 'none' };
  }

  /** Every byte of a body must be of its own request, whole or not. */
  private check(message: Message): void {
    if (!belongs(message.body.toString('latin1'), this.token)) this.fault('a foreign body');
    if (message.trailers.some(([, value]) => value !== this.token)) this.fault('foreign trailers');
  }

  private tunnelled(bytes: Buffer): void {
    if (!this.gone) this.socket.write(bytes);
  }

  private async play(answer: Answer, message: Message, method: string): Promise<void> {
    const { token } = this;
    // The reader is in the middle of this head.
    await Promise.resolve();
    const { reads } = answer;
    if (reads === 'never' || reads === 'late') this.socket.pause();
    for (let count = 0; count < answer.turns; count += 1) await turn();
    if (reads === 'late') this.socket.resume();
    for (let count = 0; count < answer.interim; count += 1) this.write(`HTTP/1.1 103 Early Hints\r\nX-Token: ${token}\r\n\r\n`);
    if (reads === 'first' || reads === 'late') while (!message.complete && !this.gone) await turn();
    if (message.get('upgrade') === 'echo' && answer.framing === 'close') await this.tunnel(answer, token);
    else await this.reply(answer, token, method);
    // The gateway may have been quicker: what follows is then for the next answer to decide.
    if (this.token === token) this.finish(answer);
  }

  private async tunnel({ turns, end }: Answer, token: string): Promise<void> {
    this.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\nX-Token: ${token}\r\n\r\n`);
    this.reader.switchToTunnel();
    this.socket.resume();
    for (let count = 0; (end === 'stay' || count < 4 * turns) && !this.gone; count += 1) await turn();
  }

  private async reply(answer: Answer, token: string, method: string): Promise<void> {
    const { text, untilClose } = replyText(answer, token, method);
    const extra = answer.share === 1 && !untilClose ? EXTRA[answer.end] : undefined;
    if (extra !== undefined) {
      this.answering = false;
      this.doubtful = true;
      this.write(text + extra);
      return;
    }
    const bytes = Buffer.from(text, 'latin1');
    const sent = bytes.subarray(0, Math.ceil(bytes.length * answer.share));
    const pieces = cut(sent, answer.places);
    for (const [at, piece] of pieces.entries()) {
      // From its last piece on the gateway may send the next request.
      if (sent.length === bytes.length && at === pieces.length - 1) this.answering = false;
      this.write(piece);
      await turn();
    }
    if (untilClose && answer.end !== 'reset' && answer.end !== 'stall') this.socket.end();
  }

  private write(bytes: string | Uint8Array): void {
    if (this.gone || !this.socket.writable) return;
    this.origin.seen.set(this.token, { answered: true });
    this.socket.write(bytes);
  }

  private finish({ end }: Answer): void {
    if (this.gone) return;
    if (end === 'close') this.socket.destroySoon();
    else if (end === 'half-close') this.socket.end();
    else if (end === 'reset') this.socket.resetAndDestroy();
    this.socket.resume();
  }
}

/** An origin that gives each request its token back, and otherwise behaves as its script says. */
export class EchoOrigin {
  /** What it got that it should not have got. */
  readonly faults: string[] = [];
  /** By token: whether a byte of an answer was sent. */
  readonly seen = new Map<string, { readonly answered: boolean }>();
  private readonly answers: readonly Answer[];
  private readonly server: Server;
  private readonly connections = new Set<EchoConnection>();
  private count = 0;

  constructor(answers: readonly Answer[]) {
    this.answers = answers;
    this.server = createServer({ allowHalfOpen: true }, (socket) => void this.connections.add(new EchoConnection(socket, this)));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the origin is not listening');
    return `127.0.0.1:${bound.port}`;
  }

  next(): Answer {
    return this.answers[this.count++ % this.answers.length] as Answer;
  }

  left(connection: EchoConnection): void {
    this.connections.delete(connection);
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
