import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '../lib/clock.ts';
import { thrownText } from '../lib/thrown.ts';

/** A configuration cannot be had because of modules that it names: a message for whoever wrote it, with a line for each place. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

/** What a module's default export is, or what is wrong with the module. */
export type Loaded = { readonly value: unknown } | { readonly wrong: string };

const EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/** How long the top level of a module may wait for something, in ms: every later reload waits for it too. */
const PATIENCE = 10_000;

/**
 * Loads the modules that a configuration names, from the directories that its boot settings allow. A module is imported
 * again when its own text has changed, which is how Node.js can be told to: the old one stays in memory, and what
 * modules import themselves is not looked at, even if it was what made them fail. Not on the request path.
 */
export class Extensions {
  private readonly directories: readonly string[];
  private readonly base: string;
  private readonly clock: Clock;
  /** By real path. */
  private readonly loaded = new Map<string, { readonly hash: string; readonly value: unknown }>();

  /** @param base what relative names are relative to, of modules and of directories: the configuration's directory */
  constructor(directories: readonly string[], base: string, clock = systemClock) {
    this.base = base;
    this.clock = clock;
    this.directories = directories.map((directory) => resolve(base, directory));
  }

  /** Never rejects. A module whose top level waits for ever is given up after ten seconds. */
  async load(name: string): Promise<Loaded> {
    const file = await this.find(name).catch((error: unknown) => ({ wrong: explainFile(error) }));
    const loaded = typeof file === 'string' ? await this.import(file) : file;
    return 'wrong' in loaded ? { wrong: `${name}: ${loaded.wrong}` } : loaded;
  }

  /** Its real path. */
  private async find(name: string): Promise<string | { readonly wrong: string }> {
    if (this.directories.length === 0) return { wrong: 'extensions.directories names no directory to load it from' };
    // Real paths: a symbolic link in an allowed directory must not lead out of it.
    const file = await realpath(resolve(this.base, name));
    const allowed = await Promise.all(this.directories.map((directory) => realpath(directory).catch(() => undefined)));
    if (!allowed.some((directory) => directory !== undefined && isWithin(file, directory))) {
      return { wrong: 'is in none of extensions.directories' };
    }
    if (!EXTENSIONS.has(extname(file))) return { wrong: 'is no module; expected .ts, .mts, .js or .mjs' };
    if (/\.m?ts$/.test(file) && file.split(sep).includes('node_modules')) {
      return { wrong: 'Node.js runs no TypeScript below node_modules; expected .js, or another place' };
    }
    return file;
  }

  private async import(file: string): Promise<Loaded> {
    const bytes = await readFile(file).catch((error: unknown) => ({ wrong: explainFile(error) }));
    if ('wrong' in bytes) return bytes;
    const hash = createHash('sha256').update(bytes).digest('hex');
    const known = this.loaded.get(file);
    if (known?.hash === hash) return known;
    try {
      const module = await this.inTime(import(`${pathToFileURL(file)}?sha256=${hash}`));
      if (module === undefined) return { wrong: `is not loaded after ${PATIENCE / 1000}s: its top level waits for something` };
      const { default: value, ...others } = module;
      // Node.js would go on giving the first one, whatever its text says later.
      if ('module.exports' in others) return { wrong: 'is a CommonJS module; expected an ES module, with export default' };
      if (typeof value !== 'function') return { wrong: 'has no default export that is a function' };
      this.loaded.set(file, { hash, value });
      return { value };
    } catch (error) {
      return { wrong: `cannot be loaded: ${thrownText(error)}` };
    }
  }

  private async inTime(module: Promise<Record<string, unknown>>): Promise<Record<string, unknown> | undefined> {
    const late = Promise.withResolvers<undefined>();
    const stop = this.clock.after(PATIENCE, () => late.resolve(undefined));
    return Promise.race([module, late.promise]).finally(stop);
  }
}

function isWithin(file: string, directory: string): boolean {
  const way = relative(directory, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(directory, way) === file;
}

function explainFile(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'no permission to read it';
  return message;
}
