import type { LoadResult } from './load.ts';
import { busyMicros, cpuMicros, residentBytes } from './process-cost.ts';

/** One round of load on one proxy. */
export interface Sample extends LoadResult {
  readonly cpuMicrosPerRequest: number;
  readonly cpuNanosPerByte: number;
  /** The most that was resident at any moment of the round. */
  readonly residentBytes: number;
  /** How many cores others took meanwhile: neither the bench, its load and its upstream nor this proxy. */
  readonly foreignCores: number;
}

const RSS_EVERY_MS = 250;
/** Rounds in which others took more than this are done again. */
const NOISY_CORES = 0.15;

/**
 * What a load costs the processes of a proxy. A round that others disturbed is repeated; of all tries the quietest counts.
 * @param ours processes of the bench that work for the load, such as the upstream
 * @param tries how often at most
 */
export async function measure(
  pids: readonly number[],
  ours: readonly number[],
  load: () => Promise<LoadResult>,
  tries: number,
): Promise<Sample> {
  let best = await once(pids, ours, load);
  for (let done = 1; done < tries && best.foreignCores > NOISY_CORES; done += 1) {
    const again = await once(pids, ours, load);
    if (again.foreignCores < best.foreignCores) best = again;
  }
  return best;
}

async function once(pids: readonly number[], ours: readonly number[], load: () => Promise<LoadResult>): Promise<Sample> {
  // Finished loads count as children of this process.
  const known = [...pids, ...ours, process.pid];
  let resident = residentBytes(pids);
  const watch = setInterval(() => {
    resident = Math.max(resident, residentBytes(pids));
  }, RSS_EVERY_MS);
  try {
    const before = { at: performance.now(), cpu: cpuMicros(pids), known: cpuMicros(known), busy: busyMicros() };
    const result = await load();
    const cpu = cpuMicros(pids) - before.cpu;
    const foreign = busyMicros() - before.busy - (cpuMicros(known) - before.known);
    return {
      ...result,
      cpuMicrosPerRequest: cpu / result.requests,
      cpuNanosPerByte: (cpu * 1_000) / result.bytes,
      residentBytes: resident,
      foreignCores: Math.max(0, foreign / 1_000 / (performance.now() - before.at)),
    };
  } finally {
    clearInterval(watch);
  }
}
