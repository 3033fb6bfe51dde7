import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, freePort, has, PROXY_CORE, pin, start, until } from './child.ts';
import { answers } from './fetch-once.ts';
import { haproxyConfig } from './haproxy.ts';
import { nginxProxyConfig } from './nginx.ts';
import type { Options, ProxyName } from './options.ts';
import { SMALL } from './origin.ts';
import { descendants } from './process-cost.ts';

/** A proxy that runs and has answered. */
export interface RunningProxy {
  readonly name: ProxyName;
  readonly port: number;
  /** The process and its children: nginx works in one. */
  readonly pids: readonly number[];
  readonly child: Child;
}

export const LABELS: Readonly<Record<ProxyName, string>> = {
  nginx: 'nginx',
  nginx32k: 'nginx, 8 × 32 KB buffers',
  haproxy: 'HAProxy',
  sluice: 'Sluice',
  fastify: '@fastify/http-proxy',
  undici: 'node:http + undici prototype',
};

/** Those that can answer `/memory` themselves. */
export const WITH_MEMORY: readonly ProxyName[] = ['nginx', 'sluice', 'fastify'];
/**
 * nginx once more, for large bodies only: what a byte costs it depends on its buffers by a factor of four, and 32 KB
 * were its best. With small bodies it is the same as with its defaults, 8 × 4 KB.
 */
export const ONLY_LARGE: ProxyName = 'nginx32k';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..');
const OPEN_FILES = 16_384;

/** Why this proxy cannot run here, for the user; undefined when it can. */
export function missing(name: ProxyName, options: Options): string | undefined {
  if ((name === 'nginx' || name === 'nginx32k') && !has('nginx', '-v')) return 'nginx is not installed';
  if (name === 'haproxy' && !has('haproxy', '-v')) return 'haproxy is not installed';
  if (name === 'sluice' && !existsSync(sluiceMain(options))) {
    return options.source ? 'src/main.ts is not there yet' : 'dist/main.js is missing: npm run build, or use --source';
  }
  return undefined;
}

/** As the README says to run it in production: the default of 32 MB buys no time and costs memory. */
export const YOUNG_SPACE = '--max-semi-space-size=16';

export function sluiceMain(options: Pick<Options, 'source'>): string {
  return join(ROOT, options.source ? 'src/main.ts' : 'dist/main.js');
}

/** Starts a proxy free, waits for its first answer through to the origin, and pins it then. */
export async function startProxy(
  name: ProxyName,
  dir: string,
  originPort: number,
  options: Pick<Options, 'source'>,
): Promise<RunningProxy> {
  const port = await freePort();
  const command = await COMMANDS[name](dir, port, originPort, options);
  const child = start(dir, name, command, OPEN_FILES);
  await until(child, LABELS[name], () => answers(port, '/small'));
  pin(child.pid, PROXY_CORE);
  return { name, port, pids: descendants(child.pid), child };
}

type Command = (dir: string, port: number, originPort: number, options: Pick<Options, 'source'>) => string[] | Promise<string[]>;

const COMMANDS: Readonly<Record<ProxyName, Command>> = {
  nginx: (dir, port, originPort) => nginxCommand(join(dir, 'nginx'), port, originPort, ''),
  nginx32k: (dir, port, originPort) => nginxCommand(join(dir, 'nginx32k'), port, originPort, 'proxy_buffers 8 32k;'),
  haproxy: (dir, port, originPort) => {
    const file = join(dir, 'haproxy.cfg');
    writeFileSync(file, haproxyConfig(port, originPort));
    return ['haproxy', '-db', '-f', file];
  },
  sluice: async (dir, port, originPort, options) => sluiceCommand(dir, port, originPort, options),
  fastify: (_dir, port, originPort) => [
    process.execPath,
    join(HERE, 'fastify-proxy.ts'),
    String(port),
    String(originPort),
    SMALL,
  ],
  undici: (_dir, port, originPort) => [process.execPath, join(HERE, 'undici-proxy.ts'), String(port), String(originPort)],
};

function nginxCommand(home: string, port: number, originPort: number, more: string): string[] {
  mkdirSync(home, { recursive: true });
  const file = join(home, 'nginx.conf');
  writeFileSync(file, nginxProxyConfig(home, port, originPort, more));
  return ['nginx', '-p', home, '-e', join(home, 'error.log'), '-c', file];
}

/** The command line of a Sluice with a configuration file of its own. */
export async function sluiceCommand(
  dir: string,
  port: number,
  originPort: number,
  options: Pick<Options, 'source'>,
  nodeFlags: readonly string[] = [],
): Promise<string[]> {
  const file = join(dir, `sluice-${port}.json`);
  const config = {
    server: { http_addr: `127.0.0.1:${port}` },
    admin: { addr: `127.0.0.1:${await freePort()}` },
    load_balancing: {
      backends: { origin: { upstreams: [{ address: `127.0.0.1:${originPort}` }], pool: { max_idle: 128 } } },
    },
    routes: [
      { id: 'all', path: '/**', backend: 'origin', access_log: false },
      {
        id: 'memory',
        path: '/memory',
        access_log: false,
        respond: { status: 200, headers: { 'content-type': 'application/json' }, body: SMALL },
      },
    ],
  };
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return [process.execPath, YOUNG_SPACE, ...nodeFlags, sluiceMain(options), 'run', '-c', file];
}
