import type { Balancer, Candidate } from '../balancer.ts';
import { Lot } from './lot.ts';

/** Of two that are drawn, the one that is expected to reply sooner: latency × (active + 1) / weight. */
export class LeastResponseTime<Endpoint extends Candidate> implements Balancer<Endpoint> {
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
    return expected(other, one) < expected(one, other) ? other : one;
  }
}

/** One that has never replied is fast until somebody waits for it, then like the other: a flood is no way to try it. */
function expected(one: Candidate, other: Candidate): number {
  const unknown = one.active === 0 ? 0 : other.latency || 1;
  return ((one.latency || unknown) * (one.active + 1)) / one.weight;
}
