import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

interface LoadOptions {
  readonly clients?: number;
  readonly path?: string;
  /** What the body has to be. Absent: anything. */
  readonly body?: string;
  /** Milliseconds between an answer and the next request of a client. */
  readonly pause?: number;
}

/**
 * Clients that ask one thing after the other, each on one connection that it keeps. One that may not connect any more
 * stops: that is how a drain ends for those who have been told.
 */
export class Load {
  /** Whatever was not a 200 with the expected body, in words. */
  readonly wrong: string[] = [];
  answered = 0;
  connections = 0;
  /** Replies after which the connection is not kept. */
  last = 0;
  refused = 0;
  /** Longest wait for a whole answer since it was reset, in ms. */
  longest = 0;
  private readonly options: LoadOptions;
  private going = true;
  private readonly agent: Agent;
  private readonly loops: Promise<unknown>;

  constructor(address: string, options: LoadOptions = {}) {
    const { clients = 4, path = '/' } = options;
    this.options = options;
    this.agent = new Agent({ keepAlive: true, maxSockets: clients });
    this.loops = Promise.all(Array.from({ length: clients }, () => this.loop(`http://${address}${path}`)));
    onTestFinished(() => this.end());
  }

  /** Waits until so many more have been answered, or one wrongly. */
  async more(count: number): Promise<void> {
    const enough = this.answered + count;
    // Not with expect.poll, which keeps something of each call until the test ends.
    while (this.answered < enough && this.wrong.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Lets the requests that go on finish. */
  async end(): Promise<void> {
    this.going = false;
    await this.loops;
    this.agent.destroy();
  }

  /** Resolves when no client may connect any more. */
  get over(): Promise<unknown> {
    return this.loops;
  }

  private async loop(url: string): Promise<void> {
    const { pause = 0 } = this.options;
    while (this.going) {
      const begun = performance.now();
      try {
        await this.ask(url);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') {
          this.refused += 1;
          return;
        }
        this.wrong.push(String(error));
      }
      this.longest = Math.max(this.longest, performance.now() - begun);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  private async ask(url: string): Promise<void> {
    const asked = get(url, { agent: this.agent });
    asked.on('socket', () => {
      if (!asked.reusedSocket) this.connections += 1;
    });
    // Also told of what breaks the reply off, which is the reply's to say.
    asked.on('error', () => {});
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of reply) text += chunk;
    const { body } = this.options;
    if (reply.headers.connection === 'close') this.last += 1;
    if (reply.statusCode === 200 && (body === undefined || text === body)) this.answered += 1;
    else this.wrong.push(`${reply.statusCode} ${text}`);
  }
}
