import { connect } from 'node:net';
import { freePort, start } from './child.ts';
import { median } from './median.ts';
import type { Options } from './options.ts';
import { sluiceCommand } from './proxies.ts';

export interface StartFigure {
  readonly runs: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

const RUNS = 7;
const GIVE_UP_MS = 10_000;

/** From the command to the first byte of a reply through the proxy; the process may use all cores. */
export async function measureStart(dir: string, originPort: number, options: Options): Promise<StartFigure> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const port = await freePort();
    const command = await sluiceCommand(dir, port, originPort, options);
    const began = performance.now();
    const child = start(dir, 'sluice-start', command);
    try {
      while (!(await firstByte(port))) {
        if (child.exited() || performance.now() - began > GIVE_UP_MS) throw new Error(`no start:\n${child.log().slice(-1_000)}`);
      }
      times.push(performance.now() - began);
    } finally {
      await child.stop();
    }
  }
  return { runs: RUNS, medianMs: Math.round(median(times)), slowestMs: Math.round(Math.max(...times)) };
}

/** One try, again after a millisecond when nobody listens yet. */
function firstByte(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.write('GET /small HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n'));
    socket.once('data', (head: Buffer) => {
      socket.destroy();
      resolve(head.toString('latin1', 9, 12) === '200');
    });
    socket.once('error', () => setTimeout(resolve, 1, false));
  });
}
