import { ConfigError } from '../config/config-error.ts';
import { systemClock } from '../lib/clock.ts';
import { suggest } from '../lib/suggest.ts';
import { LOG_LEVELS, type LogConfig, type LogLevel } from '../telemetry/config.ts';
import { type Log, openLog as open } from '../telemetry/log.ts';

/**
 * The log of a configuration, with the level of the command line where one was given.
 * @throws ConfigError for a level that does not exist, and for a file that cannot be opened
 */
export function openLog(config: LogConfig, level: string | undefined): Log {
  const fixed = level === undefined ? undefined : knownLevel(level);
  try {
    return open(config, systemClock, fixed);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new ConfigError([{ path: 'log.output', message: `${config.output} cannot be opened: ${code}` }]);
  }
}

function knownLevel(word: string): LogLevel {
  const level = LOG_LEVELS.find((one) => one === word);
  if (level !== undefined) return level;
  const suggestion = suggest(word, LOG_LEVELS);
  const problem = { path: '--log-level', message: `there is no level ${JSON.stringify(word)}`, expected: LOG_LEVELS.join(', ') };
  throw new ConfigError([suggestion === undefined ? problem : { ...problem, suggestion }]);
}
