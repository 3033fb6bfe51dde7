/**
 * A strict reader of HTTP/1.1 messages for tests. It shares no line with src/: origin and client read with it what the
 * gateway wrote, and the two can only agree by both being right. What breaks a rule is recorded, in words.
 */
export type Field = readonly [name: string, value: string];

export type Framing =
  | { readonly kind: 'none' | 'chunked' | 'close' | 'tunnel' }
  | { readonly kind: 'length'; readonly length: number };

export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** RFC 9112 §7.1.1, without the whitespace that it calls bad. */
const CHUNK_LINE =
  /^([0-9a-fA-F]{1,16})((?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*"))?)*)$/;
const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
/** RFC 9110 §6.5.1: fields that decide about framing, routing or the connection mean nothing after the body. */
const NOT_IN_TRAILERS = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'trailer',
  'te',
  'upgrade',
  'expect',
]);

export class Message {
  line = '';
  fields: Field[] = [];
  trailers: Field[] = [];
  violations: string[] = [];
  headDone = false;
  complete = false;
  framing: Framing = { kind: 'none' };
  readonly parts: Buffer[] = [];
  readonly rawParts: Buffer[] = [];
  size = 0;

  get body(): Buffer {
    return Buffer.concat(this.parts);
  }

  /** Every byte of the message as it came. */
  get raw(): Buffer {
    return Buffer.concat(this.rawParts);
  }

  /** The values of all lines with this name, in order. */
  all(name: string): string[] {
    return this.fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }

  get(name: string): string | undefined {
    const values = this.all(name);
    return values.length === 0 ? undefined : values.join(', ');
  }
}

function parseField(line: string, where: string, violations: string[]): Field | undefined {
  if (line.startsWith(' ') || line.startsWith('\t')) {
    violations.push(`${where}: a folded or indented line`);
    return undefined;
  }
  const colon = line.indexOf(':');
  if (colon < 0) {
    violations.push(`${where}: a line without a colon: ${JSON.stringify(line)}`);
    return undefined;
  }
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  if (!TOKEN.test(name)) violations.push(`${where}: not a field name: ${JSON.stringify(name)}`);
  if (NOT_A_VALUE.test(value)) violations.push(`${where}: a control character in ${name}`);
  return [name, value];
}

/** What Content-Length and Transfer-Encoding say together (RFC 9112 §6); undefined where they say nothing. */
export function declaredFraming(message: Message): Framing | undefined {
  const lengths = message.all('content-length');
  const codings = message.all('transfer-encoding');
  const { violations } = message;
  if (lengths.length > 1) violations.push('more than one Content-Length');
  if (codings.length > 1) violations.push('more than one Transfer-Encoding');
  if (lengths.length > 0 && codings.length > 0) violations.push('Content-Length beside Transfer-Encoding');
  if (codings.length > 0) {
    if (codings[0]?.toLowerCase() !== 'chunked') violations.push(`Transfer-Encoding is not chunked: ${codings[0]}`);
    return { kind: 'chunked' };
  }
  const length = lengths[0];
  if (length === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(length)) {
    violations.push(`not a Content-Length: ${JSON.stringify(length)}`);
    return { kind: 'none' };
  }
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', length: Number(length) };
}

type State = 'head' | 'length' | 'size' | 'data' | 'data-end' | 'trailers' | 'close' | 'tunnel' | 'broken';

export interface Listener {
  /** The head is there: says how the body is framed, and may add violations. */
  head(message: Message): Framing;
  done(message: Message): void;
  broken(message: Message): void;
  tunnel(bytes: Buffer): void;
}

/** Reads one message after another from the bytes of a connection. */
export class MessageReader {
  message = new Message();
  private state: State = 'head';
  private pending: Buffer = Buffer.alloc(0);
  private left = 0;
  private readonly listener: Listener;

  constructor(listener: Listener) {
    this.listener = listener;
  }

  /** Whether a message has begun and is not whole. */
  get midway(): boolean {
    return this.state === 'broken' || this.state !== 'head' || this.pending.length > 0;
  }

  feed(bytes: Buffer): void {
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    while (this.step());
  }

  /** The other side said that it sends no more. */
  end(): void {
    if (this.state === 'close') this.finish();
  }

  /** From now on the bytes are no HTTP. */
  switchToTunnel(): void {
    this.state = 'tunnel';
    while (this.step());
  }

  private take(count: number): Buffer {
    const taken = this.pending.subarray(0, count);
    this.pending = this.pending.subarray(count);
    if (this.state !== 'tunnel') this.message.rawParts.push(taken);
    return taken;
  }

  private fault(text: string): false {
    this.message.violations.push(text);
    this.message.rawParts.push(this.pending);
    this.pending = Buffer.alloc(0);
    this.state = 'broken';
    this.listener.broken(this.message);
    return false;
  }

  private step(): boolean {
    if (this.pending.length === 0) return false;
    switch (this.state) {
      case 'head':
        return this.head();
      case 'length':
      case 'data':
        return this.counted();
      case 'size':
        return this.size();
      case 'data-end':
        if (this.pending.length < 2) return false;
        if (!this.take(2).equals(CRLF)) return this.fault('chunk data does not end where its size says');
        this.state = 'size';
        return true;
      case 'trailers':
        return this.trailer();
      case 'close':
        this.keep(this.take(this.pending.length));
        return false;
      case 'tunnel':
        this.listener.tunnel(this.take(this.pending.length));
        return false;
      case 'broken':
        this.take(this.pending.length);
        return false;
    }
  }

  private keep(bytes: Buffer): void {
    this.message.parts.push(bytes);
    this.message.size += bytes.length;
  }

  private counted(): boolean {
    const bytes = this.take(Math.min(this.left, this.pending.length));
    this.left -= bytes.length;
    this.keep(bytes);
    if (this.left > 0) return false;
    if (this.state === 'length') this.finish();
    else this.state = 'data-end';
    return true;
  }

  /** One line without its CRLF; undefined when it is not whole, or broken. */
  private takeLine(): string | undefined {
    const newline = this.pending.indexOf(10);
    if (newline < 0) {
      if (this.pending.length > 65_536) this.fault('a line without end');
      return undefined;
    }
    if (newline === 0 || this.pending[newline - 1] !== 13) {
      this.fault('a bare LF');
      return undefined;
    }
    return this.take(newline + 1)
      .toString('latin1')
      .slice(0, -2);
  }

  private head(): boolean {
    const end = this.pending.indexOf(HEAD_END);
    const seen = end < 0 ? this.pending : this.pending.subarray(0, end + 4);
    for (let at = seen.indexOf(10); at >= 0; at = seen.indexOf(10, at + 1)) {
      if (at === 0 || seen[at - 1] !== 13) return this.fault('a bare LF in the head');
    }
    if (seen.length > 1 && seen[0] === 13 && seen[1] === 10) return this.fault('an empty line before the message');
    if (end < 0) return this.pending.length > 131_072 ? this.fault('a head without end') : false;
    const { message } = this;
    const [line, ...rest] = this.take(end + 4)
      .toString('latin1')
      .slice(0, -4)
      .split('\r\n');
    message.line = line as string;
    if (NOT_A_VALUE.test(message.line)) message.violations.push('a control character in the start line');
    for (const each of rest) {
      const field = parseField(each, 'head', message.violations);
      if (field !== undefined) message.fields.push(field);
    }
    message.headDone = true;
    message.framing = this.listener.head(message);
    if (message.violations.length > 0) return this.fault('the rest is not read');
    return this.enterBody(message.framing);
  }

  private enterBody(framing: Framing): boolean {
    if (framing.kind === 'none') this.finish();
    else if (framing.kind === 'chunked') this.state = 'size';
    else this.state = framing.kind;
    if (framing.kind === 'length') this.left = framing.length;
    return true;
  }

  private size(): boolean {
    const line = this.takeLine();
    if (line === undefined) return false;
    const match = CHUNK_LINE.exec(line);
    if (match === null || NOT_A_VALUE.test(line)) return this.fault(`not a chunk size line: ${JSON.stringify(line)}`);
    this.left = Number.parseInt(match[1] as string, 16);
    if (!Number.isSafeInteger(this.left)) return this.fault('a chunk size beyond counting');
    this.state = this.left === 0 ? 'trailers' : 'data';
    return true;
  }

  private trailer(): boolean {
    const line = this.takeLine();
    if (line === undefined) return false;
    if (line === '') {
      this.finish();
      return true;
    }
    const { message } = this;
    const field = parseField(line, 'trailers', message.violations);
    if (field !== undefined) message.trailers.push(field);
    const name = field?.[0].toLowerCase() ?? '';
    if (NOT_IN_TRAILERS.has(name)) message.violations.push(`${name} in the trailers`);
    return message.violations.length === 0 || this.fault('the rest is not read');
  }

  private finish(): void {
    const { message } = this;
    message.complete = true;
    this.message = new Message();
    this.state = 'head';
    this.listener.done(message);
  }
}
