import { claimOf, type Identity } from '../../http/identity.ts';
import type { RouteAuthenticationConfig } from './config.ts';

type Demands = Pick<RouteAuthenticationConfig, 'scopes' | 'claims' | 'consumers' | 'groups' | 'match'>;
type Demand = (identity: Identity) => boolean;

/**
 * A function that says whether an identity has what a route asks for. Of scopes a token needs all that are listed, as OAuth
 * has it; of each claim, of consumers and of groups one of the listed. `match` says whether all kinds that are listed must
 * hold or any. Where nothing is listed, whoever is known may come in.
 */
export function access({ scopes, claims, consumers, groups, match }: Demands): Demand {
  const wanted = Object.entries(claims).map(([name, values]) => [name, new Set(values)] as const);
  const demands: Demand[] = [];
  if (scopes.length > 0) demands.push((identity) => scopes.every((scope) => identity.scopes.includes(scope)));
  if (wanted.length > 0) demands.push((identity) => wanted.every(([name, values]) => holds(claimOf(identity, name), values)));
  if (consumers.length > 0) demands.push(({ consumer }) => consumer !== undefined && consumers.includes(consumer));
  if (groups.length > 0) demands.push((identity) => identity.groups.some((group) => groups.includes(group)));
  if (demands.length === 0) return () => true;
  if (match === 'any') return (identity) => demands.some((demand) => demand(identity));
  return (identity) => demands.every((demand) => demand(identity));
}

/** Texts, numbers and booleans are compared as texts; of a list, one is enough. */
function holds(claim: unknown, values: ReadonlySet<string>): boolean {
  if (Array.isArray(claim)) return claim.some((one) => isScalar(one) && values.has(String(one)));
  return isScalar(claim) && values.has(String(claim));
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
