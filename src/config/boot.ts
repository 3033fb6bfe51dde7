import { existsSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import { isLongName } from './environment.ts';
import { SHORT_NAMES } from './short-settings.ts';
import type { Environment } from './substitute.ts';

/** Looked for in the working directory, in this order, when no file is named. */
const DEFAULT_FILES = ['sluice.yaml', 'config.yaml'];

/** The variables of this process, as plain data. */
export function processEnvironment(): Environment {
  return { ...process.env };
}

/**
 * What the surroundings of the process decide before a configuration is read: which file it is in.
 * @param file the name that was given, if one was
 * @returns undefined when there is none, and variables make a configuration without one
 * @throws ConfigError when there is nothing to make one of
 */
export function configFile(file: string | undefined, environment: Environment = processEnvironment()): string | undefined {
  const found = file ?? DEFAULT_FILES.find((name) => existsSync(name));
  const set = Object.keys(environment).some((name) => environment[name] && (SHORT_NAMES.includes(name) || isLongName(name)));
  if (found !== undefined || set) return found;
  throw new ConfigError([{ path: '', message: `there is no ${DEFAULT_FILES.join(' and no ')} here: name a file with --config` }]);
}
