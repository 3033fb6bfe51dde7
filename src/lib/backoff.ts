/**
 * How long to wait before a try: anything from nothing to `base` doubled with each try before it, at most `max` ("full
 * jitter"). Callers that failed together do not come back together.
 * @param attempt 0 for the first wait
 * @param random from 0 to below 1
 */
export function fullJitter(base: number, max: number, attempt: number, random: number): number {
  return random * Math.min(max, base * 2 ** Math.min(attempt, 30));
}
