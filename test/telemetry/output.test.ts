import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LogOutput } from '../../src/telemetry/output.ts';
import { ManualClock } from '../support/manual-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-output-'));
const clock = new ManualClock();
const opened: LogOutput[] = [];

afterEach(() => {
  for (const output of opened.splice(0)) output.close();
  expect(clock.pending).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true }));

function open(where: string = join(mkdtempSync(join(directory, 'o-')), 'sluice.log')) {
  const output = new LogOutput(where, clock);
  opened.push(output);
  return { output, path: where, text: () => readFileSync(where, 'utf8') };
}

describe('Access lines', () => {
  test('wait for others, for a quarter of a second at most', () => {
    const { output, text } = open();
    output.add('a\n');
    clock.advance(200);
    output.add('b\n');
    expect(text()).toBe('');
    clock.advance(50);
    expect(text()).toBe('a\nb\n');
    output.add('c\n');
    clock.advance(250);
    expect(text()).toBe('a\nb\nc\n');
  });

  test('are written when there are enough of them', () => {
    const { output, text } = open();
    const line = `${'x'.repeat(999)}\n`;
    for (let at = 0; at < 32; at++) output.add(line);
    expect(text()).toBe('');
    output.add(line);
    expect(text()).toBe(line.repeat(33));
  });

  test('come before the application line that was given after them', () => {
    const { output, text } = open();
    output.add('a\n');
    output.write('application é ☂\n');
    expect(text()).toBe('a\napplication é ☂\n');
  });

  test('are written at the end, and dropped after it', () => {
    const { output, text } = open();
    output.add('a\n');
    output.close();
    output.add('b\n');
    output.write('c\n');
    output.close();
    expect([text(), output.dropped]).toEqual(['a\n', 2]);
  });

  test('are written at once when that is asked for', () => {
    const { output, text } = open();
    output.add('a\n');
    output.flushSync();
    expect(text()).toBe('a\n');
    clock.advance(1000);
    expect(text()).toBe('a\n');
  });
});

describe('A disk that is full', () => {
  test('takes nothing, and costs a bounded number of bytes', () => {
    const { output } = open('/dev/full');
    const line = `${'x'.repeat(1023)}\n`;
    for (let at = 0; at < 3000; at++) output.add(line);
    // A megabyte waits, and what is kept until its next turn.
    expect(output.dropped).toBeGreaterThanOrEqual(3000 - 1024 - 16);
    const { dropped } = output;
    output.write('what the application says has more room\n');
    expect(output.dropped).toBe(dropped);
    for (let at = 0; at < 3000; at++) output.write(line);
    expect(output.dropped).toBeGreaterThan(dropped + 1900);
  });

  test('is tried again', () => {
    const { output, path, text } = open();
    const full = open('/dev/full').output;
    full.add('a\n');
    full.write('b\n');
    expect(clock.pending).toBe(1);
    for (let at = 0; at < 10; at++) clock.advance(20);
    expect(clock.pending).toBe(1);
    output.write('c\n');
    expect([path === '/dev/full', text()]).toEqual([false, 'c\n']);
  });
});

describe('A file', () => {
  test('is made when it is not there, and is not for everybody to read', () => {
    const { output, path } = open();
    output.write('a\n');
    expect(statSync(path).mode & 0o007).toBe(0);
  });

  test('is continued when it is there', () => {
    const { output, path, text } = open();
    output.write('a\n');
    output.close();
    open(path).output.write('b\n');
    expect(text()).toBe('a\nb\n');
  });

  test('that was moved away is left alone after it was opened anew', () => {
    const { output, path, text } = open();
    output.write('a\n');
    output.add('b\n');
    renameSync(path, `${path}.1`);
    output.write('c\n');
    output.add('d\n');
    output.reopen();
    output.write('e\n');
    expect([readFileSync(`${path}.1`, 'utf8'), text()]).toEqual(['a\nb\nc\nd\n', 'e\n']);
  });

  test('that cannot be opened anew leaves the old one in use', () => {
    const { output, path } = open();
    const old = join(directory, 'old');
    renameSync(join(path, '..'), old);
    expect(() => output.reopen()).toThrow('ENOENT');
    output.write('a\n');
    expect(readFileSync(join(old, 'sluice.log'), 'utf8')).toBe('a\n');
  });

  test.each([
    ['in a directory that is not there', 'none/sluice.log', 'ENOENT'],
    ['that is a directory', '', 'EISDIR'],
  ])('%s is an error', (_, name, code) => {
    expect(() => new LogOutput(join(directory, name), clock)).toThrow(code);
  });

  test('that is a pipe nobody reads is an error, and nothing to wait for', () => {
    const path = join(directory, 'pipe');
    expect(spawnSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]).status).toBe(0);
    expect(() => new LogOutput(path, clock)).toThrow('ENXIO');
  });
});

test.each(['stdout', 'stderr'])('there is nothing to open anew for %s', (where) => {
  const { output } = open(where);
  output.reopen();
  expect(output.dropped).toBe(0);
});
