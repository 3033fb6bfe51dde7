import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
export const TOKEN = 'integration';

/** A line of the log. */
export interface LogEntry {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

interface UpstreamStats {
  readonly address: string;
  readonly ready: boolean;
  readonly reason?: string;
  readonly active: number;
  readonly requests: number;
  readonly connections: number;
  readonly queued: number;
}

export interface Stats {
  readonly state: string;
  readonly connections: number;
  readonly config: {
    readonly version: string;
    readonly reloads: readonly { readonly outcome: string; readonly reason: string; readonly problems?: readonly string[] }[];
  };
  readonly routes: readonly { readonly id: string }[];
  readonly backends: Readonly<Record<string, { readonly upstreams: readonly UpstreamStats[] }>>;
}

/** What every configuration of these tests has in common: free ports on loopback, and a token. */
export const LISTEN = { server: { http_addr: '127.0.0.1:0' }, admin: { addr: '127.0.0.1:0', token: TOKEN } };

/** One backend called "origin" and one route for every path. */
export function document(addresses: readonly string[], more: Record<string, object> = {}): Record<string, object> {
  const upstreams = addresses.map((address) => ({ address }));
  return {
    ...LISTEN,
    load_balancing: { backends: { origin: { upstreams, ...more['backend'] } } },
    // What the origins of these tests speak in tunnels.
    routes: [{ id: 'all', path: '/**', backend: 'origin', upgrades: ['echo'], ...more['route'] }],
    server: { ...LISTEN.server, ...more['server'] },
  };
}

/** A `sluice run` of its own, with a configuration in a directory of its own. Ended and removed with the test. */
export class SluiceProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'sluice-process-'));
  readonly file = join(this.directory, 'sluice.yaml');
  readonly entries: LogEntry[] = [];
  /** Lines that are no JSON, and all of standard error. */
  complaints = '';
  address = '';
  /** Where it speaks TLS; empty: nowhere. */
  secure = '';
  admin = '';
  exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> = Promise.reject();
  private child: ChildProcess | undefined;
  private readonly watchers = new Set<() => void>();

  private constructor() {
    this.exited.catch(() => {});
    onTestFinished(() => {
      this.child?.kill('SIGKILL');
      rmSync(this.directory, { recursive: true });
    });
  }

  /** @param prepare makes the file otherwise than by writing it; @returns when it listens */
  static async start(config: unknown, prepare?: (process: SluiceProcess) => void): Promise<SluiceProcess> {
    const started = new SluiceProcess();
    if (prepare === undefined) started.write(config);
    else prepare(started);
    await started.open();
    return started;
  }

  /** JSON is YAML. In place. */
  write(config: unknown): void {
    writeFileSync(this.file, typeof config === 'string' ? config : JSON.stringify(config));
  }

  get pid(): number {
    return this.child?.pid as number;
  }

  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  private async open(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'run', '-c', this.file], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    child.stderr?.on('data', (bytes: Buffer) => {
      this.complaints += bytes;
    });
    createInterface({ input: child.stdout as Readable }).on('line', (line) => this.heard(line));
    const listening = this.logged(({ msg }) => msg === 'listening');
    const early = this.exited.then(({ code }) => Promise.reject(new Error(`ended with ${code}: ${this.complaints}`)));
    const told = (await Promise.race([listening, early])) as LogEntry & { http: string[]; https?: string[]; admin: string };
    early.catch(() => {});
    this.address = told.http[0] as string;
    this.secure = told.https?.[0] ?? '';
    this.admin = told.admin;
  }

  private heard(line: string): void {
    if (line.startsWith('{')) this.entries.push(JSON.parse(line));
    else this.complaints += `${line}\n`;
    for (const watcher of this.watchers) watcher();
  }

  /** The first such line, already there or to come. @param from lines before it do not count */
  logged(is: (entry: LogEntry) => boolean, from = 0): Promise<LogEntry> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.entries.slice(from).find(is);
        if (found === undefined) return;
        this.watchers.delete(look);
        resolve(found);
      };
      this.watchers.add(look);
      look();
    });
  }

  async ready(): Promise<number> {
    return (await fetch(`http://${this.admin}/ready`)).status;
  }

  async stats(): Promise<Stats> {
    const reply = await fetch(`http://${this.admin}/stats`, { headers: { authorization: `Bearer ${TOKEN}` } });
    return (await reply.json()) as Stats;
  }

  /** @param series as it stands in the exposition, labels included */
  async metric(series: string): Promise<number> {
    const text = await (await fetch(`http://${this.admin}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return Number(line?.slice(series.length));
  }
}
