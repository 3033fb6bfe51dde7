import { GatewayError } from '../../../src/http/errors.ts';
import { RouteCells, webSocketMetrics } from '../../../src/layers/web-socket/metrics.ts';
import { Session, type SessionTerms } from '../../../src/layers/web-socket/session.ts';
import { Notice } from '../../../src/lib/notice.ts';
import { Wheel } from '../../../src/lib/wheel.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';
import { CLOSE, framesIn, type Seen } from '../../support/web-socket-frames.ts';

const NO_LIMITS: SessionTerms = { timeout: 0, idleTimeout: 0, maxMessage: 0, extensions: 'none' };

/** A connection whose both ends are the test's, and what is in the middle as the server would handle it. */
export class SessionRig {
  readonly clock = new ManualClock();
  readonly wheel = new Wheel(this.clock);
  readonly draining = new Notice(this.clock);
  readonly registry = new Metrics();
  readonly fromUpstream = new ManualSource();
  readonly toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined as (() => void) | undefined });
  readonly toClient = new RecordingSink();
  readonly session: Session;
  /** How often the client was to read on. */
  drains = 0;
  cutBy: GatewayError | undefined;
  private clientEnded = false;
  /** How it ended; undefined: it goes on. */
  ending: ReturnType<Session['over']> | undefined;

  constructor(terms: Partial<SessionTerms> = {}) {
    const cells = new RouteCells(webSocketMetrics(this.registry), 'chat');
    const cut = (error: GatewayError) => {
      this.cutBy = error;
      this.over();
    };
    this.session = new Session(
      { fromUpstream: this.fromUpstream, toUpstream: this.toUpstream },
      { ...NO_LIMITS, ...terms },
      { wheel: this.wheel, draining: this.draining, cells, cut },
    );
    this.session.tunnel.toUpstream.onDrain = () => {
      this.drains += 1;
    };
  }

  static open(terms: Partial<SessionTerms> = {}): SessionRig {
    const rig = new SessionRig(terms);
    rig.begin();
    return rig;
  }

  /** What the server does with a tunnel, once the 101 is out. */
  begin(): void {
    this.session.tunnel.fromUpstream.pipe({
      chunk: (bytes) => this.toClient.chunk(bytes),
      end: () => {
        this.toClient.end();
        if (this.clientEnded) this.over();
      },
      fail: (error) => {
        this.toClient.fail(error);
        this.over();
      },
    });
  }

  private over(): void {
    this.ending ??= this.session.over();
  }

  /** @returns whether more may be sent */
  client(bytes: Buffer): boolean {
    return this.session.tunnel.toUpstream.chunk(bytes);
  }

  upstream(bytes: Buffer): boolean {
    return this.fromUpstream.sink?.chunk(bytes) ?? false;
  }

  clientEnd(): void {
    this.clientEnded = true;
    this.session.tunnel.toUpstream.end();
    if (this.toClient.ends.length > 0) this.over();
  }

  /** The client's connection breaks. */
  clientGone(): void {
    this.session.tunnel.fromUpstream.cancel();
    if (!this.clientEnded) this.session.tunnel.toUpstream.fail(new GatewayError('client_gone'));
    this.over();
  }

  get seenByClient(): Seen[] {
    return framesIn(bytesOf(this.toClient)).frames;
  }

  get seenByUpstream(): Seen[] {
    return framesIn(bytesOf(this.toUpstream)).frames;
  }

  /** Codes of the close frames that came to the client and to the upstream. */
  get codes(): [(number | undefined)[], (number | undefined)[]] {
    const codes = (frames: readonly Seen[]) => frames.filter(({ opcode }) => opcode === CLOSE).map(({ code }) => code);
    return [codes(this.seenByClient), codes(this.seenByUpstream)];
  }

  series(name: string): unknown[] {
    const metric = this.registry.all().find((one) => one.name === name);
    return [...(metric?.read() ?? [])];
  }
}

export function bytesOf(sink: RecordingSink): Buffer {
  return Buffer.from(sink.text, 'latin1');
}
