import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendants } from './process-cost.ts';

/** The proxies under test have one core to themselves; load and upstream share the other. */
export const PROXY_CORE = 0;
export const LOAD_CORE = 1;
const STOP_PATIENCE_MS = 5_000;

export interface Child {
  readonly pid: number;
  /** What it has written so far, both streams. */
  log(): string;
  exited(): boolean;
  /** SIGTERM, and SIGKILL when that does not help in time. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/**
 * Starts a process with its output in a file of `dir`: a pipe would make the bench read, and a full one would make the
 * process wait. `openFiles` raises the limit of open files first, as far as the machine lets it.
 */
export function start(dir: string, name: string, command: readonly string[], openFiles?: number): Child {
  const path = join(dir, `${name}.log`);
  const out = openSync(path, 'a');
  const raise = ['bash', '-c', 'ulimit -n "$0" 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"', String(openFiles)];
  const [file, ...args] = openFiles === undefined ? command : [...raise, ...command];
  const child = spawn(file as string, args, { stdio: ['ignore', out, out] });
  closeSync(out);
  running.add(child);
  const gone = new Promise<void>((resolve) => {
    const done = () => {
      running.delete(child);
      resolve();
    };
    child.once('exit', done);
    child.once('error', done);
  });
  return {
    pid: child.pid ?? 0,
    log: () => readFileSync(path, 'latin1'),
    exited: () => !running.has(child),
    stop: async () => {
      if (!running.has(child)) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
      await gone;
      clearTimeout(kill);
    },
  };
}

/** For a bench that ends before its time: leaves no process behind. */
export function killAll(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Waits for a sign that the process is up. @throws Error with the end of its log when it ends or takes too long */
export async function until<T>(child: Child, what: string, sign: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let waited = 0; waited < 15_000; waited += 20) {
    const value = await sign();
    if (value !== undefined) return value;
    if (child.exited()) break;
    await sleep(20);
  }
  throw new Error(`${what} did not start:\n${child.log().slice(-2_000)}`);
}

/** Moves a process, its threads and its children to one core; the time to do so is after it has started. */
export function pin(pid: number, core: number): void {
  if (!canPin()) return;
  for (const one of descendants(pid)) {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(one)], { stdio: 'ignore' });
  }
}

/** A command line that starts on one core. */
export function pinned(core: number, command: readonly string[]): string[] {
  return canPin() ? ['taskset', '-c', String(core), ...command] : [...command];
}

export function canPin(): boolean {
  return cpus().length > 1 && has('taskset', '-V');
}

const found = new Map<string, boolean>();

/** Whether a program is installed. */
export function has(program: string, ...args: string[]): boolean {
  let answer = found.get(program);
  if (answer === undefined) {
    try {
      execFileSync(program, args, { stdio: 'ignore' });
      answer = true;
    } catch (error) {
      answer = (error as NodeJS.ErrnoException).code !== 'ENOENT'; // wrk ends with 1 when it only says its version
    }
    found.set(program, answer);
  }
  return answer;
}

/** A port that nothing listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
