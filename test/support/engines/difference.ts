import type { Seen, SeenMessage } from './seen.ts';

/** The first place where two engines tell different stories of the same bytes; what follows from it is not compared. */
export interface Difference {
  /**
   * only ours, only theirs: the other one refused this message, or did not find its end. refusal: no further message
   * for either, but one of them refused the bytes. The others: both have the message, and this of it differs.
   */
  readonly kind: 'only ours' | 'only theirs' | 'refusal' | 'line' | 'fields' | 'whole' | 'body' | 'trailers';
  readonly ours: SeenMessage | undefined;
  readonly theirs: SeenMessage | undefined;
  /** What both agreed on last. */
  readonly before: SeenMessage | undefined;
  readonly ourRefusal: Seen['refusal'];
  readonly theirRefusal: Seen['refusal'];
  /** All bytes of the connection, as latin1. */
  readonly text: string;
}

function messageDifference(ours: SeenMessage, theirs: SeenMessage): Difference['kind'] | undefined {
  if (ours.line !== theirs.line) return 'line';
  if (ours.fields.join('\n') !== theirs.fields.join('\n')) return 'fields';
  if (ours.whole !== theirs.whole) return 'whole';
  if (!ours.whole) return ours.body.startsWith(theirs.body) || theirs.body.startsWith(ours.body) ? undefined : 'body';
  if (ours.body !== theirs.body) return 'body';
  return ours.trailers.join('\n') === theirs.trailers.join('\n') ? undefined : 'trailers';
}

export function differenceOf(ours: Seen, theirs: Seen, text: string): Difference | undefined {
  const count = Math.max(ours.messages.length, theirs.messages.length);
  for (let at = 0; at <= count; at += 1) {
    const mine = ours.messages[at];
    const other = theirs.messages[at];
    let kind: Difference['kind'] | undefined;
    if (mine !== undefined && other !== undefined) kind = messageDifference(mine, other);
    else if (mine !== undefined) kind = 'only ours';
    else if (other !== undefined) kind = 'only theirs';
    else if ((ours.refusal === undefined) !== (theirs.refusal === undefined)) kind = 'refusal';
    if (kind === undefined) continue;
    const before = theirs.messages[at - 1] ?? ours.messages[at - 1];
    return { kind, ours: mine, theirs: other, before, ourRefusal: ours.refusal, theirRefusal: theirs.refusal, text };
  }
  return undefined;
}

/** A class of differences that is meant to be. */
export interface Divergence {
  readonly name: string;
  readonly why: string;
  readonly recognises: (difference: Difference) => boolean;
}
