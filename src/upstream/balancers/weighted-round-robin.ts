import type { Balancer, Candidate } from '../balancer.ts';
import { Turns } from './turns.ts';

/** Each in turn, as often as its weight says, evenly mixed: weights 5, 1 and 1 give a b a a a c a. */
export class WeightedRoundRobin<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly turns = new Turns<Endpoint>();
  // Retries have turns of their own: if they took the others', an endpoint that fails could get all the first attempts.
  private readonly retries = new Turns<Endpoint>();

  update(endpoints: readonly Endpoint[]): void {
    this.turns.update(endpoints);
    this.retries.update(endpoints);
  }

  pick(_exchange: unknown, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    return tried === undefined || tried.size === 0 ? this.turns.take() : this.retries.take(tried);
  }
}
