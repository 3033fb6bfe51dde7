import type { Handler, Layer } from '../http/layer.ts';

/**
 * The order in which a request meets the layers of its route, and the reason for each place. {@link Stack} is made of it:
 * leaving a layer out does not compile.
 */
const ORDER = {
  // Outermost: counts and times all that follows, refusals too.
  observe: 1,
  // Sees each request as it came and its reply as it leaves: nothing outside it changes them.
  accessLog: 2,
  // Has the last word on replies, refusals too: what a route says itself goes before what the gateway says to all.
  transformReplies: 3,
  // On every reply that a client gets, whoever refuses it further in.
  securityHeaders: 4,
  // The cheapest refusal, and the one that no credential helps against.
  ipAccess: 5,
  // Before identity: a browser sends preflights without credentials (Fetch §4.8). On refusals too, or no page could read them.
  cors: 6,
  // Before all that is granted to somebody. Takes from the request what the upstream must not see.
  authentication: 7,
  // Before the limits, which may count by fields: what a client forged is gone by then.
  identityHeaders: 8,
  // Before all that reads a body or works for one that is too large.
  bodyLimit: 9,
  // Behind identity, by which it counts; before all that costs more than counting.
  rateLimit: 10,
  // Behind the rate: who is refused by that must not take a place.
  concurrency: 11,
  // Behind identity and limits, so that 401, 403 and 429 come before a handshake is looked at; refuses other protocols.
  upgrade: 12,
  // Around all that makes a reply: what it compresses is final.
  compression: 13,
  // The request takes its last shape, in which layers of users see it.
  transform: 14,
  // Around all attempts: what a client waits for is the whole.
  timeout: 15,
  // Layers of users: they can count on all that was decided before, and one that never answers holds nobody for ever.
  custom: 16,
  // Last before the upstream: says what those before it have decided.
  forwarding: 17,
} as const;

/** The layers of one route. A route leaves out what it does not use: `undefined` is no layer at all. */
export type Stack = { readonly [Name in keyof typeof ORDER]: Layer | undefined };

const NAMES = (Object.keys(ORDER) as (keyof Stack)[]).sort((a, b) => ORDER[a] - ORDER[b]);

/** Wraps a handler in the layers of a route, the first of the order outermost. */
export function build(stack: Stack, end: Handler): Handler {
  return NAMES.reduceRight<Handler>((next, name) => stack[name]?.(next) ?? next, end);
}

/** A route that uses no layer. */
export const BARE: Stack = Object.freeze(Object.fromEntries(NAMES.map((name) => [name, undefined])) as Stack);
