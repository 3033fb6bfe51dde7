import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MAX_TEXT } from './parse.ts';

const { O_NONBLOCK, O_RDONLY } = constants;

/** How a check reads what a configuration names: included files, certificates. Synchronous, see {@link Inputs}. */
export interface Files {
  /** @throws an error of node:fs; EFBIG for more than {@link MAX_TEXT} bytes, EINVAL for what is no regular file */
  read(path: string): Buffer;
  /** The sorted names in a directory. @throws an error of node:fs */
  list(directory: string): string[];
}

/** What a configuration was made of: for seeing, without a check, whether there is anything new. */
export interface Known {
  /** Hex SHA-256 of all that was read: of one file, what `sha256sum` prints. */
  readonly version: string;
  /** Files and directories, in the order in which they were read, and how each looked to {@link lookOf} just before. */
  readonly looks: ReadonlyMap<string, string>;
  /** What the directories held; undefined: it could not be seen. */
  readonly listings: ReadonlyMap<string, string | undefined>;
  /** Absolute: the files, and the symbolic links on the way to them. */
  readonly names: readonly string[];
}

/**
 * Reads from the disk and keeps account of it. Blocks: a check is one step, and runs where nobody waits for it. What
 * cannot be read counts too, since it may appear.
 */
export class Inputs implements Files {
  private readonly hash = createHash('sha256');
  private readonly looks = new Map<string, string>();
  private readonly listings = new Map<string, string | undefined>();
  private files = 0;

  read(path: string): Buffer {
    // A file that is read twice counts once: the account can then be gone through again in one pass.
    const first = this.look(path);
    try {
      const bytes = readBounded(path);
      if (first) this.count(bytes);
      return bytes;
    } catch (error) {
      if (first) this.count(Buffer.from(codeOf(error)));
      throw error;
    }
  }

  list(directory: string): string[] {
    this.look(directory);
    this.listings.set(directory, undefined);
    const names = readdirSync(directory).sort();
    this.listings.set(directory, names.join('/'));
    return names;
  }

  /** To be taken once, when everything has been read. */
  known(): Known {
    const names = [...this.looks.keys()].filter((path) => !this.listings.has(path)).flatMap((path) => links(resolve(path)));
    return { version: this.hash.digest('hex'), looks: this.looks, listings: this.listings, names };
  }

  /** Before reading: what is written in between then shows as a difference later. @returns false when it has been seen */
  private look(path: string): boolean {
    if (this.looks.has(path)) return false;
    try {
      this.looks.set(path, lookOf(statSync(path, { bigint: true })));
    } catch (error) {
      this.looks.set(path, codeOf(error));
    }
    return true;
  }

  /** The first file alone, as it is; each further one with its length, so that no two lists of files are one text. */
  private count(bytes: Buffer): void {
    if (this.files > 0) this.hash.update(`\0${bytes.length}\0`);
    this.hash.update(bytes);
    this.files += 1;
  }
}

/** Reads again what was read. @returns the new account, if all of it is as it was */
export function readAgain(known: Known): Known | undefined {
  const inputs = new Inputs();
  for (const path of known.looks.keys()) {
    try {
      if (known.listings.has(path)) inputs.list(path);
      else inputs.read(path);
    } catch {
      // It is in the account, as it was the first time.
    }
  }
  const now = inputs.known();
  const listed = [...known.listings].every(([path, names]) => now.listings.get(path) === names);
  return listed && now.version === known.version ? now : undefined;
}

/** The path, and where it leads if it is a symbolic link, and so on. */
function links(path: string, most = 8): string[] {
  try {
    return most === 0 ? [] : [path, ...links(resolve(dirname(path), readlinkSync(path)), most - 1)];
  } catch {
    return [path];
  }
}

/** What can be seen of a file without reading it: it differs after a write and after a rename. */
export function lookOf(stat: BigIntStats): string {
  return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
}

function readBounded(path: string): Buffer {
  // Without waiting: a named pipe opens only when somebody writes to it, which may be never.
  const fd = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    // Pipes and devices have no size and maybe no end.
    if (!stat.isFile()) throw Object.assign(new Error('is not a regular file'), { code: 'EINVAL' });
    // Before reading: a name that leads to a disk image should not fill the memory first.
    if (stat.size > MAX_TEXT) throw Object.assign(new Error(`is larger than ${MAX_TEXT} bytes`), { code: 'EFBIG' });
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Of an error of node:fs. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
