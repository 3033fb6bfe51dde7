import type { Exchange } from '../../http/exchange.ts';
import { hash32 } from '../../lib/hash32.ts';
import type { Balancer, Candidate } from '../balancer.ts';
import { Rendezvous } from './rendezvous.ts';

/** A client address always goes to the same endpoint, as long as this may be picked; its load does not count. */
export class IpHash<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly rendezvous = new Rendezvous<Endpoint>();

  update(endpoints: readonly Endpoint[]): void {
    this.rendezvous.update(endpoints);
  }

  pick(exchange: Exchange, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const hash = hash32(exchange.clientAddress);
    if (tried === undefined || tried.size === 0) return this.rendezvous.owner(hash);
    return this.rendezvous.find(hash, (endpoint) => !tried.has(endpoint));
  }
}
