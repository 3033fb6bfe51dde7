import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Hears what goes on in directories, also in ones that come, go and come again. Keeps no process alive. */
export class DirectoryWatch {
  private readonly heard: (name: string | null) => void;
  private readonly armed = new Map<string, { readonly id: string; readonly watcher: FSWatcher }>();
  private wanted: ReadonlySet<string> = new Set();

  /** @param heard is given the name in the directory, where the system says it */
  constructor(heard: (name: string | null) => void) {
    this.heard = heard;
  }

  /** What is heard of; takes effect with the next {@link refresh}. */
  want(directories: ReadonlySet<string>): void {
    this.wanted = directories;
  }

  /**
   * Begins and ends watching until what is watched is what is wanted: a directory that is gone, or is another one under
   * the same name, is not heard of any more, and nobody says so.
   */
  async refresh(): Promise<void> {
    const directories = new Set([...this.wanted, ...this.armed.keys()]);
    await Promise.all([...directories].map((directory) => this.renew(directory)));
  }

  close(): void {
    this.wanted = new Set();
    for (const directory of this.armed.keys()) this.disarm(directory);
  }

  private async renew(directory: string): Promise<void> {
    const id = await stat(directory, { bigint: true }).then(
      ({ dev, ino }) => `${dev} ${ino}`,
      () => undefined,
    );
    // Looked at after the wait: somebody may have changed their mind meanwhile.
    const wanted = this.wanted.has(directory);
    const armed = this.armed.get(directory);
    if (armed !== undefined && (!wanted || armed.id !== id)) this.disarm(directory);
    if (wanted && id !== undefined && !this.armed.has(directory)) this.arm(directory, id);
  }

  private arm(directory: string, id: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => this.heard(name));
      watcher.on('error', () => this.disarm(directory));
      this.armed.set(directory, { id, watcher });
    } catch {
      // Gone again, no permission, or too many watches in the system: whoever refreshes tries again.
    }
  }

  private disarm(directory: string): void {
    this.armed.get(directory)?.watcher.close();
    this.armed.delete(directory);
  }
}
