import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../lib/clock.ts';
import { echo } from './echo.ts';
import { faulty } from './faulty.ts';

export type DemoName = 'fast' | 'slow' | 'faulty' | 'echo';

/** The ports that examples/demo.yaml has for them. */
export const DEMO_PORTS: Readonly<Record<DemoName, number>> = Object.freeze({ fast: 9001, slow: 9002, faulty: 9003, echo: 9004 });

export interface DemoOptions {
  /** Port of each, 0 for a free one; those of the example unless given. */
  readonly ports?: Readonly<Record<DemoName, number>>;
  readonly clock?: Clock;
  /** Milliseconds before the slow one answers: 800 unless given. */
  readonly delay?: number;
  /** Milliseconds between two server-sent events: 1000 unless given. */
  readonly interval?: number;
}

/** Four small servers on 127.0.0.1 for a gateway to stand in front of. */
export interface DemoUpstreams {
  /** `host:port` of each. */
  readonly addresses: Readonly<Record<DemoName, string>>;
  /** Stops them at once, with what they are doing. */
  close(): Promise<void>;
}

/** @throws Error of `listen`, when a port is taken; none of them runs then */
export async function startUpstreams(options: DemoOptions = {}): Promise<DemoUpstreams> {
  const { ports = DEMO_PORTS, clock = systemClock, delay = 800, interval = 1000 } = options;
  const listeners: Readonly<Record<DemoName, RequestListener>> = {
    fast: (_, response) => answer(response, 'fast'),
    slow: (_, response) => void clock.after(delay, () => answer(response, 'slow')),
    faulty: faulty(),
    echo: echo(clock, interval),
  };
  const servers = new Map<string, Server>();
  const close = async (): Promise<void> => {
    await Promise.all([...servers.values()].map(stop));
  };
  try {
    for (const [name, listener] of Object.entries(listeners)) {
      const server = createServer(listener);
      server.listen(ports[name as DemoName], '127.0.0.1');
      await once(server, 'listening');
      servers.set(name, server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const addresses = Object.fromEntries([...servers].map(([name, server]) => [name, addressOf(server)]));
  return { addresses: addresses as Record<DemoName, string>, close };
}

function answer(response: Parameters<RequestListener>[1], upstream: DemoName): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify({ upstream })}\n`);
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `${address}:${port}`;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
