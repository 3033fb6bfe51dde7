/**
 * `node bench/soak.ts [--minutes 10]`: a gateway in a process of its own between clients and an origin that misbehave,
 * for minutes. Fails when memory or sockets grow after the first fifth of the time, when it dies, or when it stops
 * answering. Loopback only; ends by itself.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort, killAll, start } from './child.ts';
import { median } from './median.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const DURATION = Number(values.minutes) * 60_000;
const SAMPLES = 40;
const CLIENTS = 24;
const MAIN = join(import.meta.dirname, '../dist/main.js');
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

const BIG = 'x'.repeat(200_000);
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const ANSWERS: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.write(OK),
  (socket) => socket.write(OK),
  (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG.length}\r\n\r\n${BIG}`),
  (socket) =>
    socket.write(
      'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n',
    ),
  (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
  (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n${'y'.repeat(500)}`),
  (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 EVIL\r\nContent-Length: 4\r\n\r\nevil'),
  (socket) => socket.write('garbage\r\n\r\n'),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.destroy(),
  () => {},
];
const REQUESTS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${BIG.length}\r\n\r\n${BIG}`,
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nnot all of it',
  'GET / HTTP/1.1\r\nHost: a\r\nX: half a he',
  'nonsense',
];
const ENDS: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.end(),
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.pause(),
];

const origin = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => {
    if (socket.writable) pick(ANSWERS)(socket);
  });
});

/** One client after another, each with a request or some, and an end of its own. */
async function misbehave(port: number, until: number): Promise<number> {
  let sent = 0;
  while (performance.now() < until) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', () => {});
    for (let requests = Math.ceil(Math.random() * 4); requests > 0 && !socket.destroyed; requests--) {
      const bytes = pick(REQUESTS);
      const cut = Math.random() < 0.3 ? Math.floor(Math.random() * bytes.length) : bytes.length;
      socket.write(bytes.slice(0, cut), 'latin1');
      await pause(Math.random() * 10);
      if (cut < bytes.length) socket.write(bytes.slice(cut), 'latin1');
      sent += 1;
      await pause(Math.random() * 30);
    }
    pick(ENDS)(socket);
    await pause(Math.random() * 50);
    socket.destroy();
  }
  return sent;
}

interface Sample {
  readonly megabytes: number;
  readonly sockets: number;
}

async function look(pid: number, admin: number): Promise<Sample> {
  const health = await fetch(`http://127.0.0.1:${admin}/health`);
  if (health.status !== 200) throw new Error(`/health answers ${health.status}`);
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { megabytes: Math.round(Number(kilobytes) / 1024), sockets: readdirSync(`/proc/${pid}/fd`).length };
}

async function soak(dir: string): Promise<string[]> {
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const [port, admin] = [await freePort(), await freePort()];
  const upstreams = [
    { address: `127.0.0.1:${(origin.address() as AddressInfo).port}`, read_timeout: '1s', connection_timeout: '1s' },
  ];
  const config = {
    server: { http_addr: `127.0.0.1:${port}`, timeouts: { header: '1s', body: '1s', keep_alive: '2s' } },
    admin: { addr: `127.0.0.1:${admin}` },
    log: { level: 'warn' },
    load_balancing: { backends: { origin: { upstreams } } },
    routes: [{ id: 'all', path: '/**', backend: 'origin', timeout: '3s' }],
  };
  const file = join(dir, 'sluice.json');
  writeFileSync(file, JSON.stringify(config));
  const child = start(dir, 'sluice', [process.execPath, '--max-semi-space-size=16', MAIN, 'run', '-c', file]);
  await pause(2000);
  const until = performance.now() + DURATION;
  const clients = Array.from({ length: CLIENTS }, () => misbehave(port, until));
  const samples: Sample[] = [];
  while (performance.now() < until && !child.exited()) {
    await pause(DURATION / SAMPLES);
    const sample = await look(child.pid, admin);
    samples.push(sample);
    console.log(
      `${String(Math.round((DURATION - (until - performance.now())) / 1000)).padStart(5)} s  ${sample.megabytes} MB  ${sample.sockets} files and sockets`,
    );
  }
  const sent = (await Promise.all(clients)).reduce((sum, one) => sum + one, 0);
  await pause(6000);
  const left = child.exited() ? { megabytes: 0, sockets: 0 } : await look(child.pid, admin);
  console.log(`${sent} requests; afterwards ${left.megabytes} MB, ${left.sockets} files and sockets`);
  const problems = child.exited() ? [`the gateway died:\n${child.log()}`] : judge(samples);
  if (child.log().trim().split('\n').length > 1) problems.push(`it logged:\n${child.log().slice(0, 2000)}`);
  await child.stop();
  return problems;
}

/** Compares the second fifth of the time with the last. */
function judge(samples: readonly Sample[]): string[] {
  const fifth = Math.floor(samples.length / 5);
  const of = (from: number, key: keyof Sample) => median(samples.slice(from, from + fifth).map((sample) => sample[key]));
  const last = samples.length - fifth;
  const problems: string[] = [];
  if (of(last, 'megabytes') > of(fifth, 'megabytes') * 1.1 + 5) problems.push('memory grows');
  if (of(last, 'sockets') > of(fifth, 'sockets') * 1.5 + 20) problems.push('sockets grow');
  return problems;
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
try {
  const problems = await soak(dir);
  for (const problem of problems) console.error(`FAILED: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  killAll();
  origin.close();
  rmSync(dir, { recursive: true });
}
process.exit();
