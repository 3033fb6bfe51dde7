import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Inputs } from '../../src/config/inputs.ts';
import { FileWatch } from '../../src/config/watch.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { ManualClock } from '../support/manual-clock.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

/** Reads as a load does; names that end in `/` are directories. */
function read(...names: string[]) {
  const inputs = new Inputs();
  for (const name of names) {
    try {
      if (name.endsWith('/')) inputs.list(join(directory, name));
      else inputs.read(join(directory, name));
    } catch {
      // It may come.
    }
  }
  return inputs.known();
}

class Watched {
  told = 0;
  private readonly watch: FileWatch;

  private constructor(clock: Clock) {
    this.watch = new FileWatch(clock, () => {
      this.told += 1;
    });
    onTestFinished(() => this.watch.close());
  }

  static async open(clock: Clock, ...names: string[]): Promise<Watched> {
    const watched = new Watched(clock);
    await watched.watch.follow(read(...names));
    return watched;
  }

  async follow(...names: string[]): Promise<void> {
    await this.watch.follow(read(...names));
  }

  /** Waits until it has told so many times, and no more often. */
  async tells(times: number): Promise<void> {
    await expect.poll(() => this.told, { timeout: 5000 }).toBe(times);
  }
}

/** Lets the time pass that it must be quiet, once something has been heard. */
async function quiet(clock: ManualClock): Promise<void> {
  // Beside the poll.
  await expect.poll(() => clock.pending).toBe(2);
  clock.advance(100);
}

describe('A file that is followed', () => {
  test.each<[string, () => void]>([
    ['is written in place', () => writeFileSync(join(directory, 'a'), '2')],
    ['is appended to', () => appendFileSync(join(directory, 'a'), '2')],
    ['is replaced by a rename', () => renameSync(put('new', '2'), join(directory, 'a'))],
    ['is deleted', () => rmSync(join(directory, 'a'))],
    [
      'is deleted and made again',
      () => {
        rmSync(join(directory, 'a'));
        put('a', '2');
      },
    ],
    [
      'is saved as editors do, who keep a backup',
      () => {
        renameSync(join(directory, 'a'), join(directory, 'a~'));
        put('a', '2');
        rmSync(join(directory, 'a~'));
      },
    ],
  ])('and %s is told of once', async (_, change) => {
    put('a', '1');
    const watched = await Watched.open(systemClock, 'a');
    change();
    await watched.tells(1);
    // What it looks like now is known: another change is another notice.
    await watched.follow('a');
    put('a', '3');
    await watched.tells(2);
  });

  test('and was not there yet is told of', async () => {
    const watched = await Watched.open(systemClock, 'a');
    put('a', '1');
    await watched.tells(1);
  });

  test('and changed between its reading and its watching is told of', async () => {
    put('a', '1');
    const known = read('a');
    put('a', '2');
    let told = 0;
    const watch = new FileWatch(systemClock, () => {
      told += 1;
    });
    onTestFinished(() => watch.close());
    await watch.follow(known);
    await expect.poll(() => told).toBe(1);
  });

  test('in a volume of Kubernetes is told of when its link moves', async () => {
    for (const version of ['..v1', '..v2']) {
      mkdirSync(join(directory, version));
      put(`${version}/a`, version);
    }
    symlinkSync('..v1', join(directory, '..data'));
    symlinkSync('..data/a', join(directory, 'a'));
    const watched = await Watched.open(systemClock, 'a');
    symlinkSync('..v2', join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    await watched.tells(1);
    await watched.follow('a');
    rmSync(join(directory, '..v1'), { recursive: true });
    put('..v2/a', 'in place');
    await watched.tells(2);
  });

  test('through a link into another directory is told of', async () => {
    mkdirSync(join(directory, 'far'));
    put('far/a', '1');
    symlinkSync(join(directory, 'far/a'), join(directory, 'a'));
    const watched = await Watched.open(systemClock, 'a');
    renameSync(put('far/new', '2'), join(directory, 'far/a'));
    await watched.tells(1);
  });
});

describe('A directory that is followed', () => {
  test('is told of when a name comes and when one goes', async () => {
    mkdirSync(join(directory, 'd'));
    const watched = await Watched.open(systemClock, 'd/');
    put('d/b', '');
    await watched.tells(1);
    await watched.follow('d/', 'd/b');
    rmSync(join(directory, 'd/b'));
    await watched.tells(2);
  });
});

describe('Notices', () => {
  test('are not given for a neighbour that is written all the time', async () => {
    put('a', '1');
    put('log', '');
    const clock = new ManualClock();
    const watched = await Watched.open(clock, 'a');
    appendFileSync(join(directory, 'log'), 'line');
    await quiet(clock);
    put('a', '2');
    await quiet(clock);
    await watched.tells(1);
  });

  test('end with the watch', async () => {
    put('a', '1');
    const clock = new ManualClock();
    let told = 0;
    const watch = new FileWatch(clock, () => {
      told += 1;
    });
    await watch.follow(read('a'));
    put('a', '2');
    await expect.poll(() => clock.pending).toBe(2);
    watch.close();
    expect(clock.pending).toBe(0);
    clock.advance(20_000);
    await watch.follow(read('a'));
    expect(told).toBe(0);
  });
});

describe('A directory that vanishes', () => {
  test('is found again by a look every ten seconds, and then watched again', async () => {
    mkdirSync(join(directory, 'd'));
    put('d/a', '1');
    const clock = new ManualClock();
    const watched = await Watched.open(clock, 'd/a');
    rmSync(join(directory, 'd'), { recursive: true });
    await quiet(clock);
    await watched.tells(1);
    await watched.follow('d/a');

    mkdirSync(join(directory, 'd'));
    put('d/a', '2');
    clock.advance(10_000);
    await quiet(clock);
    await watched.tells(2);
    await watched.follow('d/a');

    put('d/a', '3');
    await quiet(clock);
    await watched.tells(3);
  });

  test('and is another one under the same name is followed there', async () => {
    mkdirSync(join(directory, 'd'));
    put('d/a', '1');
    const clock = new ManualClock();
    const watched = await Watched.open(clock, 'd/a');
    renameSync(join(directory, 'd'), join(directory, 'old'));
    mkdirSync(join(directory, 'd'));
    put('d/a', '2');
    clock.advance(10_000);
    await quiet(clock);
    await watched.tells(1);
    await watched.follow('d/a');
    put('d/a', '3');
    await quiet(clock);
    await watched.tells(2);
  });

  test('is told of once, not with each look', async () => {
    mkdirSync(join(directory, 'd'));
    put('d/a', '1');
    const clock = new ManualClock();
    const watched = await Watched.open(clock, 'd/a');
    rmSync(join(directory, 'd'), { recursive: true });
    clock.advance(10_000);
    await quiet(clock);
    await watched.tells(1);
    mkdirSync(join(directory, 'd'));
    clock.advance(30_000);
    put('d/a', '2');
    clock.advance(10_000);
    await quiet(clock);
    await watched.tells(2);
  });
});
