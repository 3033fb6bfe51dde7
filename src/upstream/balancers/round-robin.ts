import type { Balancer, Candidate } from '../balancer.ts';

/** Each in turn, whatever its weight. */
export class RoundRobin<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private endpoints: readonly Endpoint[] = [];
  private next = 0;
  // Retries have a turn of their own: if they took the others', an endpoint that fails could get all the first attempts.
  private nextRetry = 0;

  update(endpoints: readonly Endpoint[]): void {
    const places = new Map(endpoints.map((endpoint, at) => [endpoint, at]));
    this.next = this.firstKept(this.next, places);
    this.nextRetry = this.firstKept(this.nextRetry, places);
    this.endpoints = endpoints;
  }

  /** Where the first one stands now, from a place in the old list on, that is still there. */
  private firstKept(from: number, places: ReadonlyMap<Endpoint, number>): number {
    const { endpoints } = this;
    for (let passed = 0; passed < endpoints.length; passed++) {
      const place = places.get(endpoints[(from + passed) % endpoints.length] as Endpoint);
      if (place !== undefined) return place;
    }
    return 0;
  }

  pick(_exchange: unknown, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const { endpoints } = this;
    if (tried !== undefined && tried.size > 0) return this.pickUntried(tried);
    const endpoint = endpoints[this.next];
    this.next = this.next + 1 < endpoints.length ? this.next + 1 : 0;
    return endpoint;
  }

  private pickUntried(tried: ReadonlySet<Endpoint>): Endpoint | undefined {
    const { endpoints } = this;
    for (let passed = 0; passed < endpoints.length; passed++) {
      const endpoint = endpoints[this.nextRetry] as Endpoint;
      this.nextRetry = (this.nextRetry + 1) % endpoints.length;
      if (!tried.has(endpoint)) return endpoint;
    }
    return undefined;
  }
}
