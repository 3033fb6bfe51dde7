import type { Clock } from '../../lib/clock.ts';
import type { Keys } from '../../redis/keys.ts';
import type { Script } from '../../redis/script.ts';
import type { Store } from '../../redis/store.ts';
import { CLAIM, REPORT, VERDICT } from './fleet-script.ts';
import { type FleetReply, readFleetReply, type Turn, turnText } from './fleet-turn.ts';

/** Who is alive, as this instance knows it. */
export interface FleetMembers {
  readonly self: { readonly id: string };
  living(): readonly { readonly id: string }[];
}

export interface FleetTools {
  readonly clock: Clock;
  readonly store: Store;
  readonly keys: Keys;
  readonly members: FleetMembers;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What one member says about one endpoint. */
export interface Report {
  /** Ms since it has had traffic, and since its own circuit opened. */
  readonly traffic: number | undefined;
  readonly vote: number | undefined;
  /** The turn that it has had a success of its own since. */
  readonly success: string;
  readonly quorum: number;
  /** Why its own circuit opened. */
  readonly reason: string;
}

const LONGEST_REASON = 200;

/** The scripts of one circuit, as a member calls them. None of them rejects: undefined is no answer, whatever was done. */
export class FleetCalls {
  private readonly tools: FleetTools;
  private readonly label: string;
  private readonly keys: readonly string[];
  private readonly channel: string;

  constructor(tools: FleetTools, label: string) {
    this.tools = tools;
    this.label = label;
    this.keys = [tools.keys.circuit(label)];
    this.channel = tools.keys.channel(CHANNEL);
  }

  report(view: Turn, openFor: number, { traffic, vote, success, quorum, reason }: Report): Promise<FleetReply | undefined> {
    const { members } = this.tools;
    const living = vote === undefined ? [] : members.living().map(({ id }) => id);
    const ages = [ageText(traffic), ageText(vote)];
    const rest = [success, quorum, this.newRandom(), reason.slice(0, LONGEST_REASON), ...living];
    return this.call(REPORT, view, openFor, [members.self.id, ...ages, ...rest]);
  }

  claim(view: Turn, openFor: number, token: string): Promise<FleetReply | undefined> {
    return this.call(CLAIM, view, openFor, [token]);
  }

  verdict(view: Turn, openFor: number, token: string, to: Omit<Turn, 'n'>): Promise<FleetReply | undefined> {
    return this.call(VERDICT, view, openFor, [token, to.state, to.random, to.reason.slice(0, LONGEST_REASON)]);
  }

  /** 32 hex digits. */
  newRandom(): string {
    let digits = '';
    while (digits.length < 32)
      digits += Math.floor(this.tools.random() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0');
    return digits;
  }

  private async call(script: Script, view: Turn, openFor: number, args: (string | number)[]): Promise<FleetReply | undefined> {
    const { store } = this.tools;
    try {
      const reply = readFleetReply(await store.run(script, this.keys, [turnText(view), openFor, ...args]));
      if (reply?.changed) store.publish(this.channel, this.label);
      return reply;
    } catch {
      // The store has said so to whom it concerns; here it is asked again soon.
      return undefined;
    }
  }
}

/** Says "this circuit has changed", and no more: whoever hears it reads. */
export const CHANNEL = 'circuits';

function ageText(ms: number | undefined): string {
  return ms === undefined ? '' : String(Math.max(0, Math.round(ms)));
}
