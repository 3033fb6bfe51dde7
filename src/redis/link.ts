import type { Cluster, Redis } from 'ioredis';
import type { Reasons } from './failure.ts';
import { slotOf } from './slot.ts';

/** Keys that are tried to find one for each node: one with a hundredth of the slots is found nearly always. */
const SEARCH = 1000;

/** What a connection tells of itself: `ready` at most once, then `ended` exactly once. */
export interface LinkEvents {
  ready(): void;
  /** @param reason in words for operators */
  ended(reason: string): void;
}

/**
 * One life of a connection, or of the connections of a cluster: what is lost is not made anew here, and nothing is sent
 * twice. Failures are those of ioredis; what cannot even be sent rejects too.
 */
export class Link {
  private readonly client: Redis | Cluster;
  private readonly cluster: Cluster | undefined;

  constructor(client: Redis | Cluster, isCluster: boolean, reasons: Reasons, events: LinkEvents) {
    this.client = client;
    this.cluster = isCluster ? (client as Cluster) : undefined;
    follow(client, reasons, events);
  }

  /** Where commands on a key go: a node of a cluster, else nothing. */
  lane(key: string | undefined): string {
    return key === undefined ? '' : (this.cluster?.slots[slotOf(key)]?.[0] ?? '');
  }

  async runScript(sha: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    // ioredis would refuse all that travels with it.
    if (keys.length > 1 && this.cluster !== undefined && keys.some((key) => slotOf(key) !== slotOf(keys[0] as string)))
      throw new Error('its keys are in several slots of the cluster');
    return this.client.evalsha(sha, keys.length, ...keys, ...args);
  }

  /** Keys of which each node of a cluster has one. @param key with braces: what is in them is varied */
  keysEverywhere(key: string): string[] {
    const { cluster } = this;
    if (cluster === undefined) return [key];
    const found = new Map<string, string>();
    const owners = this.owners();
    for (let n = 0; n < SEARCH && found.size < owners.size; n++) {
      const candidate = key.replace('}', `:${n}}`);
      const owner = this.lane(candidate);
      if (owners.has(owner) && !found.has(owner)) found.set(owner, candidate);
    }
    return [...found.values()];
  }

  /** Tells all masters a script. @returns what they call it by */
  async load(lua: string): Promise<unknown[]> {
    return Promise.all(this.masters().map((master) => master.script('LOAD', lua)));
  }

  /** INFO of all masters. */
  async info(): Promise<unknown[]> {
    return Promise.all(this.masters().map((master) => master.info()));
  }

  async ping(): Promise<unknown> {
    return this.client.ping();
  }

  async publish(channel: string, text: string): Promise<unknown> {
    return this.client.publish(channel, text);
  }

  async subscribe(channels: readonly string[]): Promise<unknown> {
    return this.client.subscribe(...channels);
  }

  async unsubscribe(channel: string): Promise<unknown> {
    return this.client.unsubscribe(channel);
  }

  onMessage(listener: (channel: string, text: string) => void): void {
    this.client.on('message', listener);
  }

  /** Asks a cluster again who has what: an answer has told that something has moved. */
  refresh(): void {
    this.cluster?.refreshSlotsCache(() => {});
  }

  close(): void {
    this.client.disconnect();
  }

  private owners(): Set<string> {
    const owners = new Set<string>();
    // Skips slots that nobody has: a cluster may be run so.
    this.cluster?.slots.forEach(([owner]) => void (owner !== undefined && owners.add(owner)));
    return owners;
  }

  /** Whoever has slots. One that the client has lost is an error: a part of the keys is away. */
  private masters(): Redis[] {
    const { cluster } = this;
    if (cluster === undefined) return [this.client as Redis];
    const known = new Map(cluster.nodes('all').map((node) => [`${node.options.host}:${node.options.port}`, node]));
    return [...this.owners()].map((owner) => {
      const node = known.get(owner);
      if (node !== undefined) return node;
      this.refresh();
      throw Object.assign(new Error(`the node ${owner} is gone`), { code: 'GONE' });
    });
  }
}

/** Turns what ioredis emits into {@link LinkEvents}. */
function follow(client: Redis | Cluster, reasons: Reasons, events: LinkEvents): void {
  let state: 'opening' | 'refused' | 'ready' | 'ended' = 'opening';
  let reason = '';
  const note = (error: Error): void => {
    const text = reasons.of(error);
    // All that is said of nodes that do not listen: it says less than whatever was said before.
    if (!text.startsWith('Connection is closed')) reason = text;
    else if (reason === '') reason = 'nobody answers there';
  };
  client.on('error', (error: Error & { lastNodeError?: Error }) => {
    note(error.lastNodeError ?? error);
    if (state !== 'opening') return;
    // SELECT of a database that is not there is told by an error alone: the connection would go on with another one.
    state = 'refused';
    client.disconnect();
  });
  client.on('node error', note);
  client.on('ready', () => {
    if (state !== 'opening') return;
    state = 'ready';
    reason = '';
    events.ready();
  });
  client.on('end', () => {
    if (state === 'ended') return;
    state = 'ended';
    events.ended(reason === '' ? 'the connection was closed' : reason);
  });
}
