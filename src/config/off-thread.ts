import { Worker } from 'node:worker_threads';
import type { Clock } from '../lib/clock.ts';
import type { CheckedFile, FileInput } from './check-file.ts';
import type { Question, Verdict } from './check-worker.ts';
import { ConfigError } from './config-error.ts';
import type { Config } from './document.ts';
import type { Known } from './inputs.ts';
import { Assembly, type Piece } from './pieces.ts';

/** The same file beside this one, as written or as built. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('./check-worker.ts', import.meta.url)
  : new URL('./check-worker.js', import.meta.url);

/** A burst of changes is served by one thread; a gateway that nobody changes has none. Milliseconds. */
const IDLE = 10_000;

export interface OffThreadOptions {
  readonly clock: Clock;
  /** Megabytes of heap of the thread: what a file of the largest size may take. A check that needs more fails. */
  readonly memory?: number;
}

/**
 * Checks files on a thread of its own, which is started when it is needed and ended when it has been idle for ten
 * seconds. What the check has made comes over in pieces, each asked for when the one before has been placed, so that
 * the serving thread never has more than a millisecond or so of it in one turn. Keeps no process alive.
 */
export class OffThread {
  private readonly clock: Clock;
  private readonly memory: number;
  private worker: Worker | undefined;
  private before: Promise<unknown> = Promise.resolve();
  private stopIdling: (() => void) | undefined;
  private closed = false;

  constructor({ clock, memory = 2048 }: OffThreadOptions) {
    this.clock = clock;
    this.memory = memory;
  }

  /**
   * {@link checkFile}, elsewhere. One at a time: a second call waits for the first.
   * @throws Error when the thread came to an end before the check; the next call starts another
   */
  check(input: FileInput, known: Known | undefined): Promise<CheckedFile> {
    const turn = this.before.then(() => this.perform(input, known));
    this.before = turn.catch(() => {});
    return turn;
  }

  /** Whether there is a thread. */
  get running(): boolean {
    return this.worker !== undefined;
  }

  close(): void {
    this.closed = true;
    this.end();
  }

  private async perform(input: FileInput, before: Known | undefined): Promise<CheckedFile> {
    if (this.closed) throw new Error('the source is closed');
    this.stopIdling?.();
    const worker = this.started();
    try {
      return await this.converse(worker, input, before);
    } finally {
      if (this.worker !== undefined) this.stopIdling = this.clock.after(IDLE, () => this.end());
    }
  }

  private async converse(worker: Worker, input: FileInput, before: Known | undefined): Promise<CheckedFile> {
    const verdict = await ask<Verdict>(worker, { input, known: before });
    if (verdict.kind === 'failed') throw new Error(`the check itself failed: ${verdict.reason}`);
    const { known } = verdict;
    const { version } = known;
    if (verdict.kind === 'unchanged') return { loaded: { kind: 'unchanged', version }, known };
    if (verdict.kind === 'refused') {
      return { loaded: { kind: 'refused', version, error: new ConfigError(verdict.problems, verdict.file) }, known };
    }
    const assembly = new Assembly();
    for (let piece = await ask<Piece | undefined>(worker, 'next'); piece !== undefined; ) {
      assembly.add(piece);
      piece = await ask<Piece | undefined>(worker, 'next');
    }
    return { loaded: { kind: 'checked', version, config: assembly.finish<Config>() }, known };
  }

  private started(): Worker {
    if (this.worker !== undefined) return this.worker;
    // Options of the program's own start, such as loaders and test hooks, are not for this thread.
    const worker = new Worker(WORKER, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: this.memory } });
    worker.unref();
    // Whoever waits is told by `ask`. Without a listener an error would end the process.
    const gone = (): void => {
      if (this.worker === worker) this.worker = undefined;
    };
    worker.once('error', gone).once('exit', gone);
    this.worker = worker;
    return worker;
  }

  private end(): void {
    this.stopIdling?.();
    this.worker?.terminate().catch(() => {});
    this.worker = undefined;
  }
}

function ask<Answer>(worker: Worker, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const told = (answer: Answer): void => {
      off();
      resolve(answer);
    };
    const failed = (error: Error & { code?: string }): void => {
      off();
      const why = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it needs too much memory' : error.message;
      reject(new Error(`the check came to no end: ${why}`, { cause: error }));
    };
    const ended = (): void => failed(new Error('its thread ended'));
    const off = (): void => {
      worker.off('message', told).off('error', failed).off('exit', ended);
    };
    worker.on('message', told).on('error', failed).on('exit', ended);
    worker.postMessage(question);
  });
}
