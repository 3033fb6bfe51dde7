import { fetchOnce } from './fetch-once.ts';
import { fullLoad, hasWrk, openLoad, pacedLoad, paceOverhead, type Target } from './load.ts';
import { measure, type Sample } from './measure.ts';
import { median } from './median.ts';
import type { Options, ProxyName, RowName } from './options.ts';
import { LARGE_BYTES, SMALL } from './origin.ts';
import { LABELS, ONLY_LARGE, type RunningProxy, WITH_MEMORY } from './proxies.ts';

export type LoadRow = Exclude<RowName, 'idle' | 'start'>;
export type Samples = Map<LoadRow, Map<ProxyName, Sample[]>>;

interface Row {
  readonly title: string;
  readonly path: string;
  readonly browser: boolean;
  readonly bodyBytes: number;
  /** Requests per second where there is no wrk to find the most. */
  readonly modestRate: number;
}

/** A round's load on one proxy. */
type Load = (seconds: number) => ReturnType<typeof fullLoad>;

const small = { path: '/small', browser: false, bodyBytes: SMALL.length, modestRate: 500 };
const ASSUMED_OVERHEAD_MS = 1;

export const ROWS: Readonly<Record<LoadRow, Row>> = {
  plain: { ...small, title: '132-byte JSON, one field' },
  heads12: { ...small, title: '132-byte JSON, twelve fields', browser: true },
  memory: { ...small, title: 'reply from memory', path: '/memory' },
  large: { ...small, title: '1 MB body', path: '/large', bodyBytes: LARGE_BYTES, modestRate: 20 },
  halfload: { ...small, title: 'half load, each at half of its own most' },
};

/**
 * All rounds of all rows, proxies in turn within a round, so that a noisy minute hits all of them.
 * @param originPids the upstream's processes
 */
export async function runRows(
  proxies: readonly RunningProxy[],
  originPids: readonly number[],
  options: Options,
  say: (text: string) => void,
): Promise<Samples> {
  const samples: Samples = new Map();
  for (const name of options.rows) {
    if (name === 'idle' || name === 'start') continue;
    const able = proxies.filter((proxy) => takesPart(proxy.name, name));
    const loads = new Map<RunningProxy, Load>();
    for (const proxy of able) {
      await checkAnswer(proxy, ROWS[name]);
      const most = median((samples.get('plain')?.get(proxy.name) ?? []).map((sample) => sample.requests / sample.seconds));
      loads.set(proxy, await warm(name, proxy, options, most));
    }
    const ofRow = new Map<ProxyName, Sample[]>(able.map((proxy) => [proxy.name, []]));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const [proxy, load] of loads) {
        const sample = await measure(proxy.pids, originPids, () => load(options.seconds), options.tries);
        ofRow.get(proxy.name)?.push(sample);
        say(progress(name, round, proxy, sample));
      }
    }
    samples.set(name, ofRow);
  }
  return samples;
}

function takesPart(proxy: ProxyName, row: LoadRow): boolean {
  if (row === 'memory') return WITH_MEMORY.includes(proxy);
  return proxy !== ONLY_LARGE || row === 'large';
}

/** The load of a row on one proxy, after a warm-up with it. `most`: requests/s it can do, NaN when not known yet. */
async function warm(name: LoadRow, proxy: RunningProxy, options: Options, most: number): Promise<Load> {
  const row = ROWS[name];
  const target: Target = { port: proxy.port, path: row.path, browser: row.browser, bodyBytes: row.bodyBytes };
  if (!hasWrk()) return (seconds) => openLoad(target, seconds, row.modestRate);
  if (name !== 'halfload') {
    if (options.warmUpSeconds > 0) await fullLoad(target, options.warmUpSeconds);
    return (seconds) => fullLoad(target, seconds);
  }
  const known = Number.isNaN(most) ? await rateOf(fullLoad(target, options.seconds)) : most;
  let overhead = ASSUMED_OVERHEAD_MS;
  if (options.warmUpSeconds > 0) {
    const result = await pacedLoad(target, options.warmUpSeconds, known / 2, overhead);
    overhead = paceOverhead(known / 2, overhead, result);
  }
  return (seconds) => pacedLoad(target, seconds, known / 2, overhead);
}

async function rateOf(load: ReturnType<Load>): Promise<number> {
  const { requests, seconds } = await load;
  return requests / seconds;
}

/** A fast wrong answer is no result. */
async function checkAnswer(proxy: RunningProxy, row: Row): Promise<void> {
  const { status, body } = await fetchOnce(proxy.port, row.path);
  const right = status === 200 && body.length === row.bodyBytes && (body.length !== SMALL.length || body.toString() === SMALL);
  if (!right) throw new Error(`${LABELS[proxy.name]}: ${row.path} gave ${status} with ${body.length} bytes`);
}

function progress(name: LoadRow, round: number, proxy: RunningProxy, sample: Sample): string {
  const cpu =
    name === 'large' ? `${sample.cpuNanosPerByte.toFixed(3)} ns/byte` : `${sample.cpuMicrosPerRequest.toFixed(1)} µs/request`;
  const rate = Math.round(sample.requests / sample.seconds);
  const errors = Object.entries(sample.errors).map(([what, count]) => `, ${what} errors: ${count}`);
  const others = `others ${sample.foreignCores.toFixed(2)} cores`;
  return `${name} ${round} ${proxy.name}: ${cpu}, ${rate} requests/s, p99 ${sample.p99.toFixed(2)} ms, ${others}${errors.join('')}`;
}
