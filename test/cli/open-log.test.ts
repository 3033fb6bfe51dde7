import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openLog } from '../../src/cli/open-log.ts';
import { logSchema } from '../../src/telemetry/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('The log of a command', () => {
  test('has the level of the command line, which no configuration changes', async () => {
    const output = join(directory, 'one.log');
    const log = openLog(logSchema.parse({ output, level: 'error' }), 'debug');
    log.setLevel('error');
    log.logger.debug('seen');
    await log.close();
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({ level: 'debug', msg: 'seen' });
  });

  test('has the level of the configuration when the command line gives none', async () => {
    const output = join(directory, 'two.log');
    const log = openLog(logSchema.parse({ output, level: 'error' }), undefined);
    log.logger.info('unseen');
    log.setLevel('info');
    log.logger.info('seen');
    await log.close();
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({ msg: 'seen' });
  });

  test('does not open for a level that does not exist', () => {
    expect(() => openLog(logSchema.parse({}), 'inof')).toThrow(/--log-level: there is no level "inof".*did you mean.*info/i);
  });

  test('says which file it cannot open, and why', () => {
    const output = join(directory, 'none', 'sluice.log');
    expect(() => openLog(logSchema.parse({ output }), undefined)).toThrow(`log.output: ${output} cannot be opened: ENOENT`);
  });
});
