import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configFile, processEnvironment } from '../../src/config/boot.ts';

describe('The configuration file', () => {
  const before = process.cwd();
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-boot-'));
    process.chdir(directory);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  });

  test('is the one that was named, there or not', () => {
    expect(configFile('other.yaml', {})).toBe('other.yaml');
  });

  test('is sluice.yaml before config.yaml', () => {
    writeFileSync('config.yaml', '');
    expect(configFile(undefined, {})).toBe('config.yaml');
    writeFileSync('sluice.yaml', '');
    expect(configFile(undefined, {})).toBe('sluice.yaml');
  });

  test('need not be there when variables make a configuration', () => {
    expect(configFile(undefined, { SLUICE_BACKEND_ADDR: '127.0.0.1:3000' })).toBeUndefined();
    expect(configFile(undefined, { SLUICE_ROUTES__0__ID: 'a' })).toBeUndefined();
    writeFileSync('sluice.yaml', '');
    expect(configFile(undefined, { SLUICE_BACKEND_ADDR: '127.0.0.1:3000' })).toBe('sluice.yaml');
  });

  test('must be there when variables only look like ours, or are empty', () => {
    const environment = { SLUICE_PORT: 'tcp://10.0.0.1:80', SLUICE_ADMIN_TOKEN: 'x', SLUICE_LISTEN_ADDR: '', OTHER__X: '1' };
    expect(() => configFile(undefined, environment)).toThrow(/there is no sluice.yaml/);
  });

  test('must be somewhere', () => {
    expect(() => configFile(undefined, {})).toThrow('there is no sluice.yaml and no config.yaml here: name a file with --config');
  });
});

test('the variables of this process are plain data, which a thread can be given', () => {
  expect(structuredClone(processEnvironment())).toEqual({ ...process.env });
});
