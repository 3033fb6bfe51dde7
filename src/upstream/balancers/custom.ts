import type { Exchange } from '../../http/exchange.ts';
import { thrownText } from '../../lib/thrown.ts';
import type { Balancer, Candidate } from '../balancer.ts';
import { RoundRobin } from './round-robin.ts';

/** What a module of a user exports as its default. Called once for each backend, and anew when the module has changed. */
export type BalancerFactory = () => Balancer;

/**
 * Tries what a module exports.
 * @returns the factory, or what is wrong with it
 */
export function readFactory(value: unknown): BalancerFactory | { readonly wrong: string } {
  if (typeof value !== 'function') return { wrong: 'the default export is not a function' };
  try {
    const made: unknown = value();
    // Not what is wanted, and its failure would end the process.
    if (made instanceof Promise) made.catch(() => {});
    for (const method of ['update', 'pick'] as const) {
      const found = typeof made === 'object' && made !== null ? (made as Partial<Balancer>)[method] : undefined;
      if (typeof found !== 'function') return { wrong: `the default export must return a balancer: it has no method ${method}` };
    }
    return value as BalancerFactory;
  } catch (error) {
    return { wrong: `the default export throws: ${thrownText(error)}` };
  }
}

/**
 * A user's balancer, whose mistakes harm nobody: where it throws, or picks what may not be picked, endpoints are picked in
 * turn. The first mistake after each update is told.
 */
export class Custom<Endpoint extends Candidate> implements Balancer<Endpoint> {
  private readonly balancer: Balancer;
  private readonly fault: (error: unknown) => void;
  private readonly fallback = new RoundRobin<Endpoint>();
  private endpoints: ReadonlySet<Candidate> = new Set();
  private told = false;

  constructor(factory: BalancerFactory, fault: (error: unknown) => void) {
    this.balancer = factory();
    this.fault = fault;
  }

  update(endpoints: readonly Endpoint[]): void {
    this.endpoints = new Set(endpoints);
    this.fallback.update(endpoints);
    this.told = false;
    this.guard(() => this.heed(this.balancer.update(endpoints)));
  }

  pick(exchange: Exchange, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    return this.guard(
      () => {
        const picked = this.balancer.pick(exchange, tried as ReadonlySet<Candidate> | undefined);
        if (picked === undefined) return undefined;
        this.heed(picked);
        if (!this.endpoints.has(picked)) throw new Error('picked what is not an endpoint, or not any more');
        if (tried?.has(picked as Endpoint)) throw new Error(`picked ${picked.address}, which is tried already`);
        return picked as Endpoint;
      },
      () => this.fallback.pick(exchange, tried),
    );
  }

  changed(endpoint: Endpoint): void {
    this.guard(() => this.heed(this.balancer.changed?.(endpoint)));
  }

  private guard<T>(run: () => T, instead?: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.complain(error);
      return instead?.();
    }
  }

  /** An asynchronous method answers too late to count, but a failure that nobody hears of ends the process. */
  private heed(answer: unknown): void {
    if (answer instanceof Promise) answer.catch((error: unknown) => this.complain(error));
  }

  private complain(error: unknown): void {
    if (!this.told) this.fault(error);
    this.told = true;
  }
}
