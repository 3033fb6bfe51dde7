import type { Locate } from './config-error.ts';
import type { Path } from './path.ts';

/** Which part of a document was written where, when it was put together of several writings. */
export class Origins {
  private readonly claims = new Map<string, Locate>();
  private readonly main: Locate;

  /** @param main for all that nobody claims */
  constructor(main: Locate) {
    this.main = main;
  }

  /** What stands at a path, and below it, was written where `locate` says. A later claim takes the place of an earlier one. */
  claim(path: Path, locate: Locate): void {
    this.claims.set(JSON.stringify(path), locate);
  }

  readonly locate: Locate = (path, atKey) => {
    for (let length = path.length; length > 0 && this.claims.size > 0; length--) {
      const claim = this.claims.get(JSON.stringify(path.slice(0, length)));
      if (claim !== undefined) return claim(path, atKey);
    }
    return this.main(path, atKey);
  };
}
