import { fullJitter } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Dialer } from './connect.ts';
import type { Link } from './link.ts';
import type { ChannelListener } from './store.ts';
import { within } from './within.ts';

/** Ms between two questions whether the connection is there, and for how long each is waited for. */
const ASK_EVERY = 1000;
const PATIENCE = 1000;
/** Ms before the first try to connect anew, and at most. */
const SOONEST = 100;
const SELDOM = 1000;

export interface SubscriptionTools {
  readonly clock: Clock;
  readonly random: () => number;
  /** Hears why nothing can be listened to, and of nothing ('') when it can. */
  readonly troubled: (reason: string) => void;
  /** Hears what a listener has thrown. */
  readonly thrown: (error: unknown) => void;
}

/**
 * One connection that listens to channels. It is asked now and then whether it is there: one that nothing comes over looks
 * like one that is cut off. Whoever listens is told of a gap when its channel begins to be heard, and each time again.
 */
export class Subscriptions {
  private readonly tools: SubscriptionTools;
  private readonly channels = new Map<string, Set<ChannelListener>>();
  /** Channels that the server has confirmed. */
  private readonly heard = new Set<string>();
  private dialer: Dialer | undefined;
  private link: Link | undefined;
  private isReady = false;
  private tries = 0;
  private stop: (() => void) | undefined;

  constructor(tools: SubscriptionTools) {
    this.tools = tools;
  }

  start(dialer: Dialer): void {
    this.dialer = dialer;
    this.connect();
  }

  listen(channel: string, listener: ChannelListener): () => void {
    let listeners = this.channels.get(channel);
    if (listeners === undefined) {
      listeners = new Set();
      this.channels.set(channel, listeners);
      if (this.isReady) this.subscribe([channel]);
    } else if (this.heard.has(channel)) queueMicrotask(() => this.tell(channel, listener, 'gap'));
    listeners.add(listener);
    return () => this.leave(channel, listener);
  }

  close(): void {
    this.dialer = undefined;
    this.stop?.();
    this.link?.close();
  }

  private connect(): void {
    const { clock } = this.tools;
    if (this.dialer === undefined) return;
    const link = this.dialer.subscriber({
      ready: () => {
        this.isReady = true;
        this.stop?.();
        this.stop = clock.after(ASK_EVERY, () => this.ask(link));
        if (this.channels.size > 0) this.subscribe([...this.channels.keys()]);
      },
      ended: (reason) => this.ended(reason),
    });
    link.onMessage((channel, text) => this.hear(channel, text));
    this.link = link;
    this.stop = clock.after(this.dialer.patience, () => link.close());
  }

  private ended(reason: string): void {
    const { clock, random } = this.tools;
    this.isReady = false;
    this.heard.clear();
    this.stop?.();
    if (this.dialer === undefined) return;
    this.tools.troubled(reason);
    this.stop = clock.after(SOONEST / 2 + fullJitter(SOONEST, SELDOM, this.tries, random()), () => this.connect());
    this.tries += 1;
  }

  private ask(link: Link): void {
    const { clock } = this.tools;
    within(clock, PATIENCE, link.ping()).then(
      () => {
        if (this.link === link && this.isReady) this.stop = clock.after(ASK_EVERY, () => this.ask(link));
      },
      () => link.close(),
    );
  }

  private subscribe(channels: readonly string[]): void {
    const { link, tools } = this;
    if (link === undefined || this.dialer === undefined) return;
    const { reasons } = this.dialer;
    within(tools.clock, PATIENCE, link.subscribe(channels)).then(
      () => {
        if (this.link !== link || !this.isReady) return;
        this.tries = 0;
        tools.troubled('');
        for (const channel of channels) this.begin(channel);
      },
      (error) => {
        if (this.link !== link || !this.isReady) return;
        tools.troubled(reasons.of(error));
        link.close();
      },
    );
  }

  private begin(channel: string): void {
    this.heard.add(channel);
    for (const listener of this.channels.get(channel) ?? []) this.tell(channel, listener, 'gap');
  }

  private hear(channel: string, text: string): void {
    for (const listener of this.channels.get(channel) ?? []) this.tell(channel, listener, 'message', text);
  }

  private tell(channel: string, listener: ChannelListener, what: 'gap' | 'message', text = ''): void {
    if (!this.channels.get(channel)?.has(listener)) return;
    try {
      if (what === 'gap') listener.gap();
      else listener.message(text);
    } catch (error) {
      this.tools.thrown(error);
    }
  }

  private leave(channel: string, listener: ChannelListener): void {
    const listeners = this.channels.get(channel);
    if (listeners === undefined || !listeners.delete(listener) || listeners.size > 0) return;
    this.channels.delete(channel);
    this.heard.delete(channel);
    if (this.isReady) this.link?.unsubscribe(channel).catch(() => {});
  }
}
