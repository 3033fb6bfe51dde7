import type { IdleFigure } from './idle.ts';
import type { Sample } from './measure.ts';
import { median } from './median.ts';
import type { ProxyName } from './options.ts';
import type { LoadRow, Samples } from './rows.ts';
import type { StartFigure } from './start-time.ts';

export interface Figures {
  readonly samples: Samples;
  readonly idle: IdleFigure | undefined;
  readonly start: StartFigure | undefined;
}

export interface Target {
  readonly what: string;
  readonly limit: number;
  readonly measured: number;
  readonly unit: string;
  readonly pass: boolean;
}

const cpu = (sample: Sample) => sample.cpuMicrosPerRequest;
const perByte = (sample: Sample) => sample.cpuNanosPerByte;

/** What issue 3 asks of Sluice, as far as this run measured it. */
export function judge({ samples, idle, start }: Figures): Target[] {
  const of = (row: LoadRow, proxy: ProxyName, value: (sample: Sample) => number) =>
    median((samples.get(row)?.get(proxy) ?? []).map(value));
  const ratio = (row: LoadRow, to: ProxyName, value = cpu) => of(row, 'sluice', value) / of(row, to, value);
  const slower = of('halfload', 'sluice', (sample) => sample.p99) - of('halfload', 'nginx', (sample) => sample.p99);
  const targets: Target[] = [
    most('plain, CPU a request', ratio('plain', 'nginx'), 1.6, '× nginx'),
    most('twelve fields, CPU a request', ratio('heads12', 'nginx'), 1.4, '× nginx'),
    most('reply from memory, CPU a request', ratio('memory', 'nginx'), 1.0, '× nginx cache hit'),
    most('plain, CPU a request', ratio('plain', 'fastify'), 0.5, '× @fastify/http-proxy'),
    most('1 MB bodies, CPU a byte', ratio('large', 'nginx', perByte), 1.5, '× nginx'),
    most('1 MB bodies, CPU a byte', ratio('large', 'nginx32k', perByte), 1.5, '× nginx with 32 KB buffers'),
    most('p99 at half load, above nginx', slower, 1.0, 'ms'),
    most('RSS under load, highest', highestRss(samples) / 1e6, 150, 'MB'),
    most('idle keep-alive client', (idle?.bytesPerConnection ?? Number.NaN) / 1e3, 12, 'KB'),
    most('start to first reply', start?.medianMs ?? Number.NaN, 250, 'ms'),
  ];
  return targets.filter((target) => !Number.isNaN(target.measured));
}

function most(what: string, measured: number, limit: number, unit: string): Target {
  return { what, limit, measured, unit, pass: measured <= limit };
}

function highestRss(samples: Samples): number {
  const all = [...samples.values()].flatMap((row) => row.get('sluice') ?? []);
  return all.length === 0 ? Number.NaN : Math.max(...all.map((sample) => sample.residentBytes));
}

/** Resident memory of Sluice in MB by row, in its first and its last round there: flat is what it should be. */
export function growth(samples: Samples): readonly { row: LoadRow; first: number; last: number }[] {
  return [...samples].flatMap(([row, ofRow]) => {
    const rounds = (ofRow.get('sluice') ?? []).map((sample) => sample.residentBytes / 1e6);
    const [first, last] = [rounds[0], rounds.at(-1)];
    return first === undefined || last === undefined ? [] : [{ row, first, last }];
  });
}
