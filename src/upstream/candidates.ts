import type { Endpoint } from './endpoint.ts';

export interface CandidateTerms {
  /** Where the gateway stands; empty: nowhere in particular. */
  readonly zone: string;
  /** Below this share of ready ones among those that are no backup, readiness is not believed. 0: always believed. */
  readonly panicThreshold: number;
}

/**
 * The endpoints that a balancer picks from. Ready ones that can be reached come before ready ones that could not be
 * reached last time; within each group backups stand back for the others, and other zones for the gateway's own. In a panic
 * all count as ready: when nearly everything looks broken, the checks may be. But for those whose circuit is open: that is
 * what requests themselves have found.
 */
export function candidates(endpoints: readonly Endpoint[], { zone, panicThreshold }: CandidateTerms): readonly Endpoint[] {
  const usable = isPanic(endpoints, panicThreshold)
    ? endpoints.filter((one) => !one.readiness.shut)
    : endpoints.filter((one) => one.readiness.ready);
  const reachable = usable.filter((one) => one.readiness.reachable);
  const tier = firstOf(withoutBackups(reachable), reachable, withoutBackups(usable), usable);
  const near = zone === '' ? tier : tier.filter((one) => one.zone === zone);
  return near.length > 0 ? near : tier;
}

export function isPanic(endpoints: readonly Endpoint[], threshold: number): boolean {
  if (threshold === 0) return false;
  const main = withoutBackups(endpoints);
  return main.filter((one) => one.readiness.ready).length < threshold * main.length;
}

function withoutBackups(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.filter((one) => !one.terms.backup);
}

function firstOf(...lists: readonly (readonly Endpoint[])[]): readonly Endpoint[] {
  return lists.find((list) => list.length > 0) ?? [];
}
