import { Agent, get, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

export interface Answer {
  /** `performance.now()` when it was there. */
  readonly at: number;
  readonly status: number;
  /** Milliseconds. */
  readonly took: number;
  /** What the limits say of Redis, or empty. */
  readonly without: string;
}

/** Clients that ask the instances of a fleet as fast as they can, each one instance on one connection. */
export class Storm {
  readonly answers: Answer[] = [];
  /** Errors of connections, by their code. */
  readonly errors: string[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private going = true;

  constructor(urls: readonly string[], clients: number, pause = 0) {
    for (const url of urls) for (let client = 0; client < clients; client++) void this.ask(url, pause);
    onTestFinished(() => this.stop());
  }

  private async ask(url: string, pause: number): Promise<void> {
    while (this.going) {
      const from = performance.now();
      try {
        const reply = await new Promise<IncomingMessage>((resolve, reject) => {
          get(url, { agent: this.agent }, resolve).on('error', reject);
        });
        for await (const _ of reply);
        const at = performance.now();
        const without = String(reply.headers['sluice-limits'] ?? '');
        this.answers.push({ at, status: reply.statusCode ?? 0, took: at - from, without });
      } catch (error) {
        if (!this.going) return;
        this.errors.push((error as NodeJS.ErrnoException).code ?? String(error));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  stop(): void {
    this.going = false;
    this.agent.destroy();
  }

  /** How many had each status. */
  get statuses(): Record<number, number> {
    const counts: Record<number, number> = {};
    for (const { status } of this.answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  /** How many were admitted beyond `rate·t` in any window, at most. @param rate a second */
  excess(rate: number, counts = (answer: Answer) => answer.status === 200): number {
    let [level, last, most] = [0, 0, 0];
    for (const answer of this.answers.filter(counts)) {
      level = Math.max(0, level - ((answer.at - last) / 1000) * rate) + 1;
      last = answer.at;
      most = Math.max(most, level);
    }
    return most;
  }
}
