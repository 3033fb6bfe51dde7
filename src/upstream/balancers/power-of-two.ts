import type { Balancer, Candidate } from '../balancer.ts';
import { Lot } from './lot.ts';

/** Of two that are drawn, the one with fewer attempts in progress for its weight. */
export class PowerOfTwo<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly lot: Lot<Endpoint>;

  constructor(random: () => number) {
    this.lot = new Lot(random);
  }

  update(endpoints: readonly Endpoint[]): void {
    this.lot.update(endpoints);
  }

  pick(_exchange: unknown, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const one = this.lot.draw(tried);
    const other = one && this.lot.draw(tried, one);
    if (one === undefined || other === undefined) return one;
    return other.active * one.weight < one.active * other.weight ? other : one;
  }
}
