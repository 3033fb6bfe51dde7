import type { Exchange } from '../../http/exchange.ts';
import { hash32 } from '../../lib/hash32.ts';
import type { Balancer, Candidate } from '../balancer.ts';
import { Rendezvous } from './rendezvous.ts';

/** What an endpoint may have in progress at most, as a multiple of its share of all. */
const BOUND = 1.25;

/**
 * A key goes to the same endpoint, unless this has more than its share to do already: then to the next. (Consistent
 * hashing with bounded loads; loads are those of this instance.) Exchanges without the key go anywhere.
 */
export class ConsistentHash<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly key: (exchange: Exchange) => string | undefined;
  private readonly random: () => number;
  private readonly rendezvous = new Rendezvous<Endpoint>();
  private ids = new Map<Endpoint, number>();
  /** The attempts of each, as last told, and of all. */
  private active = new Uint32Array(0);
  private total = 0;
  private weights = 0;

  constructor(key: (exchange: Exchange) => string | undefined, random: () => number) {
    this.key = key;
    this.random = random;
  }

  update(endpoints: readonly Endpoint[]): void {
    this.rendezvous.update(endpoints);
    this.ids = new Map(endpoints.map((endpoint, id) => [endpoint, id]));
    this.active = Uint32Array.from(endpoints, ({ active }) => active);
    this.total = endpoints.reduce((sum, { active }) => sum + active, 0);
    this.weights = endpoints.reduce((sum, { weight }) => sum + weight, 0);
  }

  pick(exchange: Exchange, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const key = this.key(exchange);
    const hash = key === undefined ? Math.floor(this.random() * 2 ** 32) : hash32(key);
    const owner = this.rendezvous.owner(hash);
    if (owner === undefined || (!tried?.has(owner) && this.hasRoom(owner))) return owner;
    return (
      this.rendezvous.find(hash, (endpoint) => !tried?.has(endpoint) && this.hasRoom(endpoint)) ??
      // Only those that are tried have room.
      this.rendezvous.find(hash, (endpoint) => !tried?.has(endpoint))
    );
  }

  private hasRoom({ active, weight }: Endpoint): boolean {
    return active < Math.ceil((BOUND * (this.total + 1) * weight) / this.weights);
  }

  changed(endpoint: Endpoint): void {
    const id = this.ids.get(endpoint);
    if (id === undefined) return;
    this.total += endpoint.active - (this.active[id] as number);
    this.active[id] = endpoint.active;
  }
}
