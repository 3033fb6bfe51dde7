import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

const child = fileURLToPath(new URL('../support/logging-child.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'sluice-log-'));
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const one of children) one.kill('SIGKILL');
  children.clear();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Node gives its children sockets for pipes; a shell gives them pipes. */
const KINDS = ['socket', 'pipe', 'file'] as const;
type Kind = (typeof KINDS)[number];

function start(kind: Kind, how: string, count: number) {
  const file = join(mkdtempSync(join(directory, 'run-')), 'sluice.log');
  const args = [child, kind === 'file' ? file : 'stdout', how, String(count)];
  const running =
    kind === 'pipe'
      ? spawn('sh', ['-c', '"$@" | cat', 'sh', process.execPath, ...args])
      : spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(running);
  let told = '';
  running.stderr?.on('data', (bytes) => (told += bytes));
  const closed = new Promise<number | null>((resolve) => running.once('close', resolve));
  return { running, file, closed, told: () => told };
}

async function run(kind: Kind, how: string, count: number): Promise<Record<string, unknown>[]> {
  const { running, file, closed } = start(kind, how, count);
  let text = '';
  running.stdout?.on('data', (bytes) => (text += bytes));
  await closed;
  return linesOf(kind === 'file' ? readFileSync(file, 'utf8') : text);
}

/** Fails when a line is torn. */
function linesOf(text: string): Record<string, unknown>[] {
  expect(text.at(-1)).toBe('\n');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const numbers = (lines: Record<string, unknown>[]) => lines.flatMap(({ at }) => (typeof at === 'number' ? [at] : []));
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

describe.each(KINDS)('Lines for a %s', (kind) => {
  test.each(['exit', 'throw'])('are all there when the process ends at once by %s', async (how) => {
    const lines = await run(kind, how, 3000);
    expect(numbers(lines).sort((a, b) => a - b)).toEqual(upTo(3000));
    expect(lines.filter(({ msg }) => msg === 'application')).toHaveLength(30);
  });

  test('are in the order they were given when the log was closed', async () => {
    const lines = await run(kind, 'return', 3000);
    expect(numbers(lines)).toEqual(upTo(3000));
    for (const [at, line] of lines.entries()) {
      if (line['msg'] === 'application') expect(lines[at - 1]?.['at']).toBe(line['after']);
    }
  });
});

test.each(['pipe', 'file'] as const)('a fatal line is written before anything else can happen, on a %s', async (kind) => {
  const lines = await run(kind, 'fatal', 200);
  expect(numbers(lines)).toEqual(upTo(200));
  expect(lines.at(-1)).toMatchObject({ level: 'fatal', msg: 'application' });
});

describe.each(['socket', 'pipe'] as const)('A reader of a %s that does not read', (kind) => {
  test('costs lines, which are counted, not memory and not the event loop', async () => {
    const { running, closed, told } = start(kind, 'flood', 1000);
    // Nobody listens on stdout: the kernel's buffers fill up. What was told comes before the end.
    await expect.poll(told, { timeout: 20_000 }).toContain('}');
    let text = '';
    running.stdout?.on('data', (bytes) => (text += bytes));
    await closed;
    const { given, dropped, stood, rss } = JSON.parse(told()) as Record<'given' | 'dropped' | 'stood' | 'rss', number>;
    expect(dropped).toBeGreaterThan(given / 2);
    expect(stood).toBeLessThan(3000);
    expect(rss).toBeLessThan(200 * 1024 * 1024);
    // Every line that was not dropped came, whole and in order.
    const came = numbers(linesOf(text));
    expect(came).toEqual([...came].sort((a, b) => a - b));
    expect(came.length + dropped).toBe(given);
  });
});

test('a reader that never reads does not keep the process from its end', async () => {
  const { running } = start('socket', 'flood', 200);
  expect(await new Promise((resolve) => running.once('exit', resolve))).toBe(0);
});

test('a reader that is gone does not keep the process from its work', async () => {
  const { running, told } = start('socket', 'flood', 200);
  running.stdout?.destroy();
  expect(await new Promise((resolve) => running.once('exit', resolve))).toBe(0);
  await expect.poll(told).toContain('}');
  const { given, dropped } = JSON.parse(told()) as Record<'given' | 'dropped', number>;
  expect(dropped).toBeGreaterThan(given / 2);
});
