/**
 * Whether pages of an origin may connect. Browsers always say it and nothing else has to (RFC 6455 §10.2), so that a
 * client without one passes: it is no page, and what it may do is for identity to say.
 * @param allowed as the configuration has them: in lower case, `https://*.example.com` for hosts below a domain; empty: all
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.length === 0) return true;
  const lower = origin.toLowerCase();
  return allowed.some((one) => {
    const star = one.indexOf('*');
    if (star < 0) return one === lower;
    const [before, after] = [one.slice(0, star), one.slice(star + 1)];
    const below = lower.slice(before.length, lower.length - after.length);
    return lower.startsWith(before) && lower.endsWith(after) && /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(below);
  });
}
