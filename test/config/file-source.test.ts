import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { fileSource } from '../../src/config/file-source.ts';
import { MAX_TEXT } from '../../src/config/parse.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-source-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

describe('A file', () => {
  test('is read with its version and its name', async () => {
    const file = write('a.yaml', 'log: {} # ä\n');
    expect(await fileSource(file).read()).toEqual({
      version: createHash('sha256').update('log: {} # ä\n').digest('hex'),
      text: 'log: {} # ä\n',
      file,
    });
  });

  test('has the same version as long as it has the same bytes', async () => {
    const source = fileSource(write('b.yaml', 'log: {}'));
    const first = await source.read();
    write('b.yaml', 'log: {}');
    expect((await source.read()).version).toBe(first.version);
    write('b.yaml', 'log: { }');
    expect((await source.read()).version).not.toBe(first.version);
  });

  test.each([
    ['that is not there', () => join(directory, 'none.yaml'), 'no such file'],
    ['that is a directory', () => directory, 'is a directory'],
    ['that is not UTF-8', () => write('latin1.yaml', Uint8Array.of(0x61, 0xe4, 0x0a)), 'is not UTF-8'],
    ['whose name runs through a file', () => join(write('c.yaml', ''), 'd.yaml'), 'ENOTDIR'],
  ])('%s is refused by name', async (_, make, why) => {
    const file = make();
    const error = await fileSource(file)
      .read()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toMatch(new RegExp(`^${file}: .*${why}`));
  });

  test('that is too large is refused before it is read', async () => {
    const file = write('huge.yaml', '');
    truncateSync(file, MAX_TEXT + 1);
    await expect(fileSource(file).read()).rejects.toThrow(/is larger than/);
  });
});
