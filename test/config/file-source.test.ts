import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FileSource } from '../../src/config/file-source.ts';
import { loadFirst } from '../../src/config/source.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { CERTIFICATE } from './certificate.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-source-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

function open(file: string) {
  const clock = new ManualClock();
  const source = new FileSource({ file, environment: {} }, clock);
  onTestFinished(() => source.close());
  return { clock, source };
}

describe('A file as a source', () => {
  test('is loaded at first without another thread, then with one, to the same effect', async () => {
    const { clock, source } = open(write('a.yaml', 'log: { level: warn }'));
    const first = await source.load();
    expect(first).toMatchObject({ kind: 'checked', config: { log: { level: 'warn' } } });
    expect(clock.pending).toBe(0);
    expect(await source.load()).toEqual(first);
    expect(await source.load(first.version)).toEqual({ kind: 'unchanged', version: first.version });
    expect(await source.load('another')).toEqual(first);
  });

  test('that is bad is refused each time, and good again when it is mended', async () => {
    const file = write('b.yaml', 'log: {}');
    const { source } = open(file);
    const good = await source.load();
    write('b.yaml', 'log: [');
    expect(await source.load(good.version)).toMatchObject({ kind: 'refused', error: { file } });
    expect((await source.load(good.version)).kind).toBe('refused');
    write('b.yaml', 'log: {}');
    expect(await source.load()).toEqual(good);
  });

  test('tells of changes, with each load of those of the files that it has then', async () => {
    const file = write('c.yaml', 'log: {}');
    const { clock, source } = open(file);
    await source.load();
    let told = 0;
    /** Lets time pass until it has told so many times. */
    const tells = (times: number) =>
      expect
        .poll(
          () => {
            clock.advance(100);
            return told;
          },
          { timeout: 5000 },
        )
        .toBe(times);
    const stop = source.watch(() => {
      told += 1;
    });
    write('c.yaml', 'load_balancing: { backends: { a: { upstreams: [{ address: "b:1" }], tls: { ca: ca.pem } } } }');
    await tells(1);
    await source.load();
    write('ca.pem', CERTIFICATE);
    await tells(2);
    stop();
    write('c.yaml', 'log: {}');
    clock.advance(20_000);
    expect(await source.load()).toMatchObject({ kind: 'checked' });
    expect(told).toBe(2);
  });

  test('leaves nothing behind when it is closed', async () => {
    const { clock, source } = open(write('d.yaml', 'log: {}'));
    await source.load();
    source.watch(() => {});
    await source.load();
    expect(clock.pending).toBeGreaterThan(0);
    source.close();
    expect(clock.pending).toBe(0);
    await expect(source.load()).rejects.toThrow('closed');
  });

  test('is what a gateway starts with, or says why not', async () => {
    const { source } = open(write('e.yaml', 'log: {}'));
    expect(await loadFirst(source)).toMatchObject({ config: { routes: [] }, version: expect.stringMatching(/^[0-9a-f]{64}$/) });
    write('e.yaml', 'sever: {}');
    await expect(loadFirst(source)).rejects.toThrow(/e\.yaml:1:1: sever: unknown key/);
  });
});
