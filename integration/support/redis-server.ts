import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';

const PROGRAM = 'redis-server';
export const redisIsMissing = spawnSync(PROGRAM, ['--version']).error !== undefined;

/** Ports for others to connect to, and 10,000 above them free too: nodes of a cluster talk there. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port > 50_000 ? freePort() : port;
}

/** How a test connects to a server by itself. */
export interface Reach {
  readonly password?: string;
  readonly tls?: ConnectionOptions;
}

/** A `redis-server` of the test's own, without files that outlive it. Ended and removed with the test. */
export class RedisServer {
  readonly port: number;
  readonly directory = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  private readonly settings: readonly string[];
  private readonly reach: Reach;
  private child: ChildProcess | undefined;

  private readonly first: readonly string[];

  private constructor(port: number, settings: readonly string[], reach: Reach, first: readonly string[]) {
    this.port = port;
    this.first = first;
    this.settings = settings;
    this.reach = reach;
    onTestFinished(() => {
      this.child?.kill('SIGKILL');
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  /**
   * @param settings as on the command line, without the port
   * @param reach how the test itself connects to it
   * @param first stands before the settings: a file of them
   */
  static async start(
    settings: readonly string[] = [],
    reach: Reach = {},
    port?: number,
    first: readonly string[] = [],
  ): Promise<RedisServer> {
    const server = new RedisServer(port ?? (await freePort()), settings, reach, first);
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const memory = this.first.length > 0 ? [] : ['--save', '', '--appendonly', 'no'];
    const fixed = ['--bind', '127.0.0.1', '--dir', this.directory, ...memory];
    const port = this.settings.includes('--tls-port') ? [] : ['--port', String(this.port)];
    this.child = spawn(PROGRAM, [...this.first, ...port, ...fixed, ...this.settings], { stdio: 'ignore' });
    await expect.poll(() => this.ask('PING').catch(() => ''), { timeout: 10_000 }).toBe('PONG');
  }

  /** One command over a connection of its own. */
  async ask(command: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis({
      host: '127.0.0.1',
      port: this.port,
      retryStrategy: () => null,
      commandTimeout: 2000,
      ...this.reach,
    });
    client.on('error', () => {});
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
