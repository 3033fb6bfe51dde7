import type { Exchange } from '../../http/exchange.ts';
import type { Balancer, Candidate } from '../balancer.ts';
import type { Algorithm, BackendConfig } from '../config.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { type BalancerFactory, Custom } from './custom.ts';
import { InTurn } from './in-turn.ts';
import { IpHash } from './ip-hash.ts';
import { LeastConnections } from './least-connections.ts';
import { LeastResponseTime } from './least-response-time.ts';
import { PowerOfTwo } from './power-of-two.ts';
import { Random } from './random.ts';
import { WeightedRoundRobin } from './weighted-round-robin.ts';

export interface BalancerOptions {
  /** At least 0, below 1. */
  readonly random: () => number;
  /** What `consistent_hash` hashes on; undefined where an exchange has none. */
  readonly key: (exchange: Exchange) => string | undefined;
  /** The module's, for `module:`. */
  readonly custom?: BalancerFactory | undefined;
  /** Told what a custom balancer throws. */
  readonly fault: (error: unknown) => void;
}

type Open = <Endpoint extends Candidate>(options: BalancerOptions) => Balancer<Endpoint>;

const BALANCERS: { readonly [Name in Algorithm]: Open } = {
  round_robin: () => new InTurn(),
  weighted_round_robin: () => new WeightedRoundRobin(),
  least_connections: () => new LeastConnections(),
  ip_hash: () => new IpHash(),
  random: ({ random }) => new Random(random),
  least_response_time: ({ random }) => new LeastResponseTime(random),
  power_of_two: ({ random }) => new PowerOfTwo(random),
  consistent_hash: ({ key, random }) => new ConsistentHash(key, random),
};

/**
 * The balancer of an algorithm, without endpoints as yet.
 * @throws Error for `module:` without `custom`: whoever loads the modules has refused such a configuration
 */
export function openBalancer<Endpoint extends Candidate>(
  algorithm: BackendConfig['algorithm'],
  options: BalancerOptions,
): Balancer<Endpoint> {
  const open = BALANCERS[algorithm as Algorithm] as Open | undefined;
  if (open !== undefined) return open(options);
  if (options.custom === undefined) throw new Error(`${algorithm} is not loaded`);
  return new Custom(options.custom, options.fault);
}
