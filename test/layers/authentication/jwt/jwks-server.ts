import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An identity provider on loopback: publishes what the test tells it to, and counts who asks. */
export class JwksServer {
  readonly requests: IncomingMessage[] = [];
  private readonly server: Server;
  private answer: Answer;
  private waiting: (() => void)[] = [];

  private constructor(answer: Answer) {
    this.answer = answer;
    this.server = createServer((request, response) => {
      this.requests.push(request);
      for (const tell of this.waiting.splice(0)) tell();
      this.answer(response, request);
    });
  }

  static async open(...keys: unknown[]): Promise<JwksServer> {
    const server = new JwksServer(() => {});
    server.publish(...keys);
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get uri(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jwks?v=1`;
  }

  get asked(): number {
    return this.requests.length;
  }

  publish(...keys: unknown[]): void {
    this.send(JSON.stringify({ keys }));
  }

  send(body: string | Buffer, status = 200, headers: Record<string, string> = {}): void {
    this.does((response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body));
  }

  does(answer: Answer): void {
    this.answer = answer;
  }

  /** Breaks the connection of whoever asks. */
  breakOff(): void {
    this.does((response) => response.destroy());
  }

  /** The next request has come. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
