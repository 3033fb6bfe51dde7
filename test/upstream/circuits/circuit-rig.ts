import type { Circuit, Circuits, Permit } from '../../../src/upstream/circuits/circuits.ts';
import type { CircuitConfig } from '../../../src/upstream/circuits/config.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { policyOf } from './policy.ts';

export const OPEN_FOR = 5000;

export interface Opened {
  /** New ones, that know nothing yet. */
  readonly circuits: Circuits;
  /** Resolves when what is on its way to others has come back. */
  settled(): Promise<void>;
}
export type OpenCircuits = (clock: ManualClock) => Opened | Promise<Opened>;

/** One circuit that is watched, in an instance that is alone. */
export class CircuitRig {
  readonly clock: ManualClock;
  readonly circuits: Circuits;
  readonly place = { label: 'users/192.0.2.1:80' };
  private readonly settled: () => Promise<void>;
  circuit: Circuit;
  policy: CircuitConfig;
  /** What its listener was told. */
  turns: string[] = [];

  static async open(open: OpenCircuits): Promise<CircuitRig> {
    const clock = new ManualClock();
    return new CircuitRig(clock, await open(clock));
  }

  private constructor(clock: ManualClock, { circuits, settled }: Opened) {
    this.clock = clock;
    this.circuits = circuits;
    this.settled = settled;
    this.policy = policyOf();
    this.circuit = this.watch();
  }

  watch(written: Record<string, unknown> = {}): Circuit {
    const { turns } = this;
    this.policy = policyOf(written);
    this.circuit = this.circuits.watch(this.place, this.policy, (state, reason) => {
      turns.push(reason === '' ? state : `${state}: ${reason}`);
    });
    return this.circuit;
  }

  enter(): Permit {
    const permit = this.circuits.enter(this.place, this.policy);
    if (permit === undefined) throw new Error(`not let in while ${this.circuit.state}`);
    return permit;
  }

  get refused(): boolean {
    return this.circuits.enter(this.place, this.policy) === undefined;
  }

  fail(times = 1, reason = 'reset'): void {
    for (let time = 0; time < times; time++) this.enter().failed(reason);
  }

  /** Opens it. */
  shut(): void {
    this.fail(3);
    this.turns.length = 0;
  }

  /** The time of an open one passes, and there are requests that may try it. */
  async wait(ms = OPEN_FOR): Promise<void> {
    this.clock.advance(ms);
    this.circuit.want();
    await this.settled();
  }

  async halfOpen(): Promise<void> {
    this.shut();
    await this.wait();
    this.turns.length = 0;
  }
}
