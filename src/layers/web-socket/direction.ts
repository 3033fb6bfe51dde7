import type { Sink } from '../../http/body.ts';
import { closeFrame, type Farewell } from './close-frame.ts';
import type { FrameReader } from './frame-reader.ts';

/** The connection, as one of its directions sees it. */
export interface DirectionHost {
  /** Bytes have come, or room for more. */
  sounded(): void;
  /** The sender has said that it closes. */
  heard(direction: Direction): void;
  /** The sender has broken the protocol, or a limit: see the reader. */
  broke(direction: Direction): void;
  /** The sender sends no more. */
  ended(direction: Direction): void;
  failed(direction: Direction, error: Error): void;
}

/**
 * What one end says, on its way to the other, in the buffers it came in. A close frame of the gateway's own goes between
 * two frames, never into one, and nothing goes on behind it.
 */
export class Direction implements Sink {
  readonly reader: FrameReader;
  private readonly host: DirectionHost;
  private readonly masks: boolean;
  private out: Sink | undefined;
  private farewell: Farewell | undefined;
  /** Its receiver was told that the connection closes, or cannot be told any more. */
  said = false;
  /** Its sender sends no more. */
  gone = false;
  /** Its receiver gets no more: its half is closed. */
  finished = false;
  /** For the direction that the client's bytes take: see `Tunnel`. */
  onDrain: (() => void) | undefined;

  /** @param masks close frames of the gateway's own are masked: it stands in for the client */
  constructor(reader: FrameReader, host: DirectionHost, masks: boolean, out?: Sink) {
    this.reader = reader;
    this.host = host;
    this.masks = masks;
    this.out = out;
    this.farewell = undefined;
    this.onDrain = undefined;
  }

  /** Where it goes. What was to be said before that was known is said now. */
  to(out: Sink): void {
    this.out = out;
    if (this.farewell !== undefined && this.reader.remaining === 0) this.part(this.farewell);
  }

  /** Nothing is to be expected of its sender. */
  get silent(): boolean {
    return this.gone || this.reader.over;
  }

  chunk(bytes: Uint8Array): boolean {
    const { reader, host } = this;
    if (reader.over) return true;
    host.sounded();
    const { held, remaining } = reader;
    const closing = reader.closeCode !== 0;
    const passed = reader.read(bytes);
    let open = true;
    if (this.farewell !== undefined)
      open = this.finishFrame(this.farewell, bytes, Math.min(remaining, passed), remaining, closing);
    else if (!this.said && passed > 0) {
      if (held !== undefined) this.out?.chunk(held);
      open = this.pass(bytes, passed);
      this.said = reader.closed;
    }
    if (reader.broken !== undefined) host.broke(this);
    else if (reader.closed) host.heard(this);
    return open;
  }

  /** The rest of a frame goes on, so that what is to be said can be. @param closing the frame is a close frame itself */
  private finishFrame(farewell: Farewell, bytes: Uint8Array, rest: number, remaining: number, closing: boolean): boolean {
    const open = this.pass(bytes, rest);
    if (rest < remaining) return open;
    if (!closing) return this.part(farewell);
    this.farewell = undefined;
    this.said = true;
    return open;
  }

  private pass(bytes: Uint8Array, length: number): boolean {
    return this.out?.chunk(length === bytes.length ? bytes : bytes.subarray(0, length)) ?? true;
  }

  /** Tells its receiver that the connection closes: now, or when the frame that is under way has passed. */
  say(farewell: Farewell): void {
    if (this.said || this.finished) return;
    this.farewell = farewell;
    if (this.gone && this.reader.remaining > 0) this.giveUp();
    else if (this.reader.remaining === 0 && this.out !== undefined) this.part(farewell);
  }

  private part(farewell: Farewell): boolean {
    this.farewell = undefined;
    this.said = true;
    return this.out?.chunk(closeFrame(farewell, this.masks)) ?? true;
  }

  /** What was to be said will not be: the frame under way has lost its rest. */
  private giveUp(): void {
    this.farewell = undefined;
    this.said = true;
  }

  end(): void {
    this.gone = true;
    if (this.farewell !== undefined && this.out !== undefined) this.giveUp();
    this.host.ended(this);
  }

  fail(error: Error): void {
    this.gone = true;
    if (this.farewell !== undefined && this.out !== undefined) this.giveUp();
    this.host.failed(this, error);
  }

  /** Its receiver is no more: what still comes is for nobody. */
  lost(): void {
    this.finished = true;
    this.giveUp();
  }

  /** Closes the half of its receiver. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.out?.end();
  }

  /** Passes on that its sender broke off. */
  break(error: Error): void {
    if (this.finished) return;
    this.finished = true;
    this.out?.fail(error);
  }
}
