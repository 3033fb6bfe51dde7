import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type Child, freePort, has, LOAD_CORE, pin, start, until } from './child.ts';
import { answers } from './fetch-once.ts';
import { nginxConfig } from './nginx.ts';
import { descendants } from './process-cost.ts';

/** 132 bytes: the size that the figures in the design were taken with. */
export const SMALL = JSON.stringify({
  id: 4711,
  name: 'a small document of a common kind',
  tags: ['fast', 'plain'],
  note: 'x'.repeat(44),
});
export const LARGE_BYTES = 1_048_576;

/** Where the origin can be reached: as many upstreams of one backend as a bench may want. */
export const LOOPBACK: readonly string[] = Array.from({ length: 10 }, (_, at) => `127.0.0.${at + 1}`);

export interface Origin {
  readonly port: number;
  /** Its processes; none when it runs in the bench itself. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const FILES: Readonly<Record<string, number>> = { large: LARGE_BYTES, 'bytes/1k': 1_024, 'bytes/100k': 102_400 };

/** The upstream of all proxies. Without nginx it is a node server: good enough to see errors, not to compare. */
export async function startOrigin(dir: string): Promise<Origin> {
  return has('nginx', '-v') ? nginxOrigin(dir) : nodeOrigin();
}

async function nginxOrigin(dir: string): Promise<Origin> {
  const port = await freePort();
  const home = join(dir, 'origin');
  mkdirSync(join(home, 'files/bytes'), { recursive: true });
  for (const [name, size] of Object.entries(FILES)) writeFileSync(join(home, 'files', name), randomBytes(size));
  const server = `
    sendfile on;
    server {
      ${LOOPBACK.map((host) => `listen ${host}:${port} backlog=4096;`).join(' ')}
      root ${home}/files;
      default_type application/octet-stream;
      location = /small { default_type application/json; return 200 '${SMALL}'; }
    }`;
  writeFileSync(join(home, 'nginx.conf'), nginxConfig(home, server));
  const child: Child = start(dir, 'origin', ['nginx', '-p', home, '-e', join(home, 'error.log'), '-c', join(home, 'nginx.conf')]);
  await until(child, 'the upstream nginx', () => answers(port, '/small'));
  pin(child.pid, LOAD_CORE);
  return { port, pids: descendants(child.pid), stop: child.stop };
}

async function nodeOrigin(): Promise<Origin> {
  const bodies = new Map(Object.entries(FILES).map(([name, size]) => [`/${name}`, randomBytes(size)]));
  bodies.set('/small', Buffer.from(SMALL));
  const server = createServer((request, response) => {
    const body = bodies.get(request.url ?? '');
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': 'application/json',
      'content-length': body?.length ?? 0,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    pids: [],
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
