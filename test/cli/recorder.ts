import type { Terminal } from '../../src/cli/terminal.ts';

/** A terminal that keeps what is written and sends signals on demand. */
export class Recorder implements Terminal {
  printed = '';
  complained = '';
  private readonly listeners = new Set<(signal: string) => void>();
  private readonly reloads = new Set<() => void>();

  print(text: string): void {
    this.printed += `${text}\n`;
  }

  complain(text: string): void {
    this.complained += `${text}\n`;
  }

  onSignal(listener: (signal: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onReload(listener: () => void): () => void {
    this.reloads.add(listener);
    return () => this.reloads.delete(listener);
  }

  /** As a SIGHUP does. */
  hangUp(): void {
    for (const listener of this.reloads) listener();
  }

  signal(name: string): void {
    for (const listener of this.listeners) listener(name);
  }

  get listening(): boolean {
    return this.listeners.size + this.reloads.size > 0;
  }
}
