import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Extensions } from '../../src/snapshot/extensions.ts';
import { readFactory } from '../../src/upstream/balancers/custom.ts';
import { ManualClock } from '../support/manual-clock.ts';

const GOOD = 'export default (): string => "first";';
let base = '';
let extensions: Extensions;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sluice-extensions-'));
  write('layers/good.ts', GOOD);
  extensions = new Extensions(['./layers'], base);
});
afterEach(() => rmSync(base, { recursive: true }));

function write(name: string, content: string): void {
  mkdirSync(dirname(join(base, name)), { recursive: true });
  writeFileSync(join(base, name), content);
}

async function call(name: string): Promise<unknown> {
  const loaded = await extensions.load(name);
  if ('wrong' in loaded) return loaded;
  return (loaded.value as () => unknown)();
}

describe('A module', () => {
  test.each(['./layers/good.ts', 'layers/good.ts', 'layers/../layers/good.ts'])('is loaded as %s', async (name) => {
    expect(await call(name)).toBe('first');
  });

  test('is loaded by its full name, in a directory below, and in JavaScript', async () => {
    expect(await call(join(base, 'layers/good.ts'))).toBe('first');
    write('layers/deep/er.mjs', 'export default () => "deep";');
    expect(await call('layers/deep/er.mjs')).toBe('deep');
  });

  test('is imported once while its text is the same, and again when it has changed', async () => {
    write('layers/count.mjs', 'const born = {}; export default () => born;');
    const first = await call('layers/count.mjs');
    expect(await call('./layers/count.mjs')).toBe(first);
    write('layers/count.mjs', 'export default () => "second";');
    expect(await call('layers/count.mjs')).toBe('second');
  });

  test('that was wrong is right when it is mended', async () => {
    write('layers/late.ts', 'export default 5;');
    expect(await call('layers/late.ts')).toHaveProperty('wrong');
    write('layers/late.ts', GOOD);
    expect(await call('layers/late.ts')).toBe('first');
  });

  test('whose top level waits for ever is given up', async () => {
    write('layers/hangs.mjs', 'await new Promise(() => {}); export default () => 1;');
    const clock = new ManualClock();
    const loading = new Extensions(['layers'], base, clock).load('layers/hangs.mjs');
    await expect.poll(() => clock.pending).toBe(1);
    clock.advance(10_000);
    expect(await loading).toEqual({ wrong: 'layers/hangs.mjs: is not loaded after 10s: its top level waits for something' });
  });

  test('whose directory comes later is found then', async () => {
    extensions = new Extensions(['none', 'more'], base);
    expect(await call('more/a.ts')).toHaveProperty('wrong');
    write('more/a.ts', GOOD);
    expect(await call('more/a.ts')).toBe('first');
  });

  test.each<[string, string, string | undefined, string]>([
    ['is not there', 'layers/none.ts', undefined, 'no such file'],
    ['is a directory', 'layers/x.ts/y', '', 'expected .ts, .mts, .js or .mjs'],
    ['is the allowed directory', 'layers', undefined, 'is in none of extensions.directories'],
    ['is outside', 'other/a.ts', GOOD, 'is in none of extensions.directories'],
    ['is above', 'a.ts', GOOD, 'is in none of extensions.directories'],
    ['is beside, by a like name', 'layers-2/a.ts', GOOD, 'is in none of extensions.directories'],
    ['has another extension', 'layers/a.json', '{}', 'is no module; expected .ts'],
    ['is TypeScript below node_modules', 'layers/node_modules/a/b.ts', GOOD, 'runs no TypeScript below node_modules'],
    ['has no default export', 'layers/a.mjs', 'export const a = 1;', 'has no default export that is a function'],
    ['exports no function', 'layers/a.mjs', 'export default { pick() {} };', 'has no default export that is a function'],
    ['throws', 'layers/a.mjs', 'throw new RangeError("too far");', 'cannot be loaded: RangeError: too far'],
    [
      'reads what is not there',
      'layers/a.mjs',
      'import { readFileSync } from "node:fs"; readFileSync("none");',
      'cannot be loaded',
    ],
    ['throws no error', 'layers/a.mjs', 'throw "x";', "cannot be loaded: 'x'"],
    ['throws nothing', 'layers/a.mjs', 'throw undefined;', 'cannot be loaded: undefined'],
    ['has an error in it', 'layers/a.mjs', 'export default (', 'invalid JS syntax'],
    ['needs what is not there', 'layers/a.mjs', 'import "./none.mjs"; export default () => 1;', 'none.mjs'],
    ['has a name that is none', 'layers/a\0.ts', undefined, 'without null bytes'],
  ])('that %s is told', async (_, name, content, why) => {
    if (content !== undefined) write(name, content);
    const loaded = await extensions.load(name);
    expect(loaded).toEqual({ wrong: expect.stringContaining(why) });
    expect(loaded).toEqual({ wrong: expect.stringMatching(new RegExp(`^${name.replaceAll('.', '\\.')}: `)) });
  });

  test('that a link in the directory leads to is where it really is', async () => {
    write('other/a.ts', GOOD);
    symlinkSync(join(base, 'other/a.ts'), join(base, 'layers/link.ts'));
    symlinkSync(join(base, 'other'), join(base, 'layers/way'));
    symlinkSync(join(base, 'layers/good.ts'), join(base, 'layers/inner.ts'));
    symlinkSync(join(base, 'layers'), join(base, 'same'));
    for (const name of ['layers/link.ts', 'layers/way/a.ts']) {
      expect(await call(name)).toEqual({ wrong: `${name}: is in none of extensions.directories` });
    }
    expect(await call('layers/inner.ts')).toBe('first');
    expect(await call('same/good.ts')).toBe('first');
    expect(await new Extensions(['same'], base).load('layers/good.ts')).toHaveProperty('value');
  });

  test('is never loaded when no directory is allowed', async () => {
    expect(await new Extensions([], base).load('layers/good.ts')).toEqual({
      wrong: 'layers/good.ts: extensions.directories names no directory to load it from',
    });
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0)('that may not be read is told', async () => {
    chmodSync(join(base, 'layers/good.ts'), 0);
    expect(await call('layers/good.ts')).toEqual({ wrong: 'layers/good.ts: no permission to read it' });
  });
});

// Vitest imports modules its own way, so Node.js is asked too.
test('Node.js loads modules, and anew when they are mended', () => {
  write('layers/a.ts', 'export default (');
  write('layers/old.ts', 'module.exports = () => 1;');
  const script = `
    import { writeFileSync } from 'node:fs';
    import { Extensions } from ${JSON.stringify(new URL('../../src/snapshot/extensions.ts', import.meta.url).href)};
    const extensions = new Extensions(['layers'], process.cwd());
    const first = await extensions.load('layers/a.ts');
    const good = await extensions.load('layers/good.ts');
    writeFileSync('layers/a.ts', 'export default (): string => "mended";');
    const second = await extensions.load('layers/a.ts');
    const old = await extensions.load('layers/old.ts');
    console.log(JSON.stringify([first.wrong, old.wrong, good.value(), second.value()]));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: base, encoding: 'utf8' });
  const [wrong, old, ...values] = JSON.parse(output) as string[];
  expect(wrong).toMatch(/^layers\/a\.ts: cannot be loaded: SyntaxError: /);
  expect(old).toBe('layers/old.ts: is a CommonJS module; expected an ES module, with export default');
  expect(values).toEqual(['first', 'mended']);
});

test('the example of a balancer is loaded', async () => {
  const examples = new Extensions(['./balancer'], new URL('../../examples', import.meta.url).pathname);
  const loaded = await examples.load('./balancer/first-letter.ts');
  expect(readFactory('value' in loaded ? loaded.value : undefined)).toBeTypeOf('function');
});
