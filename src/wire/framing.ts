import { fieldId, LAST_ENGINE_ID } from '../http/field-names.ts';

const HOST = fieldId('host');
const CONNECTION = fieldId('connection');
const CONTENT_LENGTH = fieldId('content-length');
const TRANSFER_ENCODING = fieldId('transfer-encoding');
const TRAILER = fieldId('trailer');
const UPGRADE = fieldId('upgrade');
const EXPECT = fieldId('expect');
const KEEP_ALIVE = fieldId('keep-alive');
const MAX_FORWARDS = fieldId('max-forwards');
const REMOVED = -1;
const STRIDE = 5;
/** More options than this in one `Connection` field list are an attack on whoever compares them with the fields. */
const MAX_OPTIONS = 32;

/**
 * Goes over the fields the parser found and decides what they mean for the connection: how the body is framed,
 * whether the connection stays, what is asked for. Marks hop-by-hop fields removed (RFC 9110 §7.6.1), those listed in
 * `Connection` too, so that nothing above the engine ever sees them. One instance serves many messages.
 */
export class Framing {
  /** Bytes of the body by `Content-Length`; −1 without one. */
  contentLength = -1;
  chunked = false;
  /** `Connection` options. */
  close = false;
  keepAlive = false;
  private upgradeListed = false;
  /** The `Upgrade` field in lower case, when `Connection` lists it. */
  upgrade: string | undefined;
  host: string | undefined;
  hostCount = 0;
  expect: string | undefined;
  maxForwards: string | undefined;
  /** The `Keep-Alive` field: `timeout=5` says how long an upstream keeps an idle connection. */
  keepAliveParams: string | undefined;
  /** Why the message is refused; empty when it is not. */
  problem = '';
  /** Its framing is known to the RFC but not to us: 501 instead of 400. */
  unimplemented = false;
  private encoding: string | undefined;
  private trailerNamed = false;

  /** @param minor of the message's HTTP version: a `Transfer-Encoding` in 1.0 makes its framing faulty */
  read(text: string, offsets: number[], minor: number): void {
    this.contentLength = -1;
    this.chunked = this.close = this.keepAlive = this.upgradeListed = this.unimplemented = this.trailerNamed = false;
    this.upgrade = this.host = this.expect = this.maxForwards = this.encoding = this.keepAliveParams = undefined;
    this.hostCount = 0;
    this.problem = '';
    let options: string[] | undefined;
    for (let at = 0; at < offsets.length; at += STRIDE) {
      const id = offsets[at + 4] as number;
      if (id === 0 || id > LAST_ENGINE_ID) continue;
      switch (id) {
        case HOST:
          this.hostCount += 1;
          this.host = value(text, offsets, at);
          break;
        case CONTENT_LENGTH:
          this.readLength(value(text, offsets, at));
          break;
        case TRANSFER_ENCODING:
          this.encoding = this.encoding === undefined ? value(text, offsets, at) : `${this.encoding},${value(text, offsets, at)}`;
          offsets[at + 4] = REMOVED;
          break;
        case CONNECTION:
          options = this.readOptions(value(text, offsets, at), options);
          offsets[at + 4] = REMOVED;
          break;
        case UPGRADE:
          this.upgrade = this.upgrade === undefined ? value(text, offsets, at) : `${this.upgrade}, ${value(text, offsets, at)}`;
          offsets[at + 4] = REMOVED;
          break;
        case EXPECT:
          this.expect = this.expect === undefined ? value(text, offsets, at) : `${this.expect}, ${value(text, offsets, at)}`;
          offsets[at + 4] = REMOVED;
          break;
        case KEEP_ALIVE:
          this.keepAliveParams = value(text, offsets, at);
          offsets[at + 4] = REMOVED;
          break;
        case MAX_FORWARDS:
          this.maxForwards = this.maxForwards === undefined ? value(text, offsets, at) : 'several';
          break;
        case TRAILER:
          this.trailerNamed = true;
          break;
        default:
          offsets[at + 4] = REMOVED;
      }
    }
    if (this.encoding !== undefined) this.readEncoding(this.encoding, minor);
    if (this.trailerNamed && !this.chunked) dropTrailerField(offsets);
    this.upgrade = this.upgradeListed ? this.upgrade?.toLowerCase() : undefined;
    if (options !== undefined) dropListed(text, offsets, options);
  }

  /** One field of digits only (RFC 9112 §6.3): a list or a second one is refused even where its values agree. */
  private readLength(text: string): void {
    if (this.contentLength >= 0) this.problem = 'more than one Content-Length';
    else if (!/^[0-9]+$/.test(text)) this.problem = 'a Content-Length that is not a number';
    else {
      this.contentLength = Number(text);
      if (this.contentLength > Number.MAX_SAFE_INTEGER) this.problem = 'a Content-Length beyond any body';
    }
  }

  private readEncoding(encoding: string, minor: number): void {
    const lower = encoding.toLowerCase();
    if (minor === 0) this.problem = 'a Transfer-Encoding in HTTP/1.0';
    else if (this.contentLength >= 0) this.problem = 'both Content-Length and Transfer-Encoding';
    else if (lower === 'chunked') this.chunked = true;
    else {
      this.problem = 'a Transfer-Encoding that is not exactly chunked';
      // Only a well-formed list of codings that we could not undo is ours to decline; anything else is an attempt to hide.
      this.unimplemented = /^[a-z][a-z0-9-]*( *, *[a-z][a-z0-9-]*)*$/.test(lower) && !/chunked *,|^identity/.test(lower);
    }
  }

  private readOptions(list: string, options: string[] | undefined): string[] | undefined {
    // Nearly always exactly one of these.
    if (list === 'keep-alive') this.keepAlive = true;
    else if (list === 'close') this.close = true;
    else {
      const parts = list.toLowerCase().split(',', MAX_OPTIONS + 1);
      // Empty ones count too: an option behind those that were cut off would not be seen.
      if (parts.length > MAX_OPTIONS) this.problem = 'too many connection options';
      for (const part of parts) {
        const option = part.trim();
        if (option === 'close') this.close = true;
        else if (option === 'keep-alive') this.keepAlive = true;
        else if (option === 'upgrade') this.upgradeListed = true;
        else if (option !== '') {
          options = options ?? [];
          options.push(option);
          if (options.length > MAX_OPTIONS) this.problem = 'too many connection options';
        }
      }
    }
    return options;
  }
}

function value(text: string, offsets: number[], at: number): string {
  return text.slice(offsets[at + 2], offsets[at + 3]);
}

/** Trailers can come only behind a chunked body: without one the announcement is empty. */
function dropTrailerField(offsets: number[]): void {
  for (let at = 4; at < offsets.length; at += STRIDE) {
    if (offsets[at] === TRAILER) offsets[at] = REMOVED;
  }
}

/** `Host` and framing stay whatever `Connection` lists: dropping them would change the message for the next hop. */
function dropListed(text: string, offsets: number[], options: string[]): void {
  for (let at = 0; at < offsets.length; at += STRIDE) {
    const id = offsets[at + 4];
    if (id === HOST || id === CONTENT_LENGTH || id === REMOVED) continue;
    const name = text.slice(offsets[at], offsets[at + 1]).toLowerCase();
    if (options.includes(name)) offsets[at + 4] = REMOVED;
  }
}
