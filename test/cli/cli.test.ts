import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { cli } from '../../src/cli/cli.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
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
afterEach(() => vi.unstubAllEnvs());

async function type(...args: string[]): Promise<{ code: number; printed: string; complained: string }> {
  const terminal = new Recorder();
  const code = await cli(args, terminal);
  return { code, printed: terminal.printed, complained: terminal.complained };
}

describe('A command line that is not understood', () => {
  test.each([
    [['chek'], 'there is no command "chek"; did you mean check?'],
    [['constructor'], 'there is no command "constructor"'],
    [['sluice.yml'], 'there is no command "sluice.yml"; for a file: sluice --config sluice.yml'],
    [['help', 'chekc'], 'there is no command "chekc"; did you mean check?'],
    [['run', 'a.yaml'], 'run does not take "a.yaml"'],
    [['check', 'a.yaml', 'b.yaml'], 'check does not take "b.yaml"'],
    [['check', '-l', 'warn'], 'check does not take --log-level'],
    [['demo', '-c', 'a.yaml'], 'demo does not take --config'],
    [['check', 'a.yaml', '-c', 'a.yaml'], 'the file is named twice'],
    [['run', '-c', 'a.yaml', '--backend', 'a:1'], 'a file with --config or upstreams with --backend, not both'],
    [['--listen', 'a:1'], '--listen goes with --backend; a file has server.http_addr'],
    [['routes', '-H', 'A: b'], '--header goes with --match'],
    [['schema', 'x'], 'schema does not take "x"'],
    [['import', 'fluxgate'], 'something is missing: sluice import fluxgate FILE'],
    [['import', 'fluxgate', 'a', 'b'], 'import does not take "b"'],
    [['-d'], '--daemon is not in this version'],
    [['run', '--config', 'a.yaml', '--daemon', '--upgrade'], '--daemon is not in this version'],
    [['-u'], '--upgrade is not in this version'],
    [['--cofnig', 'a.yaml'], "Unknown option '--cofnig'; did you mean --config?"],
    [['--port', '80'], "Unknown option '--port'"],
    [['-c'], "Option '-c, --config <value>' argument missing"],
    [['--help=yes'], "Option '-h, --help' does not take an argument"],
  ])('%j ends with 2 and says why', async (args, why) => {
    const { code, printed, complained } = await type(...args);
    expect([code, printed]).toEqual([2, '']);
    expect(complained).toBe(`sluice: ${why}\nTry: sluice --help\n`);
  });
});

test.each([['-h'], ['--help'], ['help']])('%s tells of all commands and options', async (...args) => {
  const { code, printed } = await type(...args);
  expect(code).toBe(0);
  for (const word of [...Object.keys(COMMANDS), '--config', '--backend', '--log-level', '--version', 'sluice.yaml'])
    expect(printed).toContain(word);
  for (const line of printed.split('\n')) expect(line.length).toBeLessThan(121);
});

test.each(Object.entries(COMMANDS))('the page about %s tells of all that it takes', async (command, { options, usage }) => {
  const { code, printed } = await type('help', command);
  expect([code, printed]).toEqual([0, expect.stringContaining(usage)]);
  const told = command === 'check' || command === 'routes' ? options.filter((name) => name !== 'config') : options;
  for (const option of told) expect(printed).toContain(`--${option}`);
  for (const line of printed.split('\n')) expect(line.length).toBeLessThan(121);
  expect(await type(command, '--help')).toEqual({ code: 0, printed, complained: '' });
});

test.each(['-V', '--version'])('%s is the version and nothing else', async (option) => {
  expect(await type(option)).toEqual({ code: 0, printed: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), complained: '' });
});

describe('check', () => {
  test('counts what is in a good file', async () => {
    expect(await type('check', good)).toEqual({ code: 0, printed: `${good}: good (1 route, 0 backends)\n`, complained: '' });
    expect((await type('check', '-c', good)).code).toBe(0);
  });

  test('names the files that a good one includes', async () => {
    const file = join(directory, 'including.yaml');
    writeFileSync(file, 'include: [good.yaml]\n');
    expect((await type('check', file)).printed).toBe(`${file}: good (1 route, 0 backends)\n  with ${good}\n`);
  });

  test('takes what the environment sets into account, also without a file', async () => {
    vi.stubEnv('SLUICE_LOG__LEVEL', 'inof');
    expect(await type('check', good)).toMatchObject({
      code: 1,
      complained: expect.stringMatching(/^environment variable SLUICE_LOG__LEVEL: log\.level: "inof"/),
    });
    vi.stubEnv('SLUICE_LOG__LEVEL', '');
    vi.stubEnv('SLUICE_BACKEND_ADDR', '127.0.0.1:3000');
    const before = process.cwd();
    process.chdir(directory);
    expect((await type('check')).printed).toBe('the environment: good (1 route, 1 backend)\n');
    process.chdir(before);
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

test('schema prints JSON', async () => {
  const { code, printed } = await type('schema');
  expect([code, JSON.parse(printed)]).toEqual([0, jsonSchema()]);
});

describe('import', () => {
  test('prints what a check finds good', async () => {
    const file = join(directory, 'fluxgate.json');
    writeFileSync(file, JSON.stringify({ path: '/a', upstreams: [{ url: 'http://127.0.0.1:9001' }] }));
    const { code, printed } = await type('import', 'fluxgate', file);
    writeFileSync(join(directory, 'imported.yaml'), printed);
    expect([code, (await type('check', join(directory, 'imported.yaml'))).code]).toEqual([0, 0]);
  });

  test('says what is wrong with a file, and where', async () => {
    const { code, complained } = await type('import', 'fluxgate', bad);
    expect([code, complained]).toEqual([1, expect.stringMatching(`^${bad}:1:6: log.path: is missing`)]);
  });

  test('knows one format', async () => {
    expect(await type('import', 'fluxgat', good)).toMatchObject({
      code: 2,
      complained: 'sluice: nothing is known about the format "fluxgat"; did you mean fluxgate?\n',
    });
  });
});

describe('run', () => {
  test('does not start with a bad file', async () => {
    expect(await type('run', '-c', bad)).toMatchObject({ code: 1, complained: expect.stringMatching('did you mean "info"') });
  });

  test('does not start with a module that cannot be loaded, and says so in a line', async () => {
    const file = join(directory, 'custom.yaml');
    const route = '{ id: a, path: /a, respond: {}, custom: [{ module: ./none.js }] }';
    writeFileSync(file, `extensions: { directories: [.] }\nserver: { http_addr: "127.0.0.1:0" }\nroutes: [${route}]\n`);
    vi.stubEnv('SLUICE_ADMIN__ADDR', '127.0.0.1:0');
    vi.stubEnv('SLUICE_LOG__OUTPUT', join(directory, 'log'));
    expect(await type('run', '-c', file)).toMatchObject({
      code: 1,
      complained: 'routes[a].custom[0].module: ./none.js: no such file\n',
    });
  });

  test('does not start with an upstream that cannot be', async () => {
    expect(await type('--backend', 'http://127.0.0.1:3000/x')).toMatchObject({
      code: 1,
      complained: expect.stringMatching(/^--backend: /),
    });
  });

  test('serves with upstreams from the command line alone', async () => {
    const upstream = createServer((_, reply) => reply.end('hello')).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    vi.stubEnv('SLUICE_ADMIN__ADDR', '127.0.0.1:0');
    const file = join(directory, 'log');
    vi.stubEnv('SLUICE_LOG__OUTPUT', file);
    const terminal = new Recorder();
    const code = cli(['--backend', `127.0.0.1:${port}`, '--listen', '127.0.0.1:0'], terminal);
    const http = await vi.waitUntil(() => /"http":\["([^"]+)"\]/.exec(readFileSync(file, { encoding: 'utf8', flag: 'a+' }))?.[1]);
    expect(await (await fetch(`http://${http}/any/path`)).text()).toBe('hello');
    terminal.signal('SIGTERM');
    expect(await code).toBe(0);
    upstream.close();
  });

  test('does not start with a level that does not exist', async () => {
    expect(await type('-c', good, '-l', 'warm')).toMatchObject({
      code: 1,
      complained:
        '--log-level: there is no level "warm"; expected trace, debug, info, warn, error, fatal, silent; did you mean "warn"?\n',
    });
  });
});
