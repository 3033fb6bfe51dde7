import type { Clock } from '../lib/clock.ts';
import type { Members } from './members.ts';

/** A fleet as one of its members sees it: a part of /stats. */
export interface FleetView {
  readonly name: string;
  /** Whose view it is. */
  readonly id: string;
  /** Whether the last heartbeat was answered, and for how many whole seconds that has been so. */
  readonly contact: boolean;
  readonly contact_for_s: number;
  /** Ids of all who are alive. */
  readonly members: readonly string[];
  readonly machines: number;
  /** Most members at a time within about the last hour; 0 while it is not known. */
  readonly most_lately: number;
}

export function fleetView(name: string, members: Members, clock: Clock): FleetView {
  const { self, contact, machines, mostLately } = members;
  return {
    name,
    id: self.id,
    contact: contact.answered,
    contact_for_s: Math.floor((clock.now() - contact.since) / 1000),
    members: members.living().map(({ id }) => id),
    machines: machines.length,
    most_lately: mostLately,
  };
}
