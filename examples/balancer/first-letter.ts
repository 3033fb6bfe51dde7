// Elsewhere the types come from 'sluice'.
import type { Balancer, Candidate } from '../../src/upstream/balancer.ts';

/**
 * Users whose names (X-User) begin with the same letter meet at the same upstream: a to z are dealt out in order of the
 * addresses. Who is not named, and who has been to that upstream already, goes to the next one.
 *
 *   extensions: { directories: ["./balancer"] }
 *   load_balancing: { algorithm: "module:./balancer/first-letter.ts", … }
 */
class FirstLetter implements Balancer {
  private endpoints: readonly Candidate[] = [];

  update(endpoints: readonly Candidate[]): void {
    this.endpoints = endpoints.toSorted((one, other) => (one.address < other.address ? -1 : 1));
  }

  pick(...[exchange, tried]: Parameters<Balancer['pick']>): Candidate | undefined {
    const { endpoints } = this;
    const letter = (exchange.headers.get('x-user') ?? '').toLowerCase().charCodeAt(0) - 97;
    const first = letter >= 0 && letter < 26 ? Math.floor((letter * endpoints.length) / 26) : 0;
    for (let passed = 0; passed < endpoints.length; passed++) {
      const endpoint = endpoints[(first + passed) % endpoints.length];
      if (endpoint !== undefined && !tried?.has(endpoint)) return endpoint;
    }
    return undefined;
  }
}

export default (): Balancer => new FirstLetter();
