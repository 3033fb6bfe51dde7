import { GatewayError } from '../http/errors.ts';
import type { Timeout } from '../lib/wheel.ts';
import { Channel } from '../wire/channel.ts';
import type { ChannelKeeper, ChannelRequest, ChannelTools, ChannelUser } from '../wire/channel-ports.ts';
import type { DialOptions } from '../wire/dial.ts';
import type { TransportState } from './transport.ts';

/** Milliseconds and counts; `maxConnections` 0: no limit. */
export interface PoolLimits {
  readonly maxConnections: number;
  readonly maxIdle: number;
  readonly idleTimeout: number;
  readonly queue: number;
  readonly queueTimeout: number;
}

/** How long connections beyond `maxIdle` stay idle before they are closed, in ms. */
const EXCESS_IDLE = 1000;

/** A request's hold on the pool: waiting in the queue, or on a channel. */
export class Lease {
  readonly request: ChannelRequest;
  readonly user: ChannelUser;
  readonly since: number;
  channel: Channel | undefined;

  constructor(request: ChannelRequest, user: ChannelUser, since: number) {
    this.request = request;
    this.user = user;
    this.since = since;
  }
}

/** The connections to one endpoint. The one used last is used next, so that those in excess grow old and close. */
export class Pool implements ChannelKeeper {
  private readonly dialing: DialOptions;
  private readonly tools: ChannelTools;
  private readonly limits: PoolLimits;
  private readonly idle: Channel[] = [];
  private readonly queue: Lease[] = [];
  private readonly all = new Set<Channel>();
  private readonly sweep: Timeout;
  private readonly queueTimeout: Timeout;
  private closing = false;
  /** The addresses that connections may go to; undefined: any. */
  private addresses: ReadonlySet<string> | undefined;

  constructor(dialing: DialOptions, tools: ChannelTools, limits: PoolLimits) {
    this.dialing = dialing;
    this.tools = tools;
    this.limits = limits;
    this.sweep = tools.wheel.timeout(() => this.closeOld());
    this.queueTimeout = tools.wheel.timeout(() => this.refuseOld());
  }

  get state(): TransportState {
    return { connections: this.all.size, idle: this.idle.length, queued: this.queue.length };
  }

  /** A request would have to wait. */
  get saturated(): boolean {
    const { maxConnections } = this.limits;
    return maxConnections !== 0 && this.idle.length === 0 && this.all.size >= maxConnections;
  }

  /**
   * Sends a request on an idle connection, a new one, or the first that becomes free.
   * @param fresh only on a connection that has served nobody before
   */
  send(request: ChannelRequest, user: ChannelUser, fresh: boolean): Lease {
    const lease = new Lease(request, user, this.tools.wheel.clock.now());
    const channel = fresh ? undefined : this.takeIdle(lease.since);
    if (channel !== undefined) this.start(lease, channel);
    else if (this.limits.maxConnections === 0 || this.all.size < this.limits.maxConnections) this.start(lease, this.connect());
    else this.enqueue(lease);
    return lease;
  }

  /** Calls off a request whose reply has not begun. */
  cancel(lease: Lease, error: GatewayError): void {
    if (lease.channel !== undefined) {
      lease.channel.cancel(error);
      return;
    }
    const at = this.queue.indexOf(lease);
    if (at < 0) return;
    this.queue.splice(at, 1);
    lease.user.failed(error, false);
  }

  private connect(): Channel {
    const channel = new Channel(this.dialing, this.tools, this);
    this.all.add(channel);
    return channel;
  }

  private start(lease: Lease, channel: Channel): void {
    lease.channel = channel;
    channel.idleSince = 0;
    channel.send(lease.request, lease.user);
  }

  private takeIdle(now: number): Channel | undefined {
    for (;;) {
      const channel = this.idle.pop();
      if (channel === undefined || this.isYoung(channel, now)) return channel;
      channel.idleSince = 0;
      channel.close();
    }
  }

  private isYoung(channel: Channel, now: number): boolean {
    return now - channel.idleSince < Math.min(this.limits.idleTimeout, channel.idleLimit);
  }

  private enqueue(lease: Lease): void {
    if (this.queue.length >= this.limits.queue) {
      lease.user.failed(new GatewayError('upstream_queue_full'), false);
      return;
    }
    this.queue.push(lease);
    if (this.queue.length === 1) this.queueTimeout.set(this.limits.queueTimeout);
  }

  private refuseOld(): void {
    const now = this.tools.wheel.clock.now();
    for (;;) {
      const first = this.queue[0];
      if (first === undefined) return;
      const left = first.since + this.limits.queueTimeout - now;
      if (left > 0) {
        this.queueTimeout.set(left);
        return;
      }
      this.queue.shift();
      first.user.failed(new GatewayError('upstream_queue_timeout'), false);
    }
  }

  /** From now on connections to other addresses are closed: idle ones now, those in use when they become free. */
  retire(keep: ReadonlySet<string>): void {
    this.addresses = keep;
    for (const channel of this.idle.filter((one) => this.isRetired(one))) channel.close();
  }

  private isRetired({ remoteAddress = '' }: Channel): boolean {
    return this.addresses !== undefined && !this.addresses.has(remoteAddress);
  }

  free(channel: Channel): void {
    if (this.isRetired(channel)) {
      channel.close();
      return;
    }
    const next = this.queue.shift();
    if (next !== undefined) {
      this.start(next, channel);
      return;
    }
    if (this.closing) {
      channel.close();
      return;
    }
    const now = this.tools.wheel.clock.now();
    channel.idleSince = now;
    this.idle.push(channel);
    if (!this.sweep.pending) this.sweep.set(this.limits.idleTimeout / 2);
    // Under load more than that are idle for moments only: closing them at once would mean opening as many anew.
    if (this.idle.length > this.limits.maxIdle && this.sweep.at > now + EXCESS_IDLE) this.sweep.set(EXCESS_IDLE);
  }

  /** A place is free: whoever waits gets a connection of its own. */
  closed(channel: Channel): void {
    this.all.delete(channel);
    const at = channel.idleSince > 0 ? this.idle.indexOf(channel) : -1;
    if (at >= 0) this.idle.splice(at, 1);
    if (this.all.size >= this.limits.maxConnections) return;
    const next = this.queue.shift();
    if (next !== undefined) this.start(next, this.connect());
  }

  private closeOld(): void {
    const now = this.tools.wheel.clock.now();
    const excess = this.idle.length - this.limits.maxIdle;
    // Those that have been idle longest come first.
    const old = this.idle.filter((one, at) => !this.isYoung(one, now) || (at < excess && now - one.idleSince >= EXCESS_IDLE));
    for (const channel of old) channel.close();
    if (this.idle.length > this.limits.maxIdle) this.sweep.set(EXCESS_IDLE);
    else if (this.idle.length > 0) this.sweep.set(this.limits.idleTimeout / 2);
  }

  /** Requests that wait are still sent, within the time that they may wait: a reload costs none of them. */
  close(): void {
    this.closing = true;
    this.sweep.remove();
    if (this.queue.length === 0) this.queueTimeout.remove();
    for (const channel of [...this.idle]) channel.close();
  }
}
