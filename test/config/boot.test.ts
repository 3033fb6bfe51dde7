import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configFile } from '../../src/config/boot.ts';

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

  test('must be somewhere', () => {
    expect(() => configFile(undefined, {})).toThrow('there is no sluice.yaml and no config.yaml here: name a file with --config');
  });
});

test.each(['SLUICE_SERVER__HTTP_ADDR', 'SLUICE_ROUTES__0__PATH', 'SLUICE_LISTEN_ADDR'])(
  'a start with %s set is refused: as if it were not set would be worse',
  (name) => {
    expect(() => configFile('a.yaml', { [name]: 'x' })).toThrow(/settings from the environment are not in this version/);
  },
);

test('variables that only look like ours change nothing', () => {
  const kubernetes = {
    SLUICE_PORT: 'tcp://10.0.0.1:80',
    SLUICE_SERVICE_HOST: '10.0.0.1',
    SLUICE_ADMIN_TOKEN: 'x',
    OTHER__X: '1',
  };
  expect(configFile('a.yaml', kubernetes)).toBe('a.yaml');
});
