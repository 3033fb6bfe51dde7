import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { RedisServer } from './redis-server.ts';

interface Sentinels {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** Addresses of sentinels. */
  readonly nodes: readonly string[];
  /** Makes the replica the master. Resolves when the sentinels have begun. */
  failOver(): Promise<void>;
}

/** A master called "main", its replica, and three sentinels. */
export async function startSentinels(): Promise<Sentinels> {
  const master = await RedisServer.start(['--repl-diskless-sync-delay', '0']);
  const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(master.port)]);
  await expect.poll(() => replica.ask('INFO', 'replication'), { timeout: 20_000 }).toContain('master_link_status:up');
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(master)));
  const [first] = sentinels as [RedisServer];
  const known = async () => String(await first.ask('SENTINEL', 'MASTER', 'main'));
  await expect.poll(known, { timeout: 20_000 }).toMatch(/num-slaves,1,num-other-sentinels,2/);
  return {
    master,
    replica,
    nodes: sentinels.map(({ address }) => address),
    failOver: async () => void (await first.ask('SENTINEL', 'FAILOVER', 'main')),
  };
}

async function startSentinel(master: RedisServer): Promise<RedisServer> {
  const directory = join(master.directory, `sentinel-${Math.random()}`);
  mkdirSync(directory);
  const file = join(directory, 'sentinel.conf');
  writeFileSync(file, `sentinel monitor main 127.0.0.1 ${master.port} 2\nsentinel down-after-milliseconds main 1000\n`);
  return RedisServer.start([], {}, undefined, [file, '--sentinel']);
}

/** Three masters that share the slots of a cluster. */
export async function startCluster(): Promise<RedisServer[]> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  const servers = await Promise.all([1, 2, 3].map(() => RedisServer.start(settings)));
  const [first] = servers as [RedisServer];
  const share = Math.ceil(16_384 / servers.length);
  for (const [at, server] of servers.entries()) {
    await server.ask('CLUSTER', 'ADDSLOTSRANGE', at * share, Math.min((at + 1) * share, 16_384) - 1);
    await server.ask('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
    if (server !== first) await first.ask('CLUSTER', 'MEET', '127.0.0.1', server.port);
  }
  for (const server of servers) {
    const isReady = async () => `${await server.ask('CLUSTER', 'INFO')}`;
    await expect.poll(isReady, { timeout: 20_000 }).toMatch(/cluster_state:ok[\s\S]*cluster_known_nodes:3/);
  }
  return servers;
}
