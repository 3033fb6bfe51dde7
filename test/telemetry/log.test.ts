import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type LogLevel, logSchema } from '../../src/telemetry/config.ts';
import { createLogger, type Log, openLog } from '../../src/telemetry/log.ts';
import { ManualClock } from '../support/manual-clock.ts';

function write(level: LogLevel): Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = createLogger({ level, format: 'json' }, { write: (line) => void lines.push(line) });
  logger.info({ http: ['a:1'] }, 'listening');
  logger.error({ err: new Error('broken') }, 'failed');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('an entry is one line with its level as a word, the time and what is said', () => {
  const [first, second] = write('info');
  expect(Object.keys(first ?? {})).toEqual(['level', 'time', 'http', 'msg']);
  expect(first).toMatchObject({ level: 'info', http: ['a:1'], msg: 'listening' });
  expect(new Date(first?.['time'] as string).toISOString()).toBe(first?.['time']);
  expect(second).toMatchObject({ level: 'error', err: { message: 'broken', stack: expect.any(String) } });
});

test('what is less important than the level is not written', () => {
  expect(write('warn')).toHaveLength(1);
  expect(write('silent')).toHaveLength(0);
});

describe('The log of a configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-log-'));
  const opened: Log[] = [];
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function open(level: LogLevel = 'info', fixed?: LogLevel) {
    const output = join(mkdtempSync(join(directory, 'l-')), 'sluice.log');
    const log = openLog(logSchema.parse({ level, output }), new ManualClock(), fixed);
    opened.push(log);
    const lines = () =>
      readFileSync(output, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg);
    return { log, output, lines };
  }

  test('holds application lines and access lines in their order', async () => {
    const { log, lines } = open();
    log.access('info')?.add('{"msg":"request"}\n');
    log.logger.info('one');
    log.access('info')?.add('{"msg":"another"}\n');
    await log.close();
    expect(lines()).toEqual(['request', 'one', 'another']);
  });

  test('has access lines while info is written', () => {
    const { log, lines } = open('warn');
    for (const level of ['warn', 'error', 'fatal', 'silent'] as const) expect(log.access(level)).toBeUndefined();
    for (const level of ['trace', 'debug', 'info'] as const) expect(log.access(level)).toBeDefined();
    log.setLevel('debug');
    log.logger.debug('now');
    expect(lines()).toEqual(['now']);
  });

  test('keeps the level that the command line has fixed', () => {
    const { log, output } = open('info', 'error');
    log.setLevel('info');
    log.logger.info('no');
    expect([log.access('info'), readFileSync(output, 'utf8')]).toEqual([undefined, '']);
  });

  test('says when its file cannot be opened anew, and goes on', () => {
    const { log, output } = open();
    renameSync(join(output, '..'), join(directory, 'moved'));
    log.reopen();
    log.logger.info('on');
    const text = readFileSync(join(directory, 'moved', 'sluice.log'), 'utf8');
    expect(text).toMatch(/"level":"error".*ENOENT.*the log file cannot be opened anew"}\n.*"msg":"on"}\n$/);
    expect(log.dropped).toBe(0);
  });

  test('leaves no listener behind', async () => {
    const before = process.listenerCount('exit');
    const { log } = open();
    expect(process.listenerCount('exit')).toBe(before + 1);
    await log.close();
    expect(process.listenerCount('exit')).toBe(before);
  });
});
