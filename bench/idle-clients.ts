/**
 * Opens connections, asks once on each, keeps them: `node bench/idle-clients.ts PORT COUNT`. Says OPEN when all have
 * had their answer, and at SIGTERM how many were closed on it before. Ends by itself after a minute.
 */
import { connect, type Socket } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const AT_A_TIME = 64;
const LIFE_MS = 60_000;
const kept: Socket[] = [];
let opened = 0;
let closed = 0;

function openOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.write(`GET /small HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
    socket.once('data', (head: Buffer) => {
      if (head.toString('latin1', 9, 12) === '200') resolve();
      else reject(new Error(`answer: ${head.toString('latin1', 0, 80)}`));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      closed += 1;
      reject(new Error('closed before it answered'));
    });
    kept.push(socket);
  });
}

async function opener(): Promise<void> {
  while (opened < count) {
    opened += 1;
    await openOne();
  }
}

function end(): void {
  console.log(`CLOSED ${closed}`);
  for (const socket of kept) socket.resetAndDestroy();
  process.exit(0);
}

process.once('SIGTERM', end);
setTimeout(end, LIFE_MS);
await Promise.all(Array.from({ length: AT_A_TIME }, opener));
console.log('OPEN');
