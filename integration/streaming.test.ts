import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SIZE = 2 * 1024 ** 3;
const PIECE = Buffer.alloc(
  1024 ** 2,
  Array.from({ length: 1021 }, (_, at) => String.fromCharCode(97 + (at % 26))).join(''),
  'latin1',
);
const ALLOWED_GROWTH = 64 * 1024 ** 2;
const WARM = 64 * 1024 ** 2;

/** Counts bytes, and looks at both ends of each piece: cheap enough not to be what is measured. */
class Tally {
  bytes = 0;
  wrong = 0;

  add(bytes: Buffer): void {
    const last = this.bytes + bytes.length - 1;
    if (bytes[0] !== PIECE[this.bytes % PIECE.length] || bytes.at(-1) !== PIECE[last % PIECE.length]) this.wrong += 1;
    this.bytes += bytes.length;
  }
}

function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < SIZE; sent += PIECE.length) yield PIECE;
}

/** The body of a message, read as fast as it comes or, at first, slowly. */
async function read(body: IncomingMessage, slow: boolean): Promise<Tally> {
  const tally = new Tally();
  let rests = slow ? 40 : 0;
  for await (const bytes of body) {
    tally.add(bytes as Buffer);
    if (rests > 0 && tally.bytes < WARM) {
      rests -= 1;
      await pause(25);
    }
  }
  return tally;
}

/** Highest resident memory of a process while something goes on, in bytes. */
function watch(pid: number): () => number {
  let highest = 0;
  const look = () => {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    highest = Math.max(highest, Number(kilobytes) * 1024);
  };
  look();
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return highest;
  };
}

describe('Two gigabytes through the gateway', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-streaming-'));
  let origin: Server;
  let gateway: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    origin = createServer((incoming, outgoing) => {
      if (incoming.url?.startsWith('/down')) {
        outgoing.writeHead(200, incoming.url.endsWith('length') ? { 'Content-Length': SIZE } : {});
        Readable.from(pieces()).pipe(outgoing);
        return;
      }
      read(incoming, incoming.url?.endsWith('slow') === true).then(
        ({ bytes, wrong }) => outgoing.end(String(wrong === 0 ? bytes : -wrong)),
        () => outgoing.destroy(),
      );
    });
    await once(origin.listen(0, '127.0.0.1'), 'listening');
    const file = join(dir, 'sluice.json');
    const upstreams = [{ address: `127.0.0.1:${(origin.address() as AddressInfo).port}` }];
    const config = {
      server: { http_addr: '127.0.0.1:0' },
      admin: { addr: '127.0.0.1:0' },
      load_balancing: { backends: { origin: { upstreams } } },
      routes: [{ id: 'all', path: '/**', backend: 'origin', timeout: '5m' }],
    };
    writeFileSync(file, JSON.stringify(config));
    const main = join(import.meta.dirname, '../src/main.ts');
    gateway = spawn(process.execPath, ['--max-semi-space-size=16', main, 'run', '-c', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: gateway.stdout as Readable })) {
      const entry = JSON.parse(line) as { msg: string; http: string[] };
      if (entry.msg !== 'listening') continue;
      port = Number(entry.http[0]?.split(':')[1]);
      break;
    }
    // What the first requests compile and allocate is no growth of streaming.
    await down('/down/length', false, WARM);
    await up('/up', false, WARM);
  });

  afterAll(async () => {
    gateway.kill('SIGKILL');
    origin.closeAllConnections();
    origin.close();
    rmSync(dir, { recursive: true });
  });

  async function down(path: string, slow: boolean, stopAt = Number.POSITIVE_INFINITY): Promise<Tally> {
    const asked = request({ host: '127.0.0.1', port, path });
    asked.end();
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    if (stopAt === Number.POSITIVE_INFINITY) return read(reply, slow);
    const tally = new Tally();
    for await (const bytes of reply) {
      tally.add(bytes as Buffer);
      if (tally.bytes >= stopAt) break;
    }
    return tally;
  }

  async function up(path: string, chunked: boolean, size = SIZE): Promise<number> {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', headers: chunked ? {} : { 'Content-Length': size } });
    const source = Readable.from(pieces().take(size / PIECE.length));
    source.pipe(asked);
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const bytes of reply) text += bytes;
    return Number(text);
  }

  async function growth(work: () => Promise<unknown>): Promise<number> {
    const before = watch(gateway.pid as number)();
    const highest = watch(gateway.pid as number);
    await work().finally(highest);
    return highest() - before;
  }

  test.each([
    ['of a known length, to a fast reader', '/down/length', false],
    ['in chunks, to a reader that is slow at first', '/down/chunks', true],
  ])('down, %s, arrive whole and leave no memory behind', async (_, path, slow) => {
    const grown = await growth(async () => {
      expect(await down(path, slow)).toEqual({ bytes: SIZE, wrong: 0 });
    });
    expect(grown).toBeLessThan(ALLOWED_GROWTH);
  });

  test.each([
    ['of a known length, to a fast origin', '/up', false],
    ['in chunks, to an origin that is slow at first', '/up/slow', true],
  ])('up, %s, arrive whole and leave no memory behind', async (_, path, chunked) => {
    const grown = await growth(async () => expect(await up(path, chunked)).toBe(SIZE));
    expect(grown).toBeLessThan(ALLOWED_GROWTH);
  });
});
