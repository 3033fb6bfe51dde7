import type { Clock } from '../../lib/clock.ts';
import type { Circuit, CircuitPlace, Circuits, CircuitTurned, Permit } from './circuits.ts';
import type { CircuitConfig } from './config.ts';
import { opossum } from './error-window.ts';
import { MemoryCircuit } from './memory-circuit.ts';

/** Circuits of this instance alone. Holds one timer for each that is open or being tried, and none for the others. */
export class MemoryCircuits implements Circuits {
  private readonly clock: Clock;
  private readonly circuits = new Map<string, MemoryCircuit>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  watch(place: CircuitPlace, policy: CircuitConfig, turned: CircuitTurned): Circuit {
    // Now, and not when the first request is judged: loading a module takes milliseconds.
    opossum();
    const known = this.circuits.get(place.label);
    if (known !== undefined) {
      known.adopt(place, policy, turned);
      return known;
    }
    const circuit = new MemoryCircuit(place, policy, this.clock, turned);
    this.circuits.set(place.label, circuit);
    return circuit;
  }

  enter({ label }: CircuitPlace, policy: CircuitConfig): Permit | undefined {
    const circuit = this.circuits.get(label);
    return circuit === undefined ? UNWATCHED : circuit.enter(policy);
  }

  forget(place: CircuitPlace): void {
    const circuit = this.circuits.get(place.label);
    if (circuit?.place !== place) return;
    circuit.close();
    this.circuits.delete(place.label);
  }

  close(): void {
    for (const circuit of this.circuits.values()) circuit.close();
    this.circuits.clear();
  }
}

const UNWATCHED: Permit = Object.freeze({ answered() {}, succeeded() {}, failed() {}, giveBack() {} });
