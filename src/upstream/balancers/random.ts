import type { Balancer, Candidate } from '../balancer.ts';
import { Lot } from './lot.ts';

/** Any, as often as its weight says. */
export class Random<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly lot: Lot<Endpoint>;

  constructor(random: () => number) {
    this.lot = new Lot(random);
  }

  update(endpoints: readonly Endpoint[]): void {
    this.lot.update(endpoints);
  }

  pick(_exchange: unknown, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    return this.lot.draw(tried);
  }
}
