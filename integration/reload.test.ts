import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FileSource } from '../src/config/file-source.ts';
import { loadFirst } from '../src/config/source.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { createLogger } from '../src/telemetry/log.ts';

const CLIENTS = 4;
const WARM = 200;
const RELOADS = 500;
const ALLOWED_GROWTH = 1024 ** 2;

const directory = mkdtempSync(join(tmpdir(), 'sluice-reload-'));
const file = join(directory, 'sluice.json');
const origin = createServer((request, response) => response.end(`origin saw ${request.url}`));
const silent = createLogger({ level: 'silent', format: 'json' });

beforeAll(async () => {
  await once(origin.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
  rmSync(directory, { recursive: true });
});

/** Each differs from the one before: in routes, in what a backend is, and in whether there is a second one. */
function write(at: number, watch = false): void {
  const upstreams = [{ address: `127.0.0.1:${(origin.address() as AddressInfo).port}`, read_timeout: `${10 + (at % 3)}s` }];
  const backends = { steady: { upstreams }, ...(at % 2 === 0 && { other: { upstreams, pool: { max_idle: 1 + (at % 5) } } }) };
  const route = (id: string, path: string, backend: string) => ({ id, path, backend, timeout: `${30 + (at % 7)}s` });
  const config = {
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    config_source: { file: { watch } },
    load_balancing: { backends },
    routes: [route('steady', '/steady', 'steady'), route(`moving_${at}`, `/moving/${at}`, at % 2 === 0 ? 'other' : 'steady')],
  };
  writeFileSync(file, JSON.stringify(config));
}

async function open(watch = false): Promise<Gateway> {
  write(0, watch);
  const source = new FileSource({ file, environment: {} });
  const { config, version } = await loadFirst(source);
  const gateway = createGateway(config, { logger: silent, source, version });
  onTestFinished(() => gateway.close());
  await gateway.start();
  return gateway;
}

/** Clients that ask one thing after the other, each on one connection that it keeps. */
class Load {
  readonly wrong: string[] = [];
  answered = 0;
  connections = 0;
  private going = true;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  private readonly loops: Promise<void>[];

  constructor(address: string) {
    this.loops = Array.from({ length: CLIENTS }, () => this.loop(`http://${address}/steady`));
  }

  /** Waits until so many more have been answered. */
  async more(count: number): Promise<void> {
    const enough = this.answered + count;
    // Not with expect.poll, which keeps something of each call until the test ends.
    while (this.answered < enough && this.wrong.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async end(): Promise<void> {
    this.going = false;
    await Promise.all(this.loops);
    this.agent.destroy();
  }

  private async loop(url: string): Promise<void> {
    while (this.going) {
      const text = await this.ask(url).catch((error: unknown) => String(error));
      if (text === '200 origin saw /steady') this.answered += 1;
      else this.wrong.push(text);
    }
  }

  private async ask(url: string): Promise<string> {
    const asked = get(url, { agent: this.agent });
    asked.on('socket', () => {
      if (!asked.reusedSocket) this.connections += 1;
    });
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    let text = `${reply.statusCode} `;
    for await (const chunk of reply) text += chunk;
    return text;
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a reload could leave open: those that keep no process alive too, which `getActiveResourcesInfo` passes over. */
const KINDS = new Set(['Timeout', 'FSEVENTWRAP', 'STATWATCHER', 'WORKER', 'MESSAGEPORT', 'TCPSERVERWRAP']);
const alive = new Map<number, string>();
const hook = createHook({
  init: (id, type) => void (KINDS.has(type) && alive.set(id, type)),
  destroy: (id) => void alive.delete(id),
  trackPromises: false,
});

/** What would grow if a reload left something behind. */
async function leftovers() {
  // Twice, with a turn between: what a finalizer lets go of is collected the second time.
  for (let times = 0; times < 2; times++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)] as const);
  return {
    listeners: Object.fromEntries(listeners),
    open: [...alive.values()].sort(),
    heap: process.memoryUsage().heapUsed,
  };
}

describe('Five hundred reloads under load', () => {
  test('drop no connection, fail no request, and leave no listener, timer or megabyte behind', async () => {
    hook.enable();
    onTestFinished(() => void hook.disable());
    const gateway = await open();
    const reloads = async (from: number, to: number) => {
      const load = new Load(gateway.http[0] as string);
      const outcomes = new Set<string>();
      for (let at = from; at < to; at++) {
        // Each one with requests that began under the one before.
        await load.more(CLIENTS);
        write(at);
        outcomes.add((await gateway.reload()).outcome);
      }
      await load.more(CLIENTS);
      await load.end();
      expect([[...outcomes], load.wrong, load.connections]).toEqual([['applied'], [], CLIENTS]);
      return leftovers();
    };
    // What is compiled and allocated once is no growth.
    const before = await reloads(1, WARM);
    const after = await reloads(WARM, WARM + RELOADS);
    expect(after.listeners).toEqual(before.listeners);
    // A timer more or less may be one of the moment, such as the tick of the wheel; one in a hundred reloads is none.
    expect(after.open.length - before.open.length, `${before.open} → ${after.open}`).toBeLessThan(RELOADS / 100);
    expect(after.heap - before.heap).toBeLessThan(ALLOWED_GROWTH);
  });

  test('of bad ones change nothing, and the next good one is taken', async () => {
    const gateway = await open();
    const load = new Load(gateway.http[0] as string);
    await load.more(100);
    const bad = [
      '{',
      'sever: {}',
      'routes: [{ id: a, path: /a, backend: none }]',
      'server: { http_addr: "127.0.0.1:1" }',
      '\xff',
    ];
    for (let at = 0; at < RELOADS; at++) {
      writeFileSync(file, `${bad[at % bad.length]} # ${at}`, 'latin1');
      expect((await gateway.reload()).outcome).toBe('refused');
    }
    write(1);
    expect((await gateway.reload()).outcome).toBe('applied');
    await load.more(100);
    await load.end();
    expect([load.wrong, load.connections]).toEqual([[], CLIENTS]);
  });

  test('that come in a burst are few, and the last of them is in force', async () => {
    const gateway = await open();
    const all = Array.from({ length: RELOADS }, (_, at) => {
      write(at + 1);
      return gateway.reload();
    });
    expect(new Set(await Promise.all(all)).size).toBe(2);
    const reply = await fetch(`http://${gateway.http[0]}/moving/${RELOADS}`);
    expect([reply.status, await reply.text()]).toEqual([200, `origin saw /moving/${RELOADS}`]);
  });
});

test('A gateway that watches its file serves a change without being asked, and leaves nothing behind at its end', async () => {
  hook.enable();
  onTestFinished(() => void hook.disable());
  const before = await leftovers();
  const gateway = await open(true);
  for (const at of [1, 2]) {
    write(at, true);
    await expect
      .poll(async () => (await fetch(`http://${gateway.http[0]}/moving/${at}`)).status, { timeout: 10_000, interval: 50 })
      .toBe(200);
  }
  await gateway.close();
  const kinds = (open: readonly string[]) => open.filter((kind) => kind !== 'Timeout');
  await expect.poll(async () => kinds((await leftovers()).open), { timeout: 5000 }).toEqual(kinds(before.open));
});
