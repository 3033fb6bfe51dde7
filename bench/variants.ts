/**
 * What a feature costs: Sluice under configurations that differ in one thing each, beside nginx and beside Sluice with
 * next to nothing, all in one run. `node bench/variants.ts [--only a,b] [--rounds N] [--seconds N] [--source]`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, has, killAll, LOAD_CORE, PROXY_CORE, pin, start, until } from './child.ts';
import { type Credentials, makeCredentials } from './credentials.ts';
import { listens } from './fetch-once.ts';
import { fullLoad, hasWrk, type Target } from './load.ts';
import { measure, type Sample } from './measure.ts';
import { median } from './median.ts';
import { nginxProxyConfig } from './nginx.ts';
import { SMALL, startOrigin } from './origin.ts';
import { askingOf, NEEDS_REDIS, POLICIES } from './policy-variants.ts';
import { cpuMicros, descendants } from './process-cost.ts';
import { sluiceMain, YOUNG_SPACE } from './proxies.ts';
import { type Config, VARIANTS } from './variant-configs.ts';

const OPEN_FILES = 16_384;
const RESULTS = join(import.meta.dirname, 'variants.json');

interface Running {
  readonly name: string;
  readonly port: number;
  readonly pids: readonly number[];
  readonly samples: Sample[];
  /** CPU µs of Redis a request, of each round. */
  readonly redisMicros: number[];
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    source: { type: 'boolean', default: false },
  },
});
const ALL = { ...VARIANTS, ...POLICIES };
/** nginx as it does the same: what stands between two of these is what it costs there. */
const YARDSTICKS = ['nginx', 'nginx_limit_req', 'nginx_tls', 'nginx_tls_handshake'] as const;
const LIMIT_REQ = 'limit_req_zone $binary_remote_addr zone=all:10m rate=1000000r/s; limit_req zone=all burst=1000000 nodelay;';

const names = Object.keys(ALL).filter((name) => (values.only?.split(',') ?? Object.keys(ALL)).includes(name) && isPossible(name));

function isPossible(name: string): boolean {
  if (!NEEDS_REDIS.includes(name) || has('redis-server', '--version')) return true;
  console.log(`not measured: ${name} needs redis-server`);
  return false;
}

/** Beside the load: what it costs is not the gateway's. */
async function startRedis(dir: string): Promise<{ port: number; pid: number }> {
  const port = await freePort();
  const child = start(dir, 'redis', ['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '']);
  await until(child, 'redis', async () => child.log().includes('Ready to accept connections'));
  pin(child.pid, LOAD_CORE);
  return { port, pid: child.pid };
}

async function startVariant(name: string, dir: string, origin: number, credentials: Credentials): Promise<Running> {
  const port = await freePort();
  const { secure = false } = askingOf(name, credentials);
  const { server = {}, ...rest } = ALL[name]?.(origin, credentials) ?? {};
  const http_addr = `127.0.0.1:${secure ? await freePort() : port}`;
  const own = secure ? { https_addr: `127.0.0.1:${port}` } : {};
  const admin = { addr: `127.0.0.1:${await freePort()}` };
  const config: Config = { ...rest, server: { http_addr, ...own, ...(server as Config) }, admin };
  const file = join(dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(config));
  const main = sluiceMain({ source: values.source });
  // Where access lines go is nobody's cost here but Sluice's.
  const command = [process.execPath, YOUNG_SPACE, main, 'run', '-c', file];
  return startOne(name, dir, command, port, Number(http_addr.split(':')[1]));
}

/** @param plainPort where it can be seen that it is up */
async function startOne(name: string, dir: string, command: string[], port: number, plainPort: number): Promise<Running> {
  const child = start(dir, name, command, OPEN_FILES);
  await until(child, name, () => listens(plainPort));
  pin(child.pid, PROXY_CORE);
  return { name, port, pids: descendants(child.pid), samples: [], redisMicros: [] };
}

async function startYardstick(name: string, dir: string, origin: number, credentials: Credentials): Promise<Running> {
  const port = await freePort();
  const home = join(dir, name);
  mkdirSync(home);
  const { secure = false } = askingOf(name, credentials);
  const more = name === 'nginx_limit_req' ? LIMIT_REQ : '';
  writeFileSync(join(home, 'nginx.conf'), nginxProxyConfig(home, port, origin, more, secure ? credentials : undefined));
  return startOne(name, dir, ['nginx', '-p', home, '-e', join(home, 'error.log'), '-c', join(home, 'nginx.conf')], port, port);
}

function isAsked(name: string): boolean {
  if (name === 'nginx') return true;
  if (name === 'nginx_limit_req') return names.includes('rate_limit');
  return names.includes(name.replace('nginx_', ''));
}

async function run(dir: string): Promise<void> {
  const origin = await startOrigin(dir);
  const redis = names.some((name) => NEEDS_REDIS.includes(name)) ? await startRedis(dir) : undefined;
  const credentials = makeCredentials(dir, redis?.port);
  const ours = redis === undefined ? origin.pids : [...origin.pids, redis.pid];
  const target = ({ name, port }: Running): Target => {
    return { port, path: '/small', browser: false, bodyBytes: SMALL.length, ...askingOf(name, credentials) };
  };
  const all: Running[] = [];
  for (const name of YARDSTICKS.filter(isAsked)) all.push(await startYardstick(name, dir, origin.port, credentials));
  for (const name of names) all.push(await startVariant(name, dir, origin.port, credentials));
  for (const one of all) await fullLoad(target(one), 2);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const one of all) {
      const before = redis === undefined ? 0 : cpuMicros([redis.pid]);
      const sample = await measure(
        one.pids,
        ours,
        () => fullLoad(target(one), Number(values.seconds)),
        1 + 2 * Number(redis === undefined),
      );
      one.samples.push(sample);
      const inRedis = redis === undefined ? 0 : (cpuMicros([redis.pid]) - before) / sample.requests;
      if (NEEDS_REDIS.includes(one.name)) one.redisMicros.push(inRedis);
      process.stderr.write(`${round} ${one.name}: ${sample.cpuMicrosPerRequest.toFixed(1)} µs/request\n`);
    }
  }
  const rows = summarise(all);
  console.log(table(rows));
  for (const { name, redisMicros } of all)
    if (redisMicros.length > 0) console.log(`${name}: ${round(median(redisMicros))} µs of Redis a request`);
  if (rows.some(({ errors }) => errors > 0)) process.exitCode = 1;
  if (values.only === undefined) writeFileSync(RESULTS, `${JSON.stringify(rows, undefined, 2)}\n`);
}

interface Row {
  readonly name: string;
  readonly micros: number;
  readonly toNginx: number;
  /** µs above Sluice with one route. */
  readonly above: number;
  readonly p99: number;
  readonly rssMB: number;
  readonly errors: number;
}

function summarise(all: readonly Running[]): Row[] {
  const cost = (one: Running | undefined) => median((one?.samples ?? []).map((sample) => sample.cpuMicrosPerRequest));
  const [yardstick, plain] = [cost(all[0]), cost(all.find(({ name }) => name === 'plain'))];
  return all.map((one) => ({
    name: one.name,
    micros: round(cost(one)),
    toNginx: round(cost(one) / yardstick),
    above: round(cost(one) - plain),
    p99: round(median(one.samples.map((sample) => sample.p99))),
    rssMB: Math.round(median(one.samples.map((sample) => sample.residentBytes)) / 1e6),
    errors: one.samples.flatMap((sample) => Object.values(sample.errors)).reduce((sum, count) => sum + count, 0),
  }));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function table(rows: readonly Row[]): string {
  const head = [
    '| variant | CPU µs/request | × nginx | above plain, µs | p99 ms | RSS MB | errors |',
    '|---|---:|---:|---:|---:|---:|---:|',
  ];
  const line = ({ name, micros, toNginx, above, p99, rssMB, errors }: Row) =>
    `| ${name} | ${micros} | ${toNginx} | ${name.startsWith('nginx') ? '' : above} | ${p99} | ${rssMB} | ${errors} |`;
  return [...head, ...rows.map(line)].join('\n');
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-variants-'));
try {
  if (hasWrk() && has('nginx', '-v')) await run(dir);
  else console.log('not measured: this needs nginx and wrk');
} finally {
  killAll();
  rmSync(dir, { recursive: true, force: true });
}
