import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-main-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function start(args: string[], nodeArgs: string[] = []): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const child = spawn(process.execPath, [...nodeArgs, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: directory });
  return child as ReturnType<typeof start>;
}

function write(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

describe('The process', () => {
  test('serves with sluice.yaml, logs JSON lines, drains at SIGTERM and ends with 0', async () => {
    write(
      'sluice.yaml',
      'server: { http_addr: "127.0.0.1:0" }\nadmin: { addr: "127.0.0.1:0" }\nroutes: [{ id: a, path: /a, respond: { body: hi } }]',
    );
    const child = start([]);
    const lines: Record<string, unknown>[] = [];
    const reader = createInterface(child.stdout);
    reader.on('line', (line) => lines.push(JSON.parse(line)));
    await expect.poll(() => lines.length, { timeout: 5000 }).toBe(1);
    const { http, admin, msg } = lines[0] as { http: string[]; admin: string; msg: string };
    expect([msg, typeof admin]).toEqual(['listening', 'string']);
    expect(await (await fetch(`http://${http[0]}/a`, { headers: { connection: 'close' } })).text()).toBe('hi');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect.poll(() => lines.map((line) => line['msg'])).toEqual(['listening', 'request', 'draining', 'stopped']);
  });

  test('names the address that is taken and ends with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const child = start([
      '-c',
      write('taken.yaml', `server: { http_addr: "127.0.0.1:${port}" }\nadmin: { addr: "127.0.0.1:0" }`),
    ]);
    const said = text(child.stderr as NonNullable<typeof child.stderr>);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await said).toBe(`sluice: cannot listen on 127.0.0.1:${port}: something else listens there already\n`);
    other.close();
  });

  test('says what is wrong with a configuration on standard error and ends with 1', async () => {
    const child = start(['-c', write('bad.yaml', 'sever: {}')]);
    const said = text(child.stderr as NonNullable<typeof child.stderr>);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await said).toMatch(/bad\.yaml:1:1: sever: unknown key; did you mean "server"\?\n$/);
  });

  test('says that it needs a newer Node, and does nothing else', async () => {
    const old = write(
      'old.mjs',
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.1" } });',
    );
    const child = start(['--version'], ['--import', old]);
    const said = text(child.stderr as NonNullable<typeof child.stderr>);
    expect(await text(child.stdout)).toBe('');
    expect(await said).toBe('sluice needs Node 24 or newer; this is 18.20.1\n');
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(1);
  });
});
