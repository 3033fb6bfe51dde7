import type { Circuit, CircuitPlace, Circuits, CircuitTurned, Permit } from './circuits.ts';
import type { CircuitConfig } from './config.ts';
import { opossum } from './error-window.ts';
import { CHANNEL, type FleetTools } from './fleet-calls.ts';
import { FleetCircuit } from './fleet-circuit.ts';

/** Ms between two looks at all circuits. */
const LOOK = 500;

/**
 * Circuits that a fleet shares: each member judges for itself and votes, the votes of more than `quorum` of the machines with
 * traffic, and of two at least, open an endpoint for all, and one member at a time tries it then (FLEET.md C).
 *
 * Atomic: a script over one circuit. On the path only this member's view is used; what is heard comes beside it. Clock: the own
 * one, for how long a circuit stays open (from when that was heard) and how long trials are owned; that of Redis for how old a
 * report and a lease are. Redis **slow**: verdicts come late; an answer that is late is none, and is asked for again. **Gone**:
 * each member judges for itself, as {@link MemoryCircuits} does. **Back**: what is open here is a vote there, the later
 * transition (n, random) holds, and what the fleet said before the outage binds nobody who has seen the endpoint do well since.
 * **Empty**, or an older copy: members write back what they hold; votes open nothing for three seconds.
 */
export class FleetCircuits implements Circuits {
  private readonly tools: FleetTools;
  private readonly circuits = new Map<string, FleetCircuit>();
  private readonly ends: (() => void)[];
  private stopLooking: (() => void) | undefined;

  constructor(tools: FleetTools) {
    this.tools = tools;
    const { store, keys } = tools;
    let wasDown = store.state.condition === 'down';
    this.ends = [
      store.listen(keys.channel(CHANNEL), {
        message: (label) => this.circuits.get(label)?.read(),
        gap: () => this.readAll(),
      }),
      store.onState(({ condition }) => {
        const isDown = condition === 'down';
        if (isDown && !wasDown) for (const circuit of this.circuits.values()) circuit.lost();
        if (wasDown && !isDown) this.readAll();
        wasDown = isDown;
      }),
    ];
  }

  private readAll(): void {
    for (const circuit of this.circuits.values()) circuit.read();
  }

  watch(place: CircuitPlace, policy: CircuitConfig, turned: CircuitTurned): Circuit {
    // As MemoryCircuits does.
    opossum();
    const known = this.circuits.get(place.label);
    if (known !== undefined) {
      known.adopt(place, policy, turned);
      return known;
    }
    const circuit = new FleetCircuit(place, policy, this.tools, turned);
    this.circuits.set(place.label, circuit);
    this.stopLooking ??= this.tools.clock.every(LOOK, () => this.look());
    return circuit;
  }

  private look(): void {
    const { clock, store } = this.tools;
    if (store.state.condition === 'down') return;
    const now = clock.now();
    for (const circuit of this.circuits.values()) circuit.look(now);
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
    if (this.circuits.size === 0) this.stop();
  }

  private stop(): void {
    this.stopLooking?.();
    this.stopLooking = undefined;
  }

  close(): void {
    for (const end of this.ends.splice(0)) end();
    for (const circuit of this.circuits.values()) circuit.close();
    this.circuits.clear();
    this.stop();
  }
}

const UNWATCHED: Permit = Object.freeze({ answered() {}, succeeded() {}, failed() {}, giveBack() {} });
