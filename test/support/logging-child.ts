/**
 * A process that logs and ends: `node test/support/logging-child.ts OUTPUT HOW COUNT`. HOW: exit, throw, fatal, return,
 * or flood, which logs for COUNT ms as fast as it can and tells on the other channel what became of it.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/lib/clock.ts';
import { logSchema } from '../../src/telemetry/config.ts';
import { openLog } from '../../src/telemetry/log.ts';

const [output = 'stdout', how = 'exit', count = '1000'] = process.argv.slice(2);
const log = openLog(logSchema.parse({ output }), systemClock);
const access = (at: number) => log.access('info')?.add(`{"at":${at},"pad":"${'x'.repeat(at % 300)}"}\n`);

if (how === 'flood') flood(Number(count));
else {
  for (let at = 0; at < Number(count); at++) {
    access(at);
    if (at % 100 === 50) log.logger.info({ after: at }, 'application');
  }
  if (how === 'exit') process.exit(3);
  if (how === 'throw') throw new Error('slip');
  if (how === 'fatal') {
    log.logger.fatal({ after: count }, 'application');
    process.kill(process.pid, 'SIGKILL');
  }
  if (how === 'return') await log.close();
}

/** Tells how many lines it gave, how many were dropped, how long its event loop stood still, and its memory. */
function flood(ms: number): void {
  const start = performance.now();
  let given = 0;
  let last = start;
  let stood = 0;
  const turn = () => {
    const now = performance.now();
    stood = Math.max(stood, now - last);
    last = now;
    for (let line = 0; line < 2000; line++) access(given++);
    if (now - start < ms) setImmediate(turn);
    else void finish();
  };
  const finish = async () => {
    const { rss } = process.memoryUsage();
    writeSync(2, JSON.stringify({ given, dropped: log.dropped, stood, rss }));
    await log.close();
    process.exit(0);
  };
  turn();
}
