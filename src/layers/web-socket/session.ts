import type { Sink, Source, Tunnel } from '../../http/body.ts';
import { GatewayError } from '../../http/errors.ts';
import type { Notice } from '../../lib/notice.ts';
import type { Timeout, Wheel } from '../../lib/wheel.ts';
import type { Farewell } from './close-frame.ts';
import { Direction, type DirectionHost } from './direction.ts';
import { FrameReader, type FrameTerms } from './frame-reader.ts';
import type { Ending, RouteCells } from './metrics.ts';

/** Milliseconds that an end has to answer a close frame of the gateway's, and then to close its half. */
const ANSWER_GRACE = 2000;
/** Milliseconds of silence that a connection is left in once an end has said that it closes. */
const CLOSING_SILENCE = 30_000;

const GOING_AWAY: Farewell = { code: 1001, reason: 'the gateway is shutting down' };
const TOO_LONG: Farewell = { code: 1008, reason: 'open for longer than this route allows' };
const TOO_QUIET: Farewell = { code: 1008, reason: 'idle for longer than this route allows' };
/** For the end that did nothing wrong: 1014 is "bad gateway", registered with IANA. */
const CLIENT_BROKE: Farewell = { code: 1001, reason: 'the client has broken the protocol' };
const UPSTREAM_BROKE: Farewell = { code: 1014, reason: 'the upstream has broken the protocol' };

export interface SessionTerms {
  /** Milliseconds; 0: no limit. */
  readonly timeout: number;
  /** Milliseconds; 0: no limit. */
  readonly idleTimeout: number;
  /** Bytes; 0: no limit. */
  readonly maxMessage: number;
  readonly extensions: FrameTerms['extensions'];
}

export interface SessionTools {
  readonly wheel: Wheel;
  readonly draining: Notice;
  readonly cells: RouteCells;
  /** Ends the exchange whose tunnel it is, at once. */
  readonly cut: (error: GatewayError) => void;
}

/**
 * A WebSocket connection from its 101 on: a tunnel around a tunnel, which passes all that is right as it is. When a
 * limit, the protocol or the gateway's shutdown ends it, both ends get a close frame between two frames of what they
 * receive, and have {@link ANSWER_GRACE} to answer; then their connections are closed. The upstream's may outlive the
 * exchange by that time.
 */
export class Session implements Source, DirectionHost {
  readonly length = -1;
  private readonly inner: Tunnel;
  private readonly tools: SessionTools;
  private readonly up: Direction;
  private readonly down: Direction;
  private readonly timer: Timeout;
  private readonly timeout: number;
  private endsAt = Number.POSITIVE_INFINITY;
  private idle: number;
  private soundAt = 0;
  private closing = false;
  /** Who closed it, and with which code; undefined: nobody has yet. */
  private ending: Ending | undefined;
  private off: (() => void) | undefined;
  private isOver = false;

  constructor(inner: Tunnel, terms: SessionTerms, tools: SessionTools) {
    const { maxMessage, extensions, timeout, idleTimeout } = terms;
    const { cells } = tools;
    this.inner = inner;
    this.tools = tools;
    this.up = new Direction(
      new FrameReader({ masked: true, maxMessage, extensions }, cells.toUpstream),
      this,
      true,
      inner.toUpstream,
    );
    this.down = new Direction(new FrameReader({ masked: false, maxMessage, extensions }, cells.toClient), this, false);
    this.timer = tools.wheel.timeout(() => this.expired());
    this.timeout = timeout;
    this.idle = idleTimeout > 0 ? idleTimeout : Number.POSITIVE_INFINITY;
    this.ending = undefined;
    this.off = undefined;
    inner.toUpstream.onDrain = () => {
      this.sounded();
      this.up.onDrain?.();
    };
  }

  get tunnel(): Tunnel {
    return { fromUpstream: this, toUpstream: this.up };
  }

  /** The exchange is over: there is no client any more. @returns how it ended */
  over(): Ending {
    this.isOver = true;
    this.off?.();
    if (!this.closing || this.down.gone) this.timer.remove();
    return this.ending ?? { by: 'nobody', code: 1006 };
  }

  pipe(sink: Sink): void {
    const now = this.tools.wheel.clock.now();
    this.soundAt = now;
    this.down.to(sink);
    if (!this.closing) {
      if (this.timeout > 0) this.endsAt = now + this.timeout;
      this.arm(now);
      this.off = this.tools.draining.on(() => this.close(GOING_AWAY, GOING_AWAY, { by: 'gateway', code: GOING_AWAY.code }));
    }
    this.inner.fromUpstream.pipe(this.down);
    this.settle();
  }

  resume(): void {
    this.sounded();
    this.inner.fromUpstream.resume();
  }

  cancel(): void {
    // An upstream that has been told has its time to answer, whatever the client does.
    if (!this.closing) this.inner.fromUpstream.cancel();
  }

  sounded(): void {
    if (this.idle !== Number.POSITIVE_INFINITY) this.soundAt = this.tools.wheel.clock.now();
  }

  heard(direction: Direction): void {
    this.ending ??= { by: direction === this.up ? 'client' : 'upstream', code: direction.reader.closeCode };
    this.windDown();
  }

  broke(direction: Direction): void {
    const told = direction.reader.broken as Farewell;
    const byClient = direction === this.up;
    const other = told.code !== 1002 ? told : byClient ? CLIENT_BROKE : UPSTREAM_BROKE;
    this.close(byClient ? told : other, byClient ? other : told, { by: 'gateway', code: told.code });
  }

  ended(direction: Direction): void {
    this.windDown();
    // A half that is closed without a word is passed on as that.
    if (!this.closing) direction.finish();
  }

  failed(direction: Direction, error: Error): void {
    if (!this.closing) direction.break(error);
    else {
      // Who broke off is not written to any more.
      (direction === this.up ? this.down : this.up).lost();
      this.settle();
    }
  }

  /** Nobody has to say any more than what is under way: it may take its time, but not for ever. */
  private windDown(): void {
    if (this.closing) {
      this.settle();
      return;
    }
    if (this.idle <= CLOSING_SILENCE) return;
    this.idle = CLOSING_SILENCE;
    this.soundAt = this.tools.wheel.clock.now();
    this.arm(this.soundAt);
  }

  private close(toClient: Farewell, toUpstream: Farewell, ending: Ending): void {
    if (!this.closing) {
      this.closing = true;
      this.ending ??= ending;
      this.timer.set(ANSWER_GRACE);
      this.down.say(toClient);
      this.up.say(toUpstream);
    }
    this.settle();
  }

  /** Goes on with closing, as far as the ends have got. */
  private settle(): void {
    if (!this.closing) return;
    const { up, down } = this;
    if (up.said && down.silent) up.finish();
    if (down.said && up.silent) down.finish();
    if (this.isOver && down.gone) this.timer.remove();
  }

  private arm(now: number): void {
    const due = Math.min(this.endsAt, this.soundAt + this.idle);
    if (due !== Number.POSITIVE_INFINITY) this.timer.set(Math.max(1, due - now));
  }

  private expired(): void {
    const now = this.tools.wheel.clock.now();
    if (this.closing) this.late();
    else if (now >= this.endsAt) this.close(TOO_LONG, TOO_LONG, { by: 'gateway', code: TOO_LONG.code });
    else if (now >= this.soundAt + this.idle) this.close(TOO_QUIET, TOO_QUIET, { by: 'gateway', code: TOO_QUIET.code });
    else this.arm(now);
  }

  /** Somebody has not answered, or takes nothing. A client that was told has as much time again to close its half. */
  private late(): void {
    const { up, down } = this;
    if (!down.gone) {
      up.lost();
      down.gone = true;
      this.inner.fromUpstream.cancel();
      // Nothing holds the client back any more: what it still sends is for nobody.
      up.onDrain?.();
    }
    if (this.isOver) return;
    if (down.finished || !down.said) this.tools.cut(new GatewayError('request_timeout'));
    else {
      this.timer.set(ANSWER_GRACE);
      down.finish();
    }
  }
}
