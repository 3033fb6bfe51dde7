import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../../src/cli/cli.ts';
import { Recorder } from './recorder.ts';

let directory = '';
let good = '';
let bad = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  good = join(directory, 'good.yaml');
  bad = join(directory, 'bad.yaml');
  writeFileSync(good, 'routes: [{ id: a, path: /a, respond: {} }]\n');
  writeFileSync(bad, 'log: { level: inof }\nsever: {}\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

async function type(...args: string[]): Promise<{ code: number; printed: string; complained: string }> {
  const terminal = new Recorder();
  const code = await cli(args, terminal);
  return { code, printed: terminal.printed, complained: terminal.complained };
}

describe('A command line that is not understood', () => {
  test.each([
    [['chek'], 'there is no command "chek"; did you mean check?'],
    [['constructor'], 'there is no command "constructor"'],
    [['run', 'a.yaml'], 'run does not take "a.yaml"'],
    [['check', 'a.yaml', 'b.yaml'], 'check does not take "b.yaml"'],
    [['check', '-l', 'warn'], 'check does not take --log-level'],
    [['demo', '-c', 'a.yaml'], 'demo does not take --config'],
    [['check', 'a.yaml', '-c', 'a.yaml'], 'the file is named twice'],
    [['--port', '80'], "Unknown option '--port'"],
    [['-c'], "Option '-c, --config <value>' argument missing"],
    [['--help=yes'], "Option '-h, --help' does not take an argument"],
  ])('%j ends with 2 and says why', async (args, why) => {
    const { code, printed, complained } = await type(...args);
    expect([code, printed]).toEqual([2, '']);
    expect(complained).toBe(`sluice: ${why}\nTry: sluice --help\n`);
  });
});

test.each([['-h'], ['--help'], ['run', '--help']])('%s tells of all commands and options', async (...args) => {
  const { code, printed } = await type(...args);
  expect(code).toBe(0);
  for (const word of ['run', 'check', 'demo', '--config', '--log-level', '--version', 'sluice.yaml'])
    expect(printed).toContain(word);
  for (const line of printed.split('\n')) expect(line.length).toBeLessThan(121);
});

test.each(['-V', '--version'])('%s is the version and nothing else', async (option) => {
  expect(await type(option)).toEqual({ code: 0, printed: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), complained: '' });
});

describe('check', () => {
  test('counts what is in a good file', async () => {
    expect(await type('check', good)).toEqual({ code: 0, printed: `${good}: good (1 route, 0 backends)\n`, complained: '' });
    expect((await type('check', '-c', good)).code).toBe(0);
  });

  test('says all that is wrong with a bad one, with its places', async () => {
    const { code, printed, complained } = await type('check', bad);
    expect([code, printed]).toEqual([1, '']);
    expect(complained.split('\n').map((line) => line.slice(0, bad.length + 5))).toEqual([`${bad}:1:15`, `${bad}:2:1:`, '']);
  });

  test('says that there is none', async () => {
    expect(await type('check', join(directory, 'none.yaml'))).toMatchObject({
      code: 1,
      complained: expect.stringMatching('no such file'),
    });
  });
});

describe('run', () => {
  test('does not start with a bad file', async () => {
    expect(await type('run', '-c', bad)).toMatchObject({ code: 1, complained: expect.stringMatching('did you mean "info"') });
  });

  test('does not start with a level that does not exist', async () => {
    expect(await type('-c', good, '-l', 'warm')).toMatchObject({
      code: 1,
      complained:
        '--log-level: there is no level "warm"; expected trace, debug, info, warn, error, fatal, silent; did you mean "warn"?\n',
    });
  });
});
