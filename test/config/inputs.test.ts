import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Inputs, type Known, readAgain } from '../../src/config/inputs.ts';
import { MAX_TEXT } from '../../src/config/parse.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-inputs-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

/** Reads what is named; names that end in `/` are directories. What cannot be read is passed over. */
function account(...names: string[]): Known {
  const inputs = new Inputs();
  for (const name of names) {
    try {
      if (name.endsWith('/')) inputs.list(join(directory, name));
      else inputs.read(join(directory, name));
    } catch {
      // As a check does that goes on to find the next problem.
    }
  }
  return inputs.known();
}

describe('What was read', () => {
  test('has the version that sha256sum prints, if it was one file', () => {
    write('a', 'log: {}\n');
    expect(account('a').version).toBe(createHash('sha256').update('log: {}\n').digest('hex'));
  });

  test('has one version for one content, however it is read and wherever it stands', () => {
    write('a', 'one');
    write('b', 'two');
    write('c', 'two');
    const { version } = account('a', 'b');
    expect(account('a', 'b', 'a').version).toBe(version);
    expect(account('a', 'c').version).toBe(version);
    expect(account('b', 'a').version).not.toBe(version);
    expect(account('a').version).not.toBe(version);
  });

  test('has another version when the same bytes are cut into files in another way', () => {
    write('a', 'x');
    write('b', 'yz');
    const { version } = account('a', 'b', 'b');
    write('a', 'xy');
    write('b', 'z');
    expect(account('a', 'b').version).not.toBe(version);
  });

  test('is passed on by read and list, errors too', () => {
    write('b', 'two');
    write('a', 'one');
    const inputs = new Inputs();
    expect(inputs.read(join(directory, 'a')).toString()).toBe('one');
    expect(inputs.list(directory)).toEqual(['a', 'b']);
    expect(() => inputs.read(join(directory, 'none'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => inputs.list(join(directory, 'none'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    truncateSync(join(directory, 'a'), MAX_TEXT + 1);
    expect(() => inputs.read(join(directory, 'a'))).toThrow(expect.objectContaining({ code: 'EFBIG' }));
  });

  test('names the links on the way to a file, those in a ring too', () => {
    mkdirSync(join(directory, 'v1'));
    write('v1/a', '1');
    symlinkSync('v1/a', join(directory, 'b'));
    symlinkSync('b', join(directory, 'c'));
    symlinkSync('ring', join(directory, 'ring'));
    expect(account('c').names).toEqual(['c', 'b', 'v1/a'].map((name) => join(directory, name)));
    expect(account('ring').names).toContain(join(directory, 'ring'));
  });
});

describe('What is no regular file is refused at once', () => {
  test.each<[string, string]>([
    ['a device without an end', '/dev/zero'],
    ['a terminal or nothing', '/dev/null'],
  ])('%s', (_, path) => {
    expect(() => new Inputs().read(path)).toThrow('is not a regular file');
  });

  test('a named pipe that nobody writes to', () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(() => new Inputs().read(path)).toThrow('is not a regular file');
  });

  test('a directory', () => expect(() => new Inputs().read(directory)).toThrow('is a directory'));
});

describe('Reading again', () => {
  test.each<[string, () => void, boolean]>([
    ['nothing happens', () => {}, true],
    ['the same bytes are written', () => write('a', 'one'), true],
    ['other bytes are written', () => write('a', 'eno'), false],
    ['a file goes', () => rmSync(join(directory, 'a')), false],
    ['a file comes that was missing', () => write('missing', ''), false],
    ['a name comes into a directory', () => write('d/more', ''), false],
    ['a directory goes', () => rmSync(join(directory, 'd'), { recursive: true }), false],
    ['a directory comes that was missing', () => mkdirSync(join(directory, 'no')), false],
    ['the file is another one with the same bytes', () => renameSync(write('new', 'one'), join(directory, 'a')), true],
  ])('when %s says so', (_, happens, same) => {
    write('a', 'one');
    mkdirSync(join(directory, 'd'));
    const known = account('a', 'missing', 'd/', 'no/');
    happens();
    expect(readAgain(known) !== undefined).toBe(same);
  });

  test('brings how the files look now', () => {
    write('a', 'one');
    const known = account('a');
    renameSync(write('new', 'one'), join(directory, 'a'));
    const again = readAgain(known);
    expect(again?.version).toBe(known.version);
    expect(again?.looks).not.toEqual(known.looks);
    expect(readAgain(again as Known)?.looks).toEqual(again?.looks);
  });
});
