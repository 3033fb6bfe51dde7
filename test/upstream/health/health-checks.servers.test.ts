import { afterEach, beforeEach, expect, test } from 'vitest';
import { HealthChecks } from '../../../src/upstream/health/health-checks.ts';
import { type ProbeTarget, probe } from '../../../src/upstream/health/probe.ts';
import { soon } from '../../support/channels.ts';
import { checkOf } from '../../support/health-checks.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RawServer } from '../../support/raw-server.ts';

const CHECK = checkOf({ path: '/health', interval: 1000, timeout: 5000, failure_threshold: 2 });
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

const clock = new ManualClock();
let servers: RawServer[];
let told: string[];
let checks: HealthChecks<ProbeTarget>;

beforeEach(async () => {
  servers = [await RawServer.open(), await RawServer.open()];
  told = [];
  const targets = servers.map(({ port }) => ({ host: '127.0.0.1', port, secure: false, tls: {} }));
  checks = new HealthChecks<ProbeTarget>([CHECK], {
    clock,
    random: () => 0.5,
    probe: (target, check, signal) => probe(target, check, signal, { clock }),
    changed: (target, { ready, reason }) => told.push(`${targets.indexOf(target)} ${ready ? 'ready' : reason}`),
  });
  checks.update(targets);
});
afterEach(async () => {
  checks.close();
  for (const server of servers) await server.close();
});

function reply(server: RawServer, text: string): void {
  server.onPeer = (peer) => peer.socket.on('data', () => peer.send(text));
}

/** Lets a round of probes begin, and waits until each server has its connection. */
async function round(number: number, ...asked: (RawServer | undefined)[]): Promise<void> {
  clock.advance(1000);
  await soon(() => asked.every((server) => server?.peers.length === number));
}

test('a server that breaks ceases to be ready, the one beside it does not, and it is ready again when it is whole', async () => {
  const [good, bad] = servers as [RawServer, RawServer];
  reply(good, OK);
  reply(bad, 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n');
  for (let number = 1; told.length === 0; number++) {
    await round(number, good, bad);
    await soon(() => servers.every(({ peers }) => peers.every(({ left }) => left !== 'open')));
  }
  expect([told, bad.peers.length]).toEqual([['1 http /health: status 503, expected 200'], 2]);
  reply(bad, OK);
  for (let number = 3; told.length === 1; number++) {
    await round(number, good, bad);
    await soon(() => servers.every(({ peers }) => peers.every(({ left }) => left !== 'open')));
  }
  expect([told[1], bad.peers.length]).toEqual(['1 ready', 4]);
});

test('a server that hangs costs one connection at a time, which is cut when its time is over', async () => {
  const [good, bad] = servers as [RawServer, RawServer];
  reply(good, OK);
  for (let number = 1; number <= 4; number++) {
    await round(number, good);
    await soon(() => good.peers.every(({ left }) => left !== 'open'));
  }
  expect(bad.peers.map(({ left }) => left)).toEqual(['open']);
  clock.advance(5000);
  await bad.peers[0]?.gone();
  clock.advance(100);
  await soon(() => bad.peers.length === 2);
  expect(told).toEqual([]);
  clock.advance(5000);
  await soon(() => told.length !== 0);
  expect(told).toEqual(['1 http /health: no answer within 5000ms']);
});
