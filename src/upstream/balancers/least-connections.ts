import { IndexedHeap } from '../../lib/indexed-heap.ts';
import type { Balancer, Candidate } from '../balancer.ts';

/** The one with the fewest attempts in progress for its weight; among equals in turn, as often as the weights say. */
export class LeastConnections<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private endpoints: readonly Endpoint[] = [];
  private ids = new Map<Endpoint, number>();
  /** By load; the tie is the time of the endpoint's next turn, on a clock that only picks advance. */
  private loads = new IndexedHeap(0);
  private now = 0;

  update(endpoints: readonly Endpoint[]): void {
    const { ids, loads } = this;
    this.endpoints = endpoints;
    this.ids = new Map(endpoints.map((endpoint, id) => [endpoint, id]));
    this.loads = new IndexedHeap(endpoints.length);
    for (const [id, endpoint] of endpoints.entries()) {
      const known = ids.get(endpoint);
      this.loads.set(id, loadOf(endpoint), known === undefined ? this.now : loads.tie(known));
    }
  }

  pick(_exchange: unknown, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const { loads, endpoints } = this;
    // A retry takes nobody's turn: an endpoint that fails could get all the first attempts. Its load counts soon enough.
    if (tried !== undefined && tried.size > 0) return endpoints[loads.firstOf((one) => !tried.has(endpoints[one] as Endpoint))];
    const id = loads.first();
    if (id < 0) return undefined;
    const endpoint = endpoints[id] as Endpoint;
    // One that was busy for long does not make up for the turns it missed: it would get them all in a row.
    this.now = Math.max(this.now, loads.tie(id));
    loads.set(id, loads.key(id), this.now + 1 / endpoint.weight);
    return endpoint;
  }

  changed(endpoint: Endpoint): void {
    const id = this.ids.get(endpoint);
    if (id !== undefined) this.loads.set(id, loadOf(endpoint), this.loads.tie(id));
  }
}

function loadOf({ active, weight }: Candidate): number {
  return active / weight;
}
