import { existsSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { Environment } from './substitute.ts';

/** Looked for in the working directory, in this order, when no file is named. */
const DEFAULT_FILES = ['sluice.yaml', 'config.yaml'];

/**
 * What the surroundings of the process decide before a configuration is read: which file it is in.
 * @param file the name that was given, if one was
 * @throws ConfigError when there is none; and when a variable means to set a part of the configuration, which is not
 * in this version: to start as if it were not there would be worse
 */
export function configFile(file: string | undefined, environment: Environment = process.env): string {
  const settings = Object.keys(environment).filter((name) => /^SLUICE_\w*__\w*$/.test(name) || name === 'SLUICE_LISTEN_ADDR');
  if (settings.length > 0) {
    throw new ConfigError(
      settings.map((name) => ({
        path: '',
        message: `the environment variable ${name}: settings from the environment are not in this version`,
        expected: `\${${name}} in the file`,
      })),
    );
  }
  const found = file ?? DEFAULT_FILES.find((name) => existsSync(name));
  if (found !== undefined) return found;
  throw new ConfigError([{ path: '', message: `there is no ${DEFAULT_FILES.join(' and no ')} here: name a file with --config` }]);
}
