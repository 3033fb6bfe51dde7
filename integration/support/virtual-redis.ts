import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import type { Script } from '../../src/redis/script.ts';
import { type Store, StoreError } from '../../src/redis/store.ts';

/** Empty: there is a Redis. Otherwise what to add to a test's name. */
export const noRedis =
  spawnSync('redis-server', ['--version']).error === undefined ? '' : ' (SKIPPED: redis-server is not installed)';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A real Redis whose scripts read their time from a key, which the test sets: they are otherwise those of the gateway. Keys
 * expire by the real time, which is much shorter.
 */
export class VirtualRedis implements Store {
  readonly state = { condition: 'up', reason: '', since: 0 } as const;
  readonly isCluster = false;
  readonly latency = 0;
  /** µs. */
  now = 1_800_000_000_000_000;
  readonly client: Redis;
  private readonly process: ChildProcess;

  private constructor(process: ChildProcess, client: Redis) {
    this.process = process;
    this.client = client;
  }

  static async start(): Promise<VirtualRedis> {
    const port = await freePort();
    const process = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
    const client = new Redis({ port, host: '127.0.0.1', enableAutoPipelining: true });
    client.on('error', () => {});
    await client.ping();
    return new VirtualRedis(process, client);
  }

  async run({ lua }: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const virtual = lua.replace("redis.call('TIME')", "{ 0, redis.call('GET', 'virtual:now') }");
    if (virtual === lua) throw new Error('a script without a time');
    try {
      await this.client.set('virtual:now', String(this.now));
      return await this.client.eval(virtual, keys.length, ...keys, ...args);
    } catch (error) {
      throw new StoreError('refused', String(error), error);
    }
  }

  onState(): () => void {
    return () => {};
  }

  listen(): () => void {
    return () => {};
  }

  publish(): void {}

  async stop(): Promise<void> {
    this.client.disconnect();
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}
