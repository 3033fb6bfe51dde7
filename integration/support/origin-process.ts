import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

/** Answers with its name, after so many ms; says where it listens. */
const PROGRAM = `
const [port, name, delay] = process.argv.slice(1);
const server = require('node:http').createServer((request, response) => {
  setTimeout(() => response.end(name), request.url === '/health' ? 0 : Number(delay));
});
server.keepAliveTimeout = 60000;
server.listen({ port: Number(port), host: '127.0.0.1' }, () => console.log(server.address().port));
`;

/** An upstream in a process of its own, which can be killed and stopped. Ended with the test. */
export class OriginProcess {
  readonly name: string;
  readonly delay: number;
  private port = 0;
  private child: ChildProcess | undefined;

  private constructor(name: string, delay: number) {
    this.name = name;
    this.delay = delay;
    onTestFinished(() => void this.child?.kill('SIGKILL'));
  }

  /** @param delay of each answer but of /health, in ms */
  static async start(name: string, delay = 0): Promise<OriginProcess> {
    const origin = new OriginProcess(name, delay);
    await origin.revive();
    return origin;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it where it was. */
  async revive(): Promise<void> {
    const child = spawn(process.execPath, ['-e', PROGRAM, String(this.port), this.name, String(this.delay)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    const [port] = await once(child.stdout as Readable, 'data');
    this.port = Number(port);
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
