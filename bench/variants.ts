/**
 * What a feature costs: Sluice under configurations that differ in one thing each, beside nginx and beside Sluice with
 * next to nothing, all in one run. `node bench/variants.ts [--only a,b] [--rounds N] [--seconds N] [--source]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, has, killAll, PROXY_CORE, pin, start, until } from './child.ts';
import { answers } from './fetch-once.ts';
import { fullLoad, hasWrk } from './load.ts';
import { measure, type Sample } from './measure.ts';
import { median } from './median.ts';
import { SMALL, startOrigin } from './origin.ts';
import { descendants } from './process-cost.ts';
import { sluiceMain, startProxy, YOUNG_SPACE } from './proxies.ts';
import { type Config, VARIANTS } from './variant-configs.ts';

const OPEN_FILES = 16_384;
const RESULTS = join(import.meta.dirname, 'variants.json');

interface Running {
  readonly name: string;
  readonly port: number;
  readonly pids: readonly number[];
  readonly samples: Sample[];
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    source: { type: 'boolean', default: false },
  },
});
const names = Object.keys(VARIANTS).filter((name) => values.only?.split(',').includes(name) ?? true);

async function startVariant(name: string, dir: string, origin: number): Promise<Running> {
  const port = await freePort();
  const base = { server: { http_addr: `127.0.0.1:${port}` }, admin: { addr: `127.0.0.1:${await freePort()}` } };
  const config: Config = { ...base, ...VARIANTS[name]?.(origin) };
  const file = join(dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(config));
  const main = sluiceMain({ source: values.source });
  // Where access lines go is nobody's cost here but Sluice's.
  const child = start(dir, name, [process.execPath, YOUNG_SPACE, main, 'run', '-c', file], OPEN_FILES);
  await until(child, name, () => answers(port, '/small'));
  pin(child.pid, PROXY_CORE);
  return { name, port, pids: descendants(child.pid), samples: [] };
}

async function run(dir: string): Promise<void> {
  const origin = await startOrigin(dir);
  const target = (port: number) => ({ port, path: '/small', browser: false, bodyBytes: SMALL.length });
  const nginx = await startProxy('nginx', dir, origin.port, { source: values.source });
  const all: Running[] = [{ name: 'nginx', port: nginx.port, pids: nginx.pids, samples: [] }];
  for (const name of names) all.push(await startVariant(name, dir, origin.port));
  for (const { port } of all) await fullLoad(target(port), 2);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const one of all) {
      const sample = await measure(one.pids, origin.pids, () => fullLoad(target(one.port), Number(values.seconds)), 3);
      one.samples.push(sample);
      process.stderr.write(`${round} ${one.name}: ${sample.cpuMicrosPerRequest.toFixed(1)} µs/request\n`);
    }
  }
  const rows = summarise(all);
  console.log(table(rows));
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
    `| ${name} | ${micros} | ${toNginx} | ${name === 'nginx' ? '' : above} | ${p99} | ${rssMB} | ${errors} |`;
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
