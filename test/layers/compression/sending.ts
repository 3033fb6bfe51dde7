import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { ManualSource } from '../../support/manual-source.ts';

const deflated = promisify<string, Buffer>(deflate);

/** Bytes of a piece. */
export const SIZE = 16_000;
/** Pieces in all. */
export const MOST = 100;

/** Bytes that no encoder makes fewer. */
function noise(piece: number): string {
  const rounds = Array.from({ length: SIZE / 32 }, (_, at) => createHash('sha256').update(`${piece} ${at}`).digest());
  return Buffer.concat(rounds).toString('latin1');
}

export interface Sending {
  sent: number;
  open: boolean;
  /** How often it had been told to go on when it was last told to stop. */
  resumes: number;
}

/** Sends as a source does that heeds what it is told, for some turns. */
export async function sendFor(turns: number, source: ManualSource, state: Sending): Promise<void> {
  for (let at = 0; at < turns; at++) {
    state.open ||= source.resumes > state.resumes;
    while (state.open && state.sent < MOST) {
      state.resumes = source.resumes;
      state.open = source.send(noise(state.sent));
      state.sent += 1;
    }
    await new Promise(setImmediate);
  }
}

/** Until nothing is under way any more: encoders work on threads, which others may keep busy. */
export async function sendUntilStill(source: ManualSource, state: Sending): Promise<void> {
  for (let still = 0; still < 3; ) {
    const { sent } = state;
    await sendFor(20, source, state);
    // What was given to the threads before has been done when these have.
    await Promise.all(Array.from({ length: 8 }, () => deflated(noise(0))));
    still = state.sent === sent ? still + 1 : 0;
  }
}
