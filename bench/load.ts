import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { has, LOAD_CORE, pinned } from './child.ts';

/** What a load generator saw. Times in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  /** Broken connections, time-outs and answers that are no success, each by its name and only where there are any. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface Target {
  readonly port: number;
  readonly path: string;
  /** Send a browser's twelve fields, not only Host. */
  readonly browser: boolean;
  readonly bodyBytes: number;
  /** Over TLS. */
  readonly secure?: boolean;
  /** Further lines of the head, as `Name: value`. `Connection: close` makes each request open a connection. */
  readonly fields?: readonly string[];
}

const FULL_CONNECTIONS = 64;
const PACED_CONNECTIONS = 256;
const MODEST_CONNECTIONS = 16;
const ERRORS = ['connect', 'read', 'write', 'timeout', 'status'] as const;

export const hasWrk = () => has('wrk', '-v');

/** As many requests as 64 connections can do, one after another on each: wrk. */
export function fullLoad(target: Target, seconds: number): Promise<LoadResult> {
  return wrk(target, seconds, FULL_CONNECTIONS, []);
}

/**
 * About `rate` requests a second: wrk, 256 connections that each rest a random while before each request. `overheadMs`
 * is what a request takes beside its rest, as {@link paceOverhead} found it. A connection that waits for an answer sends
 * nothing meanwhile, so a stalled proxy sees fewer requests. (A truly open loop on Node took so much of the core it
 * shares with the upstream that its own tail hid the proxies'.)
 */
export function pacedLoad(target: Target, seconds: number, rate: number, overheadMs: number): Promise<LoadResult> {
  return wrk(target, seconds, PACED_CONNECTIONS, [String(restMs(rate, overheadMs))]);
}

/** The overhead that explains the rate which a paced load came to. */
export function paceOverhead(rate: number, assumedMs: number, result: LoadResult): number {
  return (PACED_CONNECTIONS * 1_000 * result.seconds) / result.requests - restMs(rate, assumedMs);
}

function restMs(rate: number, overheadMs: number): number {
  return Math.max(0.5, Math.round(2 * ((PACED_CONNECTIONS * 1_000) / rate - overheadMs)) / 2);
}

/** Requests at a fixed modest rate, whatever the answers take, where there is no wrk: `open-loop.ts`. */
export function openLoad(target: Target, seconds: number, rate: number): Promise<LoadResult> {
  const script = join(import.meta.dirname, 'open-loop.ts');
  const { port, path, bodyBytes } = target;
  const plan = { port, path, bodyBytes, rate: Math.round(rate), seconds, connections: MODEST_CONNECTIONS };
  return run([process.execPath, script, JSON.stringify(plan)], seconds);
}

function wrk(target: Target, seconds: number, connections: number, rest: readonly string[]): Promise<LoadResult> {
  const script = join(import.meta.dirname, 'load.lua');
  const url = `${target.secure ? 'https' : 'http'}://127.0.0.1:${target.port}${target.path}`;
  const head = target.browser ? 'browser' : 'small';
  const fields = (target.fields ?? []).flatMap((field) => ['-H', field]);
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...fields, '-s', script];
  return run(['wrk', ...options, url, '--', head, ...rest], seconds);
}

async function run(command: readonly string[], seconds: number): Promise<LoadResult> {
  const [file, ...args] = pinned(LOAD_CORE, command);
  const child = spawn(file as string, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = setTimeout(() => child.kill('SIGKILL'), seconds * 1_000 + 15_000);
  let out = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    out += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve());
    child.once('error', reject);
  });
  clearTimeout(kill);
  const line = /^RESULT (.*)$/m.exec(out)?.[1];
  if (line === undefined) throw new Error(`${command[0]} gave no result:\n${out.slice(-1_000)}`);
  const raw = JSON.parse(line) as Record<string, number>;
  return {
    requests: raw['requests'] ?? 0,
    seconds: (raw['micros'] ?? 0) / 1e6,
    bytes: raw['bytes'] ?? 0,
    p50: (raw['p50'] ?? 0) / 1_000,
    p99: (raw['p99'] ?? 0) / 1_000,
    errors: Object.fromEntries(ERRORS.map((name) => [name, raw[name] ?? 0]).filter(([, count]) => count !== 0)),
  };
}
