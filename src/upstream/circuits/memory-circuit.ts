import type { Clock } from '../../lib/clock.ts';
import type { Circuit, CircuitPlace, CircuitState, CircuitTurned, Permit } from './circuits.ts';
import type { CircuitConfig } from './config.ts';
import { ErrorWindow } from './error-window.ts';
import { admits, CLOSED, type Counts, entered, failed, givenBack, type Machine, succeeded, timed, waitOf } from './machine.ts';

const NOTHING: Counts = Object.freeze({ requests: 0, failures: 0 });

/** One circuit of this instance: the machine, with its window, its time, and the permits that are out. */
export class MemoryCircuit implements Circuit {
  /** Who watched it last. */
  place: CircuitPlace;
  since: number;
  reason = '';
  openings = 0;
  private readonly clock: Clock;
  private policy: CircuitConfig;
  private turned: CircuitTurned;
  private machine: Machine = CLOSED;
  /** Grows with each change of state: permits of another one say nothing. */
  private term = 0;
  /** Made with the first verdict: an endpoint that nobody asks needs none. */
  private window: ErrorWindow | undefined;
  /** Trials that have their places, the oldest first. */
  private trials: MemoryPermit[] = [];
  private callOff: (() => void) | undefined;

  constructor(place: CircuitPlace, policy: CircuitConfig, clock: Clock, turned: CircuitTurned) {
    this.place = place;
    this.policy = policy;
    this.clock = clock;
    this.turned = turned;
    this.since = clock.wall();
  }

  /** From now on these count. */
  adopt(place: CircuitPlace, policy: CircuitConfig, turned: CircuitTurned): void {
    this.place = place;
    this.policy = policy;
    this.turned = turned;
    this.wake();
  }

  get state(): CircuitState {
    return this.machine.name;
  }

  get admits(): boolean {
    return this.machine.name === 'closed' || admits(timed(this.machine, this.policy, this.clock.now()), this.policy);
  }

  get wait(): number {
    return waitOf(this.machine, this.policy, this.clock.now());
  }

  get requests(): number {
    return this.counts().requests;
  }

  get failures(): number {
    return this.counts().failures;
  }

  private counts(): Counts {
    return this.window?.counts(this.policy.window, this.clock.now()) ?? NOTHING;
  }

  /** Nobody else claims trials here. */
  want(): void {}

  enter(policy: CircuitConfig): Permit | undefined {
    this.policy = policy;
    if (this.machine.name === 'closed') return new MemoryPermit(this, this.term, 0);
    const now = this.clock.now();
    this.turn(timed(this.machine, policy, now));
    if (!admits(this.machine, policy)) return undefined;
    this.machine = entered(this.machine);
    const trial = new MemoryPermit(this, this.term, now);
    this.trials.push(trial);
    this.wake();
    return trial;
  }

  succeeded(permit: MemoryPermit): void {
    if (permit.term !== this.term) return;
    if (this.machine.name === 'closed') this.count().succeeded(this.policy.window, this.clock.now());
    this.turn(succeeded(this.machine, this.policy, this.release(permit)));
  }

  failed(permit: MemoryPermit, cause: string): void {
    if (permit.term !== this.term) return;
    const now = this.clock.now();
    if (this.machine.name === 'closed') this.count().failed(this.policy.window, now);
    this.turn(failed(this.machine, this.policy, cause, () => this.counts(), now));
  }

  givenBack(permit: MemoryPermit): void {
    if (permit.term === this.term && this.release(permit)) this.machine = givenBack(this.machine);
  }

  private count(): ErrorWindow {
    this.window ??= new ErrorWindow(this.clock.now());
    return this.window;
  }

  /** @returns whether it was a trial that had its place */
  private release(permit: MemoryPermit): boolean {
    if (this.machine.name === 'closed') return false;
    const at = this.trials.indexOf(permit);
    if (at < 0) return false;
    this.trials.splice(at, 1);
    this.wake();
    return true;
  }

  private turn(next: Machine): void {
    const before = this.machine;
    this.machine = next;
    if (next.name === before.name) return;
    this.term += 1;
    this.trials = [];
    this.since = this.clock.wall();
    if (next.name === 'open') {
      this.reason = next.reason;
      this.openings += 1;
      this.window?.open();
    } else if (next.name === 'closed') {
      this.reason = '';
      this.window?.close();
    }
    this.wake();
    this.turned(next.name, this.reason);
  }

  /** Has it looked at when the next thing is due: trials, or the places of those that take long. */
  private wake(): void {
    this.callOff?.();
    const due = this.nextDue(this.clock.now());
    this.callOff = due === undefined ? undefined : this.clock.after(due, () => this.due());
  }

  /** In ms. */
  private nextDue(now: number): number | undefined {
    if (this.machine.name === 'open') return waitOf(this.machine, this.policy, now);
    const oldest = this.trials[0];
    return oldest === undefined ? undefined : Math.max(0, oldest.since + this.policy.open_for - now);
  }

  private due(): void {
    const now = this.clock.now();
    this.turn(timed(this.machine, this.policy, now));
    const late = this.trials.filter(({ since }) => since + this.policy.open_for <= now);
    for (const trial of late) {
      if (trial.wasGood) trial.succeeded();
      else this.givenBack(trial);
    }
    // A timer of the system may be a moment early.
    this.wake();
  }

  /** Its permits say nothing any more. */
  close(): void {
    this.term += 1;
    this.trials = [];
    this.callOff?.();
    this.callOff = undefined;
  }
}

class MemoryPermit implements Permit {
  /** Of the circuit, when it was given. */
  readonly term: number;
  /** Monotonic ms; trials alone have one. */
  readonly since: number;
  /** So far, a trial that was answered. */
  wasGood = false;
  private readonly circuit: MemoryCircuit;
  private settled = false;

  constructor(circuit: MemoryCircuit, term: number, since: number) {
    this.circuit = circuit;
    this.term = term;
    this.since = since;
  }

  answered(): void {
    this.wasGood = true;
  }

  succeeded(): void {
    if (this.settled) return;
    this.settled = true;
    this.circuit.succeeded(this);
  }

  failed(reason: string): void {
    if (this.settled) return;
    this.settled = true;
    this.circuit.failed(this, reason);
  }

  giveBack(): void {
    if (this.settled) return;
    this.settled = true;
    this.circuit.givenBack(this);
  }
}
