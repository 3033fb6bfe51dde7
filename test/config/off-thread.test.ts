import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type CheckedFile, checkFile } from '../../src/config/check-file.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { OffThread } from '../../src/config/off-thread.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { manyRoutes } from './many-routes.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-thread-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): { file: string; environment: Record<string, string> } {
  const file = join(directory, name);
  writeFileSync(file, content);
  return { file, environment: { LEVEL: 'warn' } };
}

/** One that must leave nothing behind. */
function open(memory?: number) {
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  const alive = () => started.filter(({ threadId }) => threadId !== -1).length;
  process.on('worker', note);
  const clock = new ManualClock();
  const thread = new OffThread(memory === undefined ? { clock } : { clock, memory });
  onTestFinished(async () => {
    thread.close();
    await expect.poll(alive).toBe(0);
    process.off('worker', note);
    expect(clock.pending).toBe(0);
  });
  return { clock, thread, started, alive };
}

function configOf({ loaded }: CheckedFile) {
  if (loaded.kind !== 'checked') throw new Error(loaded.kind);
  return loaded.config;
}

/** The processor time of the longest turn of this thread's event loop until the work is done. Milliseconds. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  const spent = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let going = true;
  let longest = 0;
  const end = work.finally(() => {
    going = false;
  });
  for (let before = spent(); going; before = spent()) {
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, spent() - before);
  }
  await end;
  return longest;
}

describe('A check on another thread', () => {
  test('makes what a check on this one makes, frozen all through', async () => {
    const input = write('same.yaml', `${manyRoutes(300)}log: { level: "\${LEVEL}" }\n`);
    const there = await open().thread.check(input, undefined);
    const here = checkFile(input);
    expect(configOf(there)).toStrictEqual(configOf(here));
    expect(there.known).toEqual(here.known);
    const { routes, log } = configOf(there);
    expect(log.level).toBe('warn');
    for (const value of [configOf(there), routes, routes[299], routes[299]?.retry.backoff])
      expect(Object.isFrozen(value)).toBe(true);
  });

  test('finds the same problems', async () => {
    const input = write('bad.yaml', 'log: { level: inof }\nsever: {}\n');
    const { loaded } = await open().thread.check(input, undefined);
    const here = checkFile(input).loaded;
    if (loaded.kind !== 'refused' || here.kind !== 'refused') throw new Error('not refused');
    expect(loaded.error).toBeInstanceOf(ConfigError);
    expect(loaded.error.message).toBe(here.error.message);
    expect(loaded.error.problems).toEqual(here.error.problems);
    expect(loaded.version).toBe(here.version);
  });

  test('tells of many thousand problems the first, and how many more there are', async () => {
    const { thread } = open();
    const routes = Array.from({ length: 3000 }, (_, at) => `- { id: r${at}, path: /r${at}, respond: {}, no: 1 }`);
    const { loaded } = await thread.check(write('many.yaml', `routes:\n${routes.join('\n')}\n`), undefined);
    const lines = loaded.kind === 'refused' ? loaded.error.message.split('\n') : [];
    expect(lines).toHaveLength(1001);
    expect(lines[0]).toContain('routes[0].no: unknown key');
    expect(lines.at(-1)).toMatch(/: and 2000 more$/);
  });

  test('is left out when nothing has changed', async () => {
    const input = write('known.yaml', manyRoutes(1));
    const { known } = checkFile(input);
    expect((await open().thread.check(input, known)).loaded).toEqual({ kind: 'unchanged', version: known.version });
  });

  test('of ten thousand routes holds this thread up for less than 10 ms at a time', async () => {
    const input = write('large.yaml', manyRoutes(10_000));
    const { thread } = open();
    let longest = Number.POSITIVE_INFINITY;
    // The kernel counts processor time in steps of up to 4 ms, and a collection of garbage may fall in: three tries.
    for (let tries = 0; longest > 10 && tries < 3; tries++) {
      const check = thread.check(input, undefined);
      longest = await longestTurn(check);
      expect(configOf(await check).routes).toHaveLength(10_000);
    }
    expect(longest).toBeLessThan(10);
  });
});

describe('The thread', () => {
  test('is started when it is needed, serves one check after the other, and ends after ten idle seconds', async () => {
    const { clock, thread, started, alive } = open();
    const input = write('small.yaml', manyRoutes(2));
    expect(thread.running).toBe(false);
    const all = await Promise.all([thread.check(input, undefined), thread.check(input, undefined)]);
    expect(all.map((one) => configOf(one).routes.length)).toEqual([2, 2]);
    clock.advance(9999);
    await thread.check(input, undefined);
    clock.advance(9999);
    expect([thread.running, started.length, alive()]).toEqual([true, 1, 1]);
    clock.advance(1);
    expect([thread.running, clock.pending]).toEqual([false, 0]);
    await expect.poll(alive).toBe(0);
    expect(configOf(await thread.check(input, undefined)).routes).toHaveLength(2);
    expect(started).toHaveLength(2);
  });

  test('that runs out of memory fails the check alone, and the next one has a new thread', async () => {
    const { thread } = open(24);
    const large = thread.check(write('glutton.yaml', manyRoutes(20_000)), undefined);
    await expect(large).rejects.toThrow('the check came to no end: it needs too much memory');
    const small = await thread.check(write('modest.yaml', manyRoutes(1)), undefined);
    expect(configOf(small).routes).toHaveLength(1);
  });

  test('that is closed during a check leaves nothing behind', async () => {
    const { thread } = open();
    const check = thread.check(write('cut.yaml', manyRoutes(2000)), undefined);
    const after = thread.check(write('cut.yaml', manyRoutes(2000)), undefined);
    const ends = [expect(check).rejects.toThrow('its thread ended'), expect(after).rejects.toThrow('closed')];
    await expect.poll(() => thread.running).toBe(true);
    thread.close();
    await Promise.all(ends);
  });

  test('does not keep the process alive', async () => {
    const program = `
      import { OffThread } from ${JSON.stringify(new URL('../../src/config/off-thread.ts', import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL('../../src/lib/clock.ts', import.meta.url).href)};
      const alive = setInterval(() => {}, 1000);
      await new OffThread({ clock: systemClock }).check(${JSON.stringify(write('brief.yaml', manyRoutes(1)))}, undefined);
      clearInterval(alive);
      console.log('checked');`;
    const started = systemClock.now();
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout).toBe('checked\n');
    expect(systemClock.now() - started).toBeLessThan(9000);
  });
});
