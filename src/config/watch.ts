import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { Quiet } from '../lib/quiet.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { codeOf, type Known, lookOf } from './inputs.ts';

/** How long it must be quiet before anybody is told, and how long that may be put off. Milliseconds. */
const QUIET = 100;
const PATIENCE = 1000;
/** Notices get lost: with a directory that is gone, on network file systems, when the kernel's queue is full. */
const POLL = 10_000;

/**
 * Tells when files may have changed, however that came about: written in place, replaced by a rename, deleted and made
 * again, or, as Kubernetes does it, by moving a symbolic link. It hears of the directories, which outlive their files,
 * and looks at the files themselves every ten seconds. Says so once for each change that it sees.
 */
export class FileWatch {
  private readonly changed: () => void;
  private readonly directories: DirectoryWatch;
  private readonly quiet: Quiet;
  private readonly stopPoll: () => void;
  private looks: Known['looks'] = new Map();
  private names: ReadonlySet<string> = new Set();
  /** Something that is followed has changed for certain: nobody has been told yet. */
  private named = false;
  private closed = false;

  constructor(clock: Clock, changed: () => void) {
    this.changed = changed;
    this.directories = new DirectoryWatch((name) => this.heard(name));
    this.quiet = new Quiet(clock, QUIET, PATIENCE, () => void this.settled());
    this.stopPoll = clock.every(POLL, () => void this.look());
  }

  /**
   * From now on these are followed; what has changed since they were read is told too.
   * @returns when the directories are watched
   */
  async follow({ looks, listings, names }: Known): Promise<void> {
    if (this.closed) return;
    this.looks = looks;
    this.names = new Set(names.map((path) => basename(path)));
    this.directories.want(new Set([...names.map((path) => dirname(path)), ...[...listings.keys()].map((path) => resolve(path))]));
    await this.look();
  }

  close(): void {
    this.closed = true;
    this.stopPoll();
    this.quiet.close();
    this.directories.close();
  }

  private heard(name: string | null): void {
    // A name that is followed is reason enough. Else it may be any file that happens to be there, such as a log.
    if (name !== null && this.names.has(name)) this.named = true;
    this.quiet.notice();
  }

  private async settled(): Promise<void> {
    const { named } = this;
    this.named = false;
    const differs = await this.differs();
    if (!this.closed && (named || differs)) this.changed();
  }

  /** What differs may be about to differ more: it has to settle like what is heard of. */
  private async look(): Promise<void> {
    const differs = await this.differs();
    if (this.closed || !differs) return;
    this.named = true;
    this.quiet.notice();
  }

  /** Whether something looks different. It is said once. */
  private async differs(): Promise<boolean> {
    await this.directories.refresh();
    const { looks: before } = this;
    const now = await looksNow(before.keys());
    // Others are followed meanwhile: they have their own look.
    if (before !== this.looks || [...now].every(([path, look]) => before.get(path) === look)) return false;
    this.looks = now;
    return true;
  }
}

async function looksNow(paths: Iterable<string>): Promise<Map<string, string>> {
  const looks = [...paths].map(async (path) => {
    const look = await stat(path, { bigint: true }).then(lookOf, codeOf);
    return [path, look] as const;
  });
  return new Map(await Promise.all(looks));
}
