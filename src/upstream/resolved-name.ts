import type { LookupAddress } from 'node:dns';

/** What is known about one name, and who is interested. */
export class ResolvedName {
  readonly watchers = new Set<{ changed(addresses: readonly string[]): void }>();
  /** It was looked up since it was resolved last. */
  used = false;
  /** Why it could not be resolved the last time, if so. */
  error: Error | undefined;
  /** While it is being resolved. */
  pending: Promise<void> | undefined;
  /** Calls off the next time. */
  stop: (() => void) | undefined;
  private addresses: readonly LookupAddress[] = [];
  private turn: number;

  /** @param turn with which address to begin: not the same one in all instances of a fleet */
  constructor(turn: number) {
    this.turn = turn;
  }

  get known(): boolean {
    return this.addresses.length > 0;
  }

  /** Takes a good answer, and tells the watchers when it is another one than the last; the order does not matter. */
  accept(addresses: readonly LookupAddress[]): void {
    const before = new Set(this.addresses.map(({ address }) => address));
    const after = new Set(addresses.map(({ address }) => address));
    this.addresses = addresses;
    this.error = undefined;
    if (before.size === 0 || before.symmetricDifference(after).size === 0) return;
    for (const { changed } of [...this.watchers]) changed([...after]);
  }

  /**
   * Each time with another address first. The family that the resolver names first stays first: it knows which of the two
   * works here (RFC 6724).
   * @param family 4, 6, or 0 for both
   */
  next(family: number): readonly LookupAddress[] {
    const usable = this.addresses.filter((one) => family === 0 || one.family === family);
    const [first] = usable;
    const turn = this.turn++;
    return [true, false].flatMap((preferred) => {
      const group = usable.filter((one) => (one.family === first?.family) === preferred);
      const from = group.length === 0 ? 0 : turn % group.length;
      return [...group.slice(from), ...group.slice(0, from)];
    });
  }
}
