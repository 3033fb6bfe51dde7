import type { Candidate } from '../balancer.ts';

/** Draws before those that are left are counted. */
const DRAWS = 8;

/** Draws endpoints by chance, each as often as its weight says: in constant time (Walker's alias method, as Vose builds it). */
export class Lot<Endpoint extends Candidate> {
  private readonly random: () => number;
  private endpoints: readonly Endpoint[] = [];
  /** The table has a row for each endpoint: `chances` of the row are its own, the rest of the row is another's. */
  private chances = new Float64Array(0);
  private others = new Uint32Array(0);

  /** @param random at least 0, below 1 */
  constructor(random: () => number) {
    this.random = random;
  }

  update(endpoints: readonly Endpoint[]): void {
    const total = endpoints.reduce((sum, { weight }) => sum + weight, 0);
    const parts = endpoints.map(({ weight }) => (weight * endpoints.length) / total);
    this.endpoints = endpoints;
    // Rows that rounding leaves unfilled are their own.
    this.chances = new Float64Array(endpoints.length).fill(1);
    this.others = new Uint32Array(endpoints.length);
    const short: number[] = [];
    const long: number[] = [];
    const sort = (id: number) => ((parts[id] as number) < 1 ? short : long).push(id);
    for (const id of parts.keys()) sort(id);
    while (short.length > 0 && long.length > 0) {
      const [row, filler] = [short.pop() as number, long.pop() as number];
      this.chances[row] = parts[row] as number;
      this.others[row] = filler;
      parts[filler] = (parts[filler] as number) - (1 - (parts[row] as number));
      sort(filler);
    }
  }

  /** @returns undefined when all are tried, or the one to leave out */
  draw(tried?: ReadonlySet<Endpoint>, leaveOut?: Endpoint): Endpoint | undefined {
    if (this.endpoints.length === 0) return undefined;
    for (let draws = 0; draws < DRAWS; draws++) {
      const endpoint = this.drawOne();
      if (endpoint !== leaveOut && !tried?.has(endpoint)) return endpoint;
    }
    return this.drawLeft(this.endpoints.filter((one) => one !== leaveOut && !tried?.has(one)));
  }

  private drawOne(): Endpoint {
    const at = this.random() * this.endpoints.length;
    const row = Math.floor(at);
    return this.endpoints[at - row < (this.chances[row] as number) ? row : (this.others[row] as number)] as Endpoint;
  }

  private drawLeft(left: readonly Endpoint[]): Endpoint | undefined {
    let at = this.random() * left.reduce((sum, { weight }) => sum + weight, 0);
    for (const endpoint of left) {
      at -= endpoint.weight;
      if (at < 0) return endpoint;
    }
    return left.at(-1);
  }
}
