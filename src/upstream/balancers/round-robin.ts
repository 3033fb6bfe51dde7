import type { Balancer } from './balancer.ts';
import type { Endpoint } from './endpoint.ts';

/** Each in turn. */
export class RoundRobin implements Balancer {
  private readonly endpoints: readonly Endpoint[];
  private next = 0;

  constructor(endpoints: readonly Endpoint[]) {
    this.endpoints = endpoints;
  }

  pick(): Endpoint | undefined {
    const endpoint = this.endpoints[this.next];
    this.next = this.next + 1 < this.endpoints.length ? this.next + 1 : 0;
    return endpoint;
  }
}
