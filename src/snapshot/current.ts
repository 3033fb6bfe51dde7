import type { Snapshot } from './compile.ts';

/** The snapshot that requests enter. Swapped as a whole; a request keeps the one it entered. */
export class Current {
  snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  swap(next: Snapshot): void {
    this.snapshot = next;
  }
}
