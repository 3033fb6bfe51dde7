import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const EXAMPLE = fileURLToPath(new URL('../examples/gateway.ts', import.meta.url));

test('the exports are enough for a program that serves, reloads and drains: examples/gateway.ts', async () => {
  const upstream = createServer((request, response) => response.end(`upstream ${request.url}`)).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const child = spawn(process.execPath, [EXAMPLE, '127.0.0.1:0', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let printed = '';
    child.stdout.on('data', (bytes) => {
      printed += bytes;
    });
    await expect.poll(() => printed, { timeout: 10_000 }).toContain('maintenance\n');
    const [address = ''] = /http:\/\/[^/]+/.exec(printed) ?? [];
    const ask = async (path: string) => {
      const reply = await fetch(`${address}${path}`);
      return [reply.status, await reply.text()];
    };

    expect(await ask('/echo/a')).toEqual([200, 'upstream /echo/a']);
    child.kill('SIGUSR2');
    await expect.poll(() => printed, { timeout: 10_000 }).toContain('maintenance on: applied');
    expect(await ask('/echo/a')).toEqual([503, 'Back soon.\n']);
    expect(await ask('/echo/health')).toEqual([200, 'upstream /echo/health']);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    upstream.close();
  }
});
