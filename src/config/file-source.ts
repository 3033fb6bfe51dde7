import { type Clock, systemClock } from '../lib/clock.ts';
import { type CheckedFile, checkFile, type FileInput } from './check-file.ts';
import type { Known } from './inputs.ts';
import { OffThread } from './off-thread.ts';
import type { ConfigSource, Loaded } from './source.ts';
import { FileWatch } from './watch.ts';

/**
 * A configuration in a file, with what it includes and names. The first load happens in the calling thread, which has
 * nothing to serve yet; further ones on a thread of their own.
 */
export class FileSource implements ConfigSource {
  private readonly input: FileInput;
  private readonly clock: Clock;
  private readonly thread: OffThread;
  private readonly watches = new Set<FileWatch>();
  private known: Known | undefined;

  constructor(input: FileInput, clock: Clock = systemClock) {
    this.input = input;
    this.clock = clock;
    this.thread = new OffThread({ clock });
  }

  async load(known?: string): Promise<Loaded> {
    const { loaded, known: next } = await this.check(known);
    this.known = next;
    for (const watch of this.watches) void watch.follow(next);
    return loaded;
  }

  /** Before the first load there is nothing to watch. */
  watch(onChange: () => void): () => void {
    const watch = new FileWatch(this.clock, onChange);
    this.watches.add(watch);
    if (this.known !== undefined) void watch.follow(this.known);
    return () => {
      watch.close();
      this.watches.delete(watch);
    };
  }

  close(): void {
    for (const watch of this.watches) watch.close();
    this.watches.clear();
    this.thread.close();
  }

  private check(known: string | undefined): CheckedFile | Promise<CheckedFile> {
    if (this.known === undefined) return checkFile(this.input);
    return this.thread.check(this.input, known === this.known.version ? this.known : undefined);
  }
}
