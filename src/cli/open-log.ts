import { ConfigError } from '../config/config-error.ts';
import { suggest } from '../lib/suggest.ts';
import { LOG_LEVELS, type LogConfig, type LogLevel } from '../telemetry/config.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';

/**
 * The log of a configuration, with the level of the command line where one was given.
 * @throws ConfigError for a level that does not exist
 */
export function openLog(config: LogConfig, level: string | undefined): Logger {
  if (level === undefined) return createLogger(config);
  if (isLevel(level)) return createLogger({ ...config, level });
  const suggestion = suggest(level, LOG_LEVELS);
  const problem = { path: '--log-level', message: `there is no level ${JSON.stringify(level)}`, expected: LOG_LEVELS.join(', ') };
  throw new ConfigError([suggestion === undefined ? problem : { ...problem, suggestion }]);
}

function isLevel(word: string): word is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(word);
}
