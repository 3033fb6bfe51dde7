import type { Balancer, Candidate } from '../balancer.ts';
import { RoundRobin } from './round-robin.ts';
import { WeightedRoundRobin } from './weighted-round-robin.ts';

/** `round_robin`: each in turn, and where weights differ each as often as its weight says: nobody writes one for nothing. */
export class InTurn<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly equal = new RoundRobin<Endpoint>();
  private readonly weighted = new WeightedRoundRobin<Endpoint>();
  private turns: Balancer<Endpoint> = this.equal;

  update(endpoints: readonly Endpoint[]): void {
    this.turns = endpoints.every(({ weight }) => weight === endpoints[0]?.weight) ? this.equal : this.weighted;
    this.turns.update(endpoints);
  }

  pick(exchange: Parameters<Balancer['pick']>[0], tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    return this.turns.pick(exchange, tried);
  }
}
