import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('..', import.meta.url));
const binaries = join(checkout, 'node_modules', '.bin');
/** The machine's own programs: no Node from a checkout among them. */
const machinePath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));

/** What `npm run` put into the environment would point a nested npm at the checkout. */
function environment(path: readonly string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(lifecycle|package|config_local)|INIT_CWD|SLUICE_|VITEST|NODE_)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

const withOurNode = environment([binaries, ...machinePath]);

/** The first Node of the machine outside node_modules, as `env node` finds it. */
async function machineNode(): Promise<string> {
  const { stdout } = await run('node', ['--version'], { env: environment(machinePath) });
  return stdout.trim();
}

interface Listening {
  readonly http: readonly string[];
  readonly admin: string;
}

/** Starts an installed program and waits for the log line that says where it listens. */
function start(program: string, args: readonly string[], cwd: string) {
  const child = spawn(program, args, { cwd, env: withOurNode, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const listening = new Promise<Listening>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      output += `${line}\n`;
      const entry = line.startsWith('{') ? JSON.parse(line) : {};
      if (entry.msg === 'listening') resolve(entry);
    });
    exited.then(({ code, signal }) => reject(new Error(`ended with ${code ?? signal} before it listened:\n${output}`)), reject);
  });
  return { child, listening, exited };
}

function origin(): Promise<Server> {
  const server = createServer((request, response) => response.end(`origin saw ${request.method} ${request.url}`));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('The package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  const project = join(folder, 'project');
  const installed = join(project, 'node_modules', 'sluice');
  const sluice = join(project, 'node_modules', '.bin', 'sluice');

  beforeAll(async () => {
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
    await run('npm', ['run', 'build'], { cwd: checkout, env: withOurNode });
    await run('npm', ['pack', '--pack-destination', folder], { cwd: checkout, env: withOurNode });
    const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    expect(tarballs).toHaveLength(1);
    const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', join(folder, String(tarballs[0]))];
    await run('npm', install, { cwd: project, env: withOurNode });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds the build and what goes with it, no sources and no tests', () => {
    const entries = readdirSync(installed);
    expect(entries).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'package.json']));
    for (const absent of ['src', 'test', 'bench', 'integration', 'bin', 'tsconfig.json']) expect(entries).not.toContain(absent);
    accessSync(join(installed, 'dist', 'main.js'), constants.X_OK);
  });

  test('brings no development dependencies', () => {
    const packages = readdirSync(join(project, 'node_modules'));
    for (const absent of ['typescript', 'vitest', 'fastify', 'node', '@biomejs']) expect(packages).not.toContain(absent);
  });

  test('serves a request and ends with 0 on SIGTERM', async () => {
    const upstream = await origin();
    onTestFinished(() => void upstream.close());
    const config = join(project, 'gateway.yaml');
    writeFileSync(
      config,
      `server: { http_addr: "127.0.0.1:0" }
admin: { addr: "127.0.0.1:0" }
load_balancing:
  backends:
    hello: { upstreams: [{ address: "127.0.0.1:${(upstream.address() as AddressInfo).port}" }] }
routes:
  - { id: "hello", path: "/hello", backend: "hello" }
`,
    );
    const { child, listening, exited } = start(sluice, ['run', '-c', config], project);
    onTestFinished(() => void child.kill('SIGKILL'));

    const { http, admin } = await listening;
    const reply = await fetch(`http://${http[0]}/hello`);
    expect([reply.status, await reply.text()]).toEqual([200, 'origin saw GET /hello']);
    const health = await fetch(`http://${admin}/health`);
    expect(health.status).toBe(200);
    await health.arrayBuffer();

    child.kill('SIGTERM');
    expect(await exited).toEqual({ code: 0, signal: null });
  });

  test('has types that a TypeScript project compiles against', async () => {
    writeFileSync(
      join(project, 'use.ts'),
      "import * as sluice from 'sluice';\nexport const names: string[] = Object.keys(sluice);\n",
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--types', 'node'];
    const roots = ['--typeRoots', join(checkout, 'node_modules', '@types')];
    await run(join(binaries, 'tsc'), [...options, ...roots, 'use.ts'], { cwd: project, env: withOurNode });
  });

  test('can be imported under its name', async () => {
    const program = "console.log(Object.keys(await import('sluice')).length > 0)";
    const { stdout } = await run('node', ['--input-type=module', '-e', program], { cwd: project, env: withOurNode });
    expect(stdout.trim()).toBe('true');
  });

  test('says which Node it needs, and ends with 1, under an older one', async ({ skip }) => {
    const version = await machineNode();
    if (Number(version.slice(1).split('.')[0]) >= 24) skip(`the machine's own Node is ${version}, which is new enough`);
    const ended = await run(sluice, ['--version'], { env: environment(machinePath) }).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/Node(\.js)? (>= ?)?24/);
    expect(ended.stderr).toContain(version.slice(1));
  });
});
