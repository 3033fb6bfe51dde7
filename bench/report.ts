import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { Sample } from './measure.ts';
import { median } from './median.ts';
import type { Options, ProxyName } from './options.ts';
import { LABELS } from './proxies.ts';
import { type LoadRow, ROWS } from './rows.ts';
import { type Figures, growth, judge } from './targets.ts';

/** Facts that a reader needs to compare with another machine; nothing that names this one. */
export function machine(): Record<string, string | number> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGB: Math.round(totalmem() / 1e9),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    nginx: version('nginx', '-v'),
    haproxy: version('haproxy', '-v'),
    wrk: version('wrk', '-v'),
  };
}

function version(program: string, flag: string): string {
  try {
    const both = execFileSync('sh', ['-c', `${program} ${flag} 2>&1 || true`], { encoding: 'latin1' });
    return /(\d+\.\d+\.\d+)/.exec(both)?.[1] ?? 'not installed';
  } catch {
    return 'not installed';
  }
}

export function errorCount(figures: Figures): number {
  const samples = [...figures.samples.values()].flatMap((row) => [...row.values()].flat());
  return samples.reduce((sum, sample) => sum + countErrors(sample), 0);
}

function countErrors(sample: Sample): number {
  return Object.values(sample.errors).reduce((sum, count) => sum + count, 0);
}

/** The medians of one proxy in one row. */
function summarise(samples: readonly Sample[]) {
  const of = (value: (sample: Sample) => number) => median(samples.map(value));
  return {
    cpuMicrosPerRequest: of((sample) => sample.cpuMicrosPerRequest),
    cpuNanosPerByte: of((sample) => sample.cpuNanosPerByte),
    requestsPerSecond: of((sample) => sample.requests / sample.seconds),
    p50: of((sample) => sample.p50),
    p99: of((sample) => sample.p99),
    rssMB: of((sample) => sample.residentBytes) / 1e6,
    errors: samples.reduce((sum, sample) => sum + countErrors(sample), 0),
  };
}

/** @param judged whether to hold the figures against the targets: a smoke run is too short and too cold for it */
export function markdown(figures: Figures, judged: boolean): string {
  const lines: string[] = [];
  for (const [name, ofRow] of figures.samples) lines.push(...rowTable(name, ofRow), '');
  const targets = judged ? judge(figures) : [];
  if (targets.length > 0) lines.push('| Sluice | target | measured | |', '|---|---:|---:|---|');
  for (const { what, limit, measured, unit, pass } of targets) {
    lines.push(`| ${what} | ≤ ${limit} ${unit} | ${measured.toFixed(2)} | ${pass ? 'pass' : '**FAIL**'} |`);
  }
  const rss = growth(figures.samples).map(({ row, first, last }) => `${row} ${first.toFixed(0)} → ${last.toFixed(0)}`);
  if (rss.length > 0) lines.push('', `RSS of Sluice in MB, first → last round: ${rss.join(', ')}.`);
  const { idle, start } = figures;
  if (idle !== undefined) {
    lines.push(`${idle.connections} idle clients: ${idle.bytesPerConnection} bytes each; ${idle.closedEarly} were closed early.`);
  }
  if (start !== undefined)
    lines.push(`Start to first reply: median ${start.medianMs} ms of ${start.runs}, slowest ${start.slowestMs}.`);
  return lines.join('\n');
}

function rowTable(name: LoadRow, ofRow: ReadonlyMap<ProxyName, Sample[]>): string[] {
  const large = name === 'large';
  const cost = (sum: ReturnType<typeof summarise>) => (large ? sum.cpuNanosPerByte : sum.cpuMicrosPerRequest);
  const nginx = ofRow.get('nginx');
  const yardstick = nginx === undefined ? Number.NaN : cost(summarise(nginx));
  const lines = [
    `| ${ROWS[name].title} | CPU ${large ? 'ns/byte' : 'µs/request'} | × nginx | requests/s | p50 ms | p99 ms | RSS MB | errors |`,
    '|---|---:|---:|---:|---:|---:|---:|---:|',
  ];
  for (const [proxy, samples] of ofRow) {
    const sum = summarise(samples);
    const relative = cost(sum) / yardstick;
    const cells = [
      LABELS[proxy],
      cost(sum).toFixed(large ? 3 : 1),
      Number.isNaN(relative) ? '' : relative.toFixed(2),
      sum.requestsPerSecond.toFixed(0),
      sum.p50.toFixed(2),
      sum.p99.toFixed(2),
      sum.rssMB.toFixed(0),
      sum.errors,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return lines;
}

/** Everything measured, for `results.json`. */
export function asJson(figures: Figures, options: Options): string {
  const { rounds, seconds, source, smoke } = options;
  const rows = Object.fromEntries(
    [...figures.samples].map(([row, ofRow]) => [
      row,
      Object.fromEntries([...ofRow].map(([proxy, samples]) => [proxy, { median: summarise(samples), rounds: samples }])),
    ]),
  );
  const { idle, start } = figures;
  const run = { at: new Date().toISOString(), rounds, seconds, source, smoke };
  return `${JSON.stringify({ machine: machine(), run, targets: judge(figures), rows, idle, start }, rounded, 2)}\n`;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
