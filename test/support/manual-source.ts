import type { Sink, Source } from '../../src/http/body.ts';
import type { Headers } from '../../src/http/headers.ts';

/** A body that its test sends, piece by piece. Remembers what its consumer asked for. */
export class ManualSource implements Source {
  readonly length: number;
  sink: Sink | undefined;
  /** What the consumer did: 'pipe', 'resume', 'cancel'. */
  readonly asked: string[] = [];
  /** Called inside `pipe`, once the sink is known. */
  onPipe: (() => void) | undefined;

  constructor(length = -1) {
    this.length = length;
  }

  pipe(sink: Sink): void {
    this.asked.push('pipe');
    this.sink = sink;
    this.onPipe?.();
  }

  resume(): void {
    this.asked.push('resume');
  }

  cancel(): void {
    this.asked.push('cancel');
    this.sink = undefined;
  }

  get cancelled(): boolean {
    return this.asked.includes('cancel');
  }

  get resumes(): number {
    return this.asked.filter((one) => one === 'resume').length;
  }

  /** @returns what the sink answered; false when there is none */
  send(text: string): boolean {
    return this.sink?.chunk(Buffer.from(text, 'latin1')) ?? false;
  }

  end(trailers?: Headers): void {
    this.sink?.end(trailers);
  }

  fail(error: Error): void {
    this.sink?.fail(error);
  }
}
