import type { Terminal } from '../../src/cli/terminal.ts';

/** A terminal that keeps what is written and sends signals on demand. */
export class Recorder implements Terminal {
  printed = '';
  complained = '';
  private readonly listeners = new Set<(signal: string) => void>();

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

  signal(name: string): void {
    for (const listener of this.listeners) listener(name);
  }

  get listening(): boolean {
    return this.listeners.size > 0;
  }
}
