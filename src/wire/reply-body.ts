import { GatewayError } from '../http/errors.ts';
import { type BodyOwner, BodyReader } from './body-reader.ts';

/** The channel, as the body it receives sees it. */
export interface ReplyBodyHost {
  /** The consumer waits for the upstream's next bytes, or has enough for now. */
  bodyAwaited(waiting: boolean): void;
  /** It has room again. */
  bodyResumed(): void;
  bodyRefused(problem: string): void;
  /** The consumer wants no more. */
  bodyAbandoned(): void;
  /** All of it is here. @param exact nothing came after it */
  bodyDone(exact: boolean): void;
}

/** The body of a reply as it arrives, with what came before anybody read it. */
export class ReplyBody implements BodyOwner {
  private readonly host: ReplyBodyHost;
  readonly source: BodyReader;
  private pending: Buffer | undefined;
  private ended = false;

  constructor(host: ReplyBodyHost, framing: 'chunked' | number) {
    this.host = host;
    this.source = new BodyReader(this, framing);
  }

  /** What came with the head. @returns where the body ends in it, negative when its framing is broken */
  prefeed(bytes: Buffer): number {
    return this.source.prefeed(bytes, 0, bytes.length);
  }

  /** @returns false to stop reading until {@link ReplyBodyHost.bodyResumed} */
  read(bytes: Buffer): boolean {
    const { source, host } = this;
    if (!source.flowing) {
      this.pending = this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]);
      return false;
    }
    const stop = source.feed(bytes, 0, bytes.length);
    if (source.abandoned) return false;
    if (stop < 0) {
      host.bodyRefused(source.problem);
      return false;
    }
    if (source.done) {
      host.bodyDone(stop === bytes.length);
      return true;
    }
    host.bodyAwaited(source.flowing);
    return source.flowing;
  }

  /** Nobody needs the bytes of the last read any more. */
  get released(): boolean {
    return this.pending === undefined && this.source.released;
  }

  bodyWanted(): void {
    const { pending, source } = this;
    this.pending = undefined;
    // Before what is kept, which may end the body: its connection has to read on, for the next reply or its end.
    if (!this.ended) this.host.bodyResumed();
    if (pending !== undefined && (!this.read(pending) || source.done)) return;
    if (this.ended) this.finish();
  }

  bodyAbandoned(): void {
    this.host.bodyAbandoned();
  }

  /** The upstream sends no more. Takes effect once what is kept has been read. */
  finish(): void {
    this.ended = true;
    if (this.pending !== undefined) return;
    this.source.finish(new GatewayError('upstream_reset'));
    this.host.bodyDone(false);
  }
}
