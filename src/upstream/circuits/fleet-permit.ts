import type { Permit } from './circuits.ts';

/** What a permit of a fleet's circuit is told by. */
export interface FleetPermitOwner {
  /** @returns whether it counts: it began under the verdict of the fleet that there is now */
  succeeded(term: number): boolean;
  counts(term: number): boolean;
  tried(by: -1): void;
}

/** A permit of this member's own circuit, that says nothing once the fleet has said something else. */
export class FleetPermit implements Permit {
  private readonly circuit: FleetPermitOwner;
  private readonly own: Permit;
  private readonly term: number;
  private isOut: boolean;
  private isSettled = false;

  /** @param isTrial it is one of the fleet's trials */
  constructor(circuit: FleetPermitOwner, own: Permit, term: number, isTrial: boolean) {
    this.circuit = circuit;
    this.own = own;
    this.term = term;
    this.isOut = isTrial;
  }

  answered(): void {
    if (!this.isSettled && this.circuit.counts(this.term)) this.own.answered();
  }

  succeeded(): void {
    if (this.settle()) return;
    if (this.circuit.succeeded(this.term)) this.own.succeeded();
    else this.own.giveBack();
  }

  failed(reason: string): void {
    if (this.settle()) return;
    if (this.circuit.counts(this.term)) this.own.failed(reason);
    else this.own.giveBack();
  }

  giveBack(): void {
    if (!this.settle()) this.own.giveBack();
  }

  /** @returns whether it was before */
  private settle(): boolean {
    if (this.isSettled) return true;
    this.isSettled = true;
    if (this.isOut) this.circuit.tried(-1);
    this.isOut = false;
    return false;
  }
}
