import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, PROXY_CORE, pin, start, until } from './child.ts';
import { answers } from './fetch-once.ts';
import { fullLoad, hasWrk, openLoad } from './load.ts';
import type { Options } from './options.ts';
import { sluiceCommand } from './proxies.ts';
import { type LoadRow, ROWS } from './rows.ts';

const FOLDER = join(import.meta.dirname, 'profiles');
const TOP = 25;

/** What V8 writes; times in µs. */
interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface SelfTime {
  readonly where: string;
  readonly share: number;
}

/** Runs Sluice under V8's profiler through one row and lists the functions that took the most time themselves. */
export async function profile(dir: string, originPort: number, options: Options): Promise<string> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  const name = (options.rows.length === 1 ? options.rows[0] : 'plain') as LoadRow;
  const row = ROWS[name] ?? ROWS.plain;
  const port = await freePort();
  const flags = ['--cpu-prof', `--cpu-prof-dir=${FOLDER}`, '--cpu-prof-interval', '200', '--enable-source-maps'];
  const sluice = start(dir, 'sluice-profile', await sluiceCommand(dir, port, originPort, options, flags));
  try {
    await until(sluice, 'Sluice', () => answers(port, row.path));
    pin(sluice.pid, PROXY_CORE);
    const target = { port, path: row.path, browser: row.browser, bodyBytes: row.bodyBytes };
    const seconds = options.seconds + options.warmUpSeconds;
    await (hasWrk() ? fullLoad(target, seconds) : openLoad(target, seconds, row.modestRate));
  } finally {
    await sluice.stop();
  }
  const file = readdirSync(FOLDER).find((one) => one.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile was written:\n${sluice.log().slice(-1_000)}`);
  const { busy, top } = selfTimes(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as CpuProfile);
  const lines = top.slice(0, TOP).map(({ where, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${where}`);
  return [`${row.title}: bench/profiles/${file}, ${busy.toFixed(1)} s of CPU, self time by function:`, ...lines].join('\n');
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): { busy: number; top: SelfTime[] } {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, place(callFrame)]));
  const micros = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, at) => {
    const where = names.get(id) ?? '';
    if (where === '(idle)') return;
    // A sample stands for the time until the next one.
    const spent = timeDeltas[at + 1] ?? 0;
    busy += spent;
    micros.set(where, (micros.get(where) ?? 0) + spent);
  });
  const top = [...micros].map(([where, time]) => ({ where, share: time / busy })).toSorted((a, b) => b.share - a.share);
  return { busy: busy / 1e6, top };
}

function place({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('file:') ? relative(join(import.meta.dirname, '..'), fileURLToPath(url)) : url;
  return `${name}  ${file}:${lineNumber + 1}`;
}
