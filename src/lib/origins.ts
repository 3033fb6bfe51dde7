/** Origins that are on a list of exact ones, wildcards for what is below a host, and `*`. */
export class Origins {
  /** Whether every origin is on it. */
  readonly all: boolean;
  private readonly exact: ReadonlySet<string>;
  private readonly below: readonly { readonly start: string; readonly end: string }[];

  /** @param list in lower case, as the configuration's check leaves them */
  constructor(list: readonly string[]) {
    this.all = list.includes('*');
    this.exact = new Set(list.filter((one) => !one.includes('*')));
    this.below = list
      .filter((one) => one.includes('://*.'))
      .map((one) => ({ start: one.slice(0, one.indexOf('*')), end: one.slice(one.indexOf('*') + 1) }));
  }

  /** @param origin as a client sent it: only what is spelled as browsers do counts */
  has(origin: string): boolean {
    if (this.all || this.exact.has(origin)) return true;
    return this.below.some(({ start, end }) => {
      if (!origin.startsWith(start) || !origin.endsWith(end) || origin.length <= start.length + end.length) return false;
      return LABELS.test(origin.slice(start.length, origin.length - end.length));
    });
  }
}

/** What stands for the star: labels and no more, so that no path, port or second host hides there. */
const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
