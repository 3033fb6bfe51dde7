import { hash32, mix32 } from '../../lib/hash32.ts';
import type { Candidate } from '../balancer.ts';

/** As many as keep shares within a few percent: one of p of all endpoints is off by √(p / SLOTS) of its share. */
const SLOTS = 1 << 18;
/** Slots that are looked at before all endpoints are. */
const JUMPS = 16;

/**
 * Keys to endpoints, the same in every instance that has the same endpoints, in whatever order. Weighted rendezvous
 * hashing: each endpoint bids for each slot, the highest bid has it. So an endpoint that goes loses its slots to the
 * others, one that comes takes its share from all, and no other slot moves. Bids are made when a slot is first asked
 * for: an update costs O(n), and after it each slot O(n) once.
 */
export class Rendezvous<Endpoint extends Candidate> {
  private endpoints: readonly Endpoint[] = [];
  private hashes = new Uint32Array(0);
  private weights = new Float64Array(0);
  /** One more than the place of the slot's owner; 0: not known yet. */
  private owners: Uint16Array | Uint32Array = new Uint16Array(0);

  update(endpoints: readonly Endpoint[]): void {
    const before = this.endpoints;
    // Sorted, so that equal bids, too, end the same in every instance.
    this.endpoints = endpoints.toSorted((one, other) => (one.address < other.address ? -1 : 1));
    const weights = this.weights;
    this.weights = Float64Array.from(this.endpoints, ({ weight }) => weight);
    const same = (one: Endpoint, at: number) => one.address === before[at]?.address && one.weight === weights[at];
    if (endpoints.length === before.length && this.endpoints.every(same)) return;
    this.hashes = Uint32Array.from(this.endpoints, ({ address }) => hash32(address));
    this.owners = endpoints.length < 0xffff ? new Uint16Array(SLOTS) : new Uint32Array(SLOTS);
  }

  /**
   * @param hash of the key: 32 bits
   * @returns undefined only when there are no endpoints
   */
  owner(hash: number): Endpoint | undefined {
    const slot = hash & (SLOTS - 1);
    let owner = this.owners[slot] as number;
    if (owner === 0) {
      owner = this.highest(slot) + 1;
      this.owners[slot] = owner;
    }
    return this.endpoints[owner - 1];
  }

  /**
   * The owner, or the next one, that is wanted. The next is the owner of another slot, which the key's slot leads to: so
   * the keys of one endpoint go on to all the others, and not all to the same neighbour.
   */
  find(hash: number, wanted: (endpoint: Endpoint) => boolean): Endpoint | undefined {
    let next = hash & (SLOTS - 1);
    for (let jumps = 0; jumps < JUMPS; jumps++) {
      const endpoint = this.owner(next);
      if (endpoint === undefined || wanted(endpoint)) return endpoint;
      next = mix32(next + 1);
    }
    return this.endpoints[this.highest(hash & (SLOTS - 1), wanted)];
  }

  private highest(slot: number, wanted?: (endpoint: Endpoint) => boolean): number {
    const { hashes, weights } = this;
    const seed = mix32(slot + 1);
    let [best, found] = [Number.NEGATIVE_INFINITY, -1];
    for (let at = 0; at < hashes.length; at++) {
      const chance = (mix32(seed ^ (hashes[at] as number)) + 0.5) / 2 ** 32;
      const weight = weights[at] as number;
      // The bid is the logarithm of the chance by the weight. It is never above this, so most logarithms need not be taken.
      if ((chance - 1) / weight <= best) continue;
      const bid = Math.log(chance) / weight;
      if (bid > best && (wanted === undefined || wanted(this.endpoints[at] as Endpoint))) [best, found] = [bid, at];
    }
    return found;
  }
}
