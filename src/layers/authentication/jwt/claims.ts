import { shortTyp } from './config.ts';
import type { JsonObject } from './json-object.ts';
import type { Token } from './token.ts';

/** What of a configuration decides about claims; `leeway` in ms. */
export interface ClaimRules {
  readonly issuer: readonly string[];
  readonly audience: readonly string[];
  readonly required_claims: readonly string[];
  readonly typ: readonly string[];
  readonly leeway: number;
}

/** When a token holds, in wall milliseconds and with the leeway: from `from` until before `until`. */
export interface Life {
  readonly from: number;
  readonly until: number;
}

/** A claim that shows in a challenge as it is. */
const PLAIN = /^[A-Za-z0-9_.:/-]{1,64}$/;

/**
 * Why the claims of a token are refused, for clients; undefined: they are not. Whether the token holds at this moment is
 * asked of its {@link Life}, again at each use.
 */
export function checkClaims({ claims, typ }: Token, rules: ClaimRules): string | undefined {
  const malformed = wrongType(claims);
  if (malformed !== undefined) return `the claim ${malformed} is malformed`;
  if (!acceptsTyp(typ, rules.typ)) return 'the token is of another kind (typ)';
  const missing = rules.required_claims.find((name) => !Object.hasOwn(claims, name));
  if (missing !== undefined) return PLAIN.test(missing) ? `the claim ${missing} is missing` : 'a claim is missing';
  if (rules.issuer.length > 0 && !rules.issuer.includes(claims['iss'] as string))
    return 'the issuer of the token is not accepted';
  const audience = textsOf(claims['aud']);
  if (rules.audience.length > 0 && !audience.some((name) => rules.audience.includes(name)))
    return 'the token is meant for another audience';
  return undefined;
}

/** RFC 7519 §4.1; own members only, so that no name of `Object.prototype` counts as a claim. */
function wrongType(claims: JsonObject): string | undefined {
  for (const name of ['exp', 'nbf', 'iat']) if (!isAbsentOr(claims, name, (value) => typeof value === 'number')) return name;
  for (const name of ['iss', 'sub']) if (!isAbsentOr(claims, name, (value) => typeof value === 'string')) return name;
  return isAbsentOr(claims, 'aud', (value) => typeof value === 'string' || isTexts(value)) ? undefined : 'aud';
}

function isAbsentOr(claims: JsonObject, name: string, fits: (value: unknown) => boolean): boolean {
  return !Object.hasOwn(claims, name) || fits(claims[name]);
}

/** Explicit typing (RFC 8725 §3.11): a token for a logout, a proof or an event is no proof of who asks. */
function acceptsTyp(typ: string | undefined, accepted: readonly string[]): boolean {
  const kind = typ === undefined ? '' : shortTyp(typ);
  if (accepted.length > 0) return accepted.includes(kind);
  return kind === 'at+jwt' || !kind.endsWith('+jwt');
}

/** @param leeway in ms */
export function lifeOf(claims: JsonObject, leeway: number): Life {
  const seconds = (name: string, absent: number) => (Object.hasOwn(claims, name) ? (claims[name] as number) : absent);
  const from = Math.max(seconds('nbf', Number.NEGATIVE_INFINITY), seconds('iat', Number.NEGATIVE_INFINITY));
  return { from: from * 1000 - leeway, until: seconds('exp', Number.POSITIVE_INFINITY) * 1000 + leeway };
}

/** Why a token of this life does not hold now, for clients; undefined: it does. */
export function checkLife({ from, until }: Life, wall: number): string | undefined {
  if (wall >= until) return 'the token has expired';
  return wall < from ? 'the token is not valid yet' : undefined;
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** One text or a list of texts as a list; anything else is none. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return isTexts(value) ? value : [];
}
