import { parseInstance } from './instance.ts';

/** A member as Redis has it: how often it has beaten, or that it has left. */
export type Sighting = readonly [id: string, beat: number | 'left'];

export interface BeatReply {
  /** Most members at a time within about the last hour. */
  readonly most: number;
  readonly list: readonly Sighting[];
}

/**
 * What the script of a heartbeat replies. Ids that no instance has are left out: whoever has written them, nobody is there.
 * @returns undefined for what the script does not reply
 */
export function readBeatReply(reply: unknown): BeatReply | undefined {
  if (!Array.isArray(reply) || reply.length % 2 === 0) return undefined;
  const most = Number(reply[0]);
  if (!Number.isSafeInteger(most)) return undefined;
  const list: Sighting[] = [];
  for (let at = 1; at < reply.length; at += 2) {
    const id = String(reply[at]);
    const beat = reply[at + 1] === 'left' ? 'left' : Number(reply[at + 1]);
    if (parseInstance(id) === undefined || (beat !== 'left' && !Number.isSafeInteger(beat))) continue;
    list.push([id, beat]);
  }
  return { most, list };
}
