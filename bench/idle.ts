import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, LOAD_CORE, PROXY_CORE, pin, pinned, start, until } from './child.ts';
import { answers } from './fetch-once.ts';
import { fullLoad, hasWrk } from './load.ts';
import { median } from './median.ts';
import type { Options } from './options.ts';
import { SMALL } from './origin.ts';
import { descendants, residentBytes } from './process-cost.ts';
import { sluiceCommand } from './proxies.ts';

export interface IdleFigure {
  readonly connections: number;
  /** Those that Sluice had closed before we looked. */
  readonly closedEarly: number;
  readonly bytesPerConnection: number;
}

const RUNS = 3;
const CONNECTIONS = 10_000;
const OPEN_FILES = 16_384;
const SETTLE_MS = 3_000;

/** What a client costs that keeps its connection after one answer: the middle of a few runs, a heap grows in steps. */
export async function measureIdle(dir: string, originPort: number, options: Options): Promise<IdleFigure> {
  const runs: IdleFigure[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measureOnce(dir, originPort, options));
  return {
    connections: CONNECTIONS,
    closedEarly: Math.max(...runs.map((run) => run.closedEarly)),
    bytesPerConnection: median(runs.map((run) => run.bytesPerConnection)),
  };
}

/** Growth of a fresh, warm Sluice by ten thousand clients. */
async function measureOnce(dir: string, originPort: number, options: Options): Promise<IdleFigure> {
  const port = await freePort();
  const sluice = start(dir, 'sluice-idle', await sluiceCommand(dir, port, originPort, options), OPEN_FILES);
  try {
    await until(sluice, 'Sluice', () => answers(port, '/small'));
    pin(sluice.pid, PROXY_CORE);
    if (hasWrk()) await fullLoad({ port, path: '/small', browser: false, bodyBytes: SMALL.length }, 3);
    await sleep(SETTLE_MS);
    const pids = descendants(sluice.pid);
    const before = residentBytes(pids);
    const script = join(import.meta.dirname, 'idle-clients.ts');
    const command = pinned(LOAD_CORE, [process.execPath, script, String(port), String(CONNECTIONS)]);
    const clients = start(dir, `idle-clients-${port}`, command, OPEN_FILES);
    try {
      await until(clients, 'the idle clients', () => (clients.log().includes('OPEN') ? true : undefined));
      await sleep(SETTLE_MS);
      const grown = residentBytes(pids) - before;
      await clients.stop();
      const closed = /^CLOSED (\d+)$/m.exec(clients.log())?.[1];
      if (closed === undefined) throw new Error(`idle clients: ${clients.log().slice(-500)}`);
      return { connections: CONNECTIONS, closedEarly: Number(closed), bytesPerConnection: Math.round(grown / CONNECTIONS) };
    } finally {
      await clients.stop();
    }
  } finally {
    await sluice.stop();
  }
}
