import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSource } from '../../src/config/file-source.ts';
import { loadFirst } from '../../src/config/source.ts';
import type { Environment } from '../../src/config/substitute.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';

export function exampleFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}

/** Where the upstreams of each backend are instead. */
export type Upstreams = Readonly<Record<string, readonly (string | ExampleUpstream)[]>>;

/**
 * Runs a file as `sluice run` does: read from the disk, and watched. Variables say where it listens and where its upstreams
 * are; all else is what the file says.
 * @param more variables that the file, or one test, needs
 */
export async function runExample(file: string, upstreams: Upstreams, more: Environment = {}): Promise<Gateway> {
  const addresses = Object.entries(upstreams).flatMap(([backend, list]) =>
    list.map((one, at) => [
      `SLUICE_LOAD_BALANCING__BACKENDS__${backend.toUpperCase()}__UPSTREAMS__${at}__ADDRESS`,
      typeof one === 'string' ? one : one.address,
    ]),
  );
  const environment = {
    SLUICE_SERVER__HTTP_ADDR: '127.0.0.1:0',
    SLUICE_ADMIN__ADDR: '127.0.0.1:0',
    SLUICE_LOG__LEVEL: 'silent',
    ...Object.fromEntries(addresses),
    ...more,
  };
  const source = new FileSource({ file, environment });
  const { config, version } = await loadFirst(source);
  const gateway = createGateway(config, { source, version, directory: dirname(file) });
  await gateway.start();
  return gateway;
}

/** What a client of {@link ask} got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
}

interface Asked {
  readonly method?: string;
  /** Also `host`, which `fetch` would not send. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** @param body sent with its length */
export function ask(gateway: Gateway, path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  request(`http://${gateway.http[0]}${path}`, { method, headers, agent: false }, (reply) => {
    const parts: Buffer[] = [];
    reply.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
    reply.on('end', () => {
      const bytes = Buffer.concat(parts);
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: bytes.toString(), bytes });
    });
  })
    .on('error', reject)
    .end(body);
  return promise;
}

/** One request as it came to an upstream. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export type Answering = (seen: Seen, response: ServerResponse) => void;

/** A real server that remembers what it was asked, and answers with it unless a test says otherwise. */
export class ExampleUpstream {
  readonly seen: Seen[] = [];
  /** Ends the response. */
  answer: Answering = (seen, response) => void response.end(JSON.stringify(seen));
  readonly server: Server;

  private constructor() {
    this.server = createServer(({ method = '', url = '', headers }, response) => {
      const seen = { method, url, headers };
      // What checks ask is not what clients do.
      if (url === '/health') return void response.end();
      this.seen.push(seen);
      this.answer(seen, response);
    });
  }

  static async start(): Promise<ExampleUpstream> {
    const upstream = new ExampleUpstream();
    await new Promise<void>((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
