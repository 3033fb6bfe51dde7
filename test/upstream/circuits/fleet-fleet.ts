import type { Circuit, Permit } from '../../../src/upstream/circuits/circuits.ts';
import type { FleetCircuits } from '../../../src/upstream/circuits/fleet-circuits.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { FleetRedis, settled, type TwinStore } from './fleet-redis.ts';
import { policyOf } from './policy.ts';

export const PLACE = { label: 'users/192.0.2.1:80' };
const NONCE = '0123456789abcdef';

/** One member of a fleet of tests, with its circuit of one endpoint. */
export class FleetMember {
  readonly circuits: FleetCircuits;
  readonly store: TwinStore;
  readonly circuit: Circuit;
  readonly turns: string[] = [];
  readonly policy = policyOf();

  constructor(redis: FleetRedis, machine: string, thread: number) {
    ({ circuits: this.circuits, store: this.store } = redis.join(`${machine}/${NONCE}/${thread}`));
    this.circuit = this.circuits.watch(PLACE, this.policy, (state, reason) => this.turns.push(`${state}: ${reason}`));
  }

  enter(): Permit {
    const permit = this.circuits.enter(PLACE, this.policy);
    if (permit === undefined) throw new Error(`not let in while ${this.circuit.state}`);
    return permit;
  }

  succeed(times = 1): void {
    for (let time = 0; time < times; time++) this.enter().succeeded();
  }

  /** Three open its own circuit. */
  fail(times = 3): void {
    for (let time = 0; time < times; time++) this.enter().failed('connect');
  }

  get state(): string {
    return this.circuit.state;
  }
}

/** Members on one clock: waits of some of them are those of all. */
export class TestFleet {
  readonly clock = new ManualClock();
  readonly redis = new FleetRedis(this.clock);
  readonly members: FleetMember[] = [];

  /** @param machines of one thread each, unless a name comes again; they have had traffic for long enough to be counted */
  static async of<const Names extends readonly string[]>(
    ...machines: Names
  ): Promise<[TestFleet, ...{ [At in keyof Names]: FleetMember }]> {
    const fleet = new TestFleet();
    for (const machine of machines) fleet.join(machine);
    for (let at = 0; at < 10; at++) {
      for (const member of fleet.members) member.succeed();
      await fleet.wait(500);
    }
    return [fleet, ...(fleet.members as { [At in keyof Names]: FleetMember })];
  }

  join(machine: string): FleetMember {
    const member = new FleetMember(this.redis, machine, this.members.length);
    this.members.push(member);
    return member;
  }

  /** Time passes, and what is sent meanwhile arrives. */
  async wait(ms: number): Promise<void> {
    await settled();
    for (let left = ms; left > 0; left -= 250) {
      this.clock.advance(Math.min(250, left));
      await settled();
    }
  }

  get states(): string[] {
    return this.members.map(({ state }) => state);
  }

  get turn(): string {
    return this.redis.turn(PLACE.label).replace(/ [0-9a-f]{32} /, ' ');
  }

  /** Opens it on the votes of the first two. */
  async open(): Promise<void> {
    for (const member of this.members.slice(0, 2)) member.fail();
    await settled();
  }
}
