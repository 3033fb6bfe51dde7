import type { Handler, Layer } from '../http/layer.ts';

/** The layers of one route. A route leaves out what it does not use: `undefined` is no layer at all. */
export interface Stack {
  readonly observe: Layer | undefined;
  readonly accessLog: Layer | undefined;
  readonly bodyLimit: Layer | undefined;
  readonly timeout: Layer | undefined;
  readonly forwarding: Layer | undefined;
}

/**
 * The order in which a request meets the layers, and the reason for each place. Leaving one of {@link Stack} out
 * here does not compile.
 */
const ORDER: { readonly [Name in keyof Stack]-?: number } = {
  // Outermost: counts and times all that follows, refusals too.
  observe: 1,
  // Sees each request as it came and its reply as it leaves: nothing outside it changes them.
  accessLog: 2,
  // Before all that reads a body or works for one that is too large.
  bodyLimit: 3,
  // Around all attempts: what a client waits for is the whole.
  timeout: 4,
  // Last before the upstream: says what those before it have decided.
  forwarding: 5,
};

const NAMES = (Object.keys(ORDER) as (keyof Stack)[]).sort((a, b) => ORDER[a] - ORDER[b]);

/** Wraps a handler in the layers of a route, the first of the order outermost. */
export function build(stack: Stack, end: Handler): Handler {
  return NAMES.reduceRight<Handler>((next, name) => stack[name]?.(next) ?? next, end);
}
