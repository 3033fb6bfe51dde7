import type { Link } from './link.ts';
import type { Script } from './script.ts';

interface Entry {
  /** How often it has been loaded. */
  loads: number;
  loading: Promise<void> | undefined;
}

/** Which scripts a connection's server has been told. Each is told once, unless the server has forgotten it. */
export class LoadedScripts {
  /** All that were ever asked for, by SHA: a new connection is told them before anybody waits for one. */
  private readonly known = new Map<string, Script>();
  private readonly links = new WeakMap<Link, Map<string, Entry>>();

  /** @returns how often it has been loaded; 0: it is not there */
  loads(link: Link, script: Script): number {
    return this.links.get(link)?.get(script.sha)?.loads ?? 0;
  }

  /**
   * Tells it, once however many ask at a time.
   * @param since what {@link loads} said when the caller found it missing: if it has been loaded again meanwhile, that will do
   * @throws the client's error
   */
  load(link: Link, script: Script, since: number): Promise<void> {
    const entry = this.entry(link, script);
    if (entry.loading !== undefined) return entry.loading;
    if (entry.loads > since) return Promise.resolve();
    entry.loading = link.load(script.lua).then(
      (shas) => {
        entry.loading = undefined;
        if (shas.some((sha) => sha !== script.sha))
          throw new Error(`SCRIPT LOAD of ${script.name} was answered with something else`);
        entry.loads += 1;
      },
      (error) => {
        entry.loading = undefined;
        throw error;
      },
    );
    return entry.loading;
  }

  /** Tells a new connection all that other connections were told. @throws the client's error */
  async loadAll(link: Link): Promise<void> {
    await Promise.all([...this.known.values()].map((script) => this.load(link, script, 0)));
  }

  private entry(link: Link, script: Script): Entry {
    this.known.set(script.sha, script);
    let entries = this.links.get(link);
    if (entries === undefined) {
      entries = new Map();
      this.links.set(link, entries);
    }
    let entry = entries.get(script.sha);
    if (entry === undefined) {
      entry = { loads: 0, loading: undefined };
      entries.set(script.sha, entry);
    }
    return entry;
  }
}
