/**
 * Sluice beside nginx, HAProxy and other proxies on Node, in one run on one machine: what a request costs the proxy in
 * CPU time. `npm run bench`; `node bench/compare.ts --help` has the options.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canPin, has, killAll } from './child.ts';
import { measureIdle } from './idle.ts';
import { hasWrk } from './load.ts';
import { type Options, PROXY_NAMES, ROW_NAMES, readOptions, USAGE } from './options.ts';
import { startOrigin } from './origin.ts';
import { profile } from './profile.ts';
import { LABELS, missing, type RunningProxy, startProxy } from './proxies.ts';
import { asJson, errorCount, markdown } from './report.ts';
import { runRows } from './rows.ts';
import { measureStart } from './start-time.ts';
import type { Figures } from './targets.ts';

const RESULTS = join(import.meta.dirname, 'results.json');
const say = (text: string) => process.stderr.write(`${text}\n`);

async function compare(dir: string, options: Options): Promise<number> {
  const origin = await startOrigin(dir);
  const proxies: RunningProxy[] = [];
  try {
    if (options.profile) {
      console.log(await profile(dir, origin.port, options));
      return 0;
    }
    let absent = 0;
    for (const name of options.proxies) {
      const reason = missing(name, options);
      if (reason === undefined) proxies.push(await startProxy(name, dir, origin.port, options));
      else {
        say(`without ${LABELS[name]}: ${reason}`);
        if (name === 'sluice') absent += 1;
      }
    }
    const samples = await runRows(proxies, origin.pids, options, say);
    const alone = async <T>(row: 'idle' | 'start', figure: () => Promise<T>): Promise<T | undefined> =>
      options.rows.includes(row) && options.proxies.includes('sluice') && absent === 0 ? figure() : undefined;
    const idle = await alone('idle', () => measureIdle(dir, origin.port, options));
    const start = await alone('start', () => measureStart(dir, origin.port, options));
    const figures: Figures = { samples, idle, start };
    console.log(markdown(figures, !options.smoke));
    if (isComplete(options)) writeFileSync(RESULTS, asJson(figures, options));
    else say('bench/results.json is left as it is: it holds runs of everything');
    const errors = errorCount(figures);
    if (errors > 0) say(`${errors} errors or answers that were no success`);
    return errors + absent > 0 ? 1 : 0;
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.child.stop()));
    await origin.stop();
  }
}

/** Whether the run measures all there is, so that its results may replace the last ones. */
function isComplete({ smoke, proxies, rows }: Options): boolean {
  return (
    !smoke && hasWrk() && PROXY_NAMES.every((name) => proxies.includes(name)) && ROW_NAMES.every((name) => rows.includes(name))
  );
}

/** What this machine lacks, by name. */
function notices(): void {
  if (!hasWrk()) say('wrk is not installed: a client on Node sends a modest fixed rate instead; no figures for full load');
  if (!has('nginx', '-v')) say('nginx is not installed: a node server is the upstream; figures are not comparable');
  if (!canPin()) say('one core only, or no taskset: nothing is pinned; figures are not comparable');
}

if (process.argv.includes('--help')) {
  console.log(USAGE);
} else {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    say(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killAll();
      process.exit(130);
    });
  }
  notices();
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    process.exitCode = await compare(dir, options);
  } catch (error) {
    say((error as Error).message);
    process.exitCode = 1;
  } finally {
    killAll();
    rmSync(dir, { recursive: true, force: true });
  }
}
