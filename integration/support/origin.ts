import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** An upstream in the process of the test. */
export interface Origin {
  readonly address: string;
  /** Connections that it has accepted. */
  readonly accepted: () => number;
  readonly server: Server;
}

/**
 * Upgrades to "echo" become a tunnel that gives everything back. Closed with the test.
 * @param listener default: the target, as text
 */
export async function startOrigin(listener?: RequestListener): Promise<Origin> {
  let accepted = 0;
  const tunnels = new Set<Socket>();
  const server = createServer(listener ?? ((request, response) => response.end(`origin saw ${request.url}`)));
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => {
    accepted += 1;
  });
  server.on('upgrade', (_request, socket) => {
    tunnels.add(socket as Socket);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of tunnels) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, accepted: () => accepted, server };
}
