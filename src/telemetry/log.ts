import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { LOG_LEVELS, type LogConfig, type LogLevel } from './config.ts';
import { type LineSink, LogOutput } from './output.ts';

/** What the rooms of the gateway log with: fields first, then a message of fixed words. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** Everything that an instance writes down, application lines and access lines, through one output. */
export interface Log {
  readonly logger: Logger;
  /** Where access lines go under a configuration of this level; undefined when it is above info. */
  access(level: LogLevel): LineSink | undefined;
  /** Lines that the reader of the log was too slow for. */
  readonly dropped: number;
  /** Takes the level of a new configuration, unless the command line has fixed it. */
  setLevel(level: LogLevel): void;
  /** Opens the file anew; says so in the log when that fails, and goes on with the old one. */
  reopen(): void;
  /** Writes what waits and lets go of the file. */
  close(): Promise<void>;
}

/** A destination that can write what waits before it returns; pino asks it to after each fatal line. */
interface Destination extends DestinationStream {
  flushSync?(): void;
}

/**
 * Writes one JSON line per entry.
 * @param destination standard output unless given
 */
export function createLogger(config: Pick<LogConfig, 'level' | 'format'>, destination?: Destination): Logger {
  return createPino(config.level, destination);
}

function createPino(level: LogLevel, destination?: Destination): PinoLogger {
  const options = {
    level,
    // Whoever collects lines knows the process and the machine; what is left out is not written a million times.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A log of application lines alone, for programs that bring their own logger. Its level is theirs. */
export function logOf(logger: Logger): Log {
  return { logger, access: () => undefined, dropped: 0, setLevel: () => {}, reopen: () => {}, close: async () => {} };
}

/**
 * Opens the log of a configuration. What waits is written when the process exits, however it does.
 * @param fixed a level that no configuration changes
 * @throws the error of `open` when `log.output` is a file that cannot be had
 */
export function openLog(config: LogConfig, clock: Clock, fixed?: LogLevel): Log {
  const output = new LogOutput(config.output, clock);
  const logger = createPino(fixed ?? config.level, output);
  const exit = () => output.flushSync();
  process.on('exit', exit);
  return {
    logger,
    access: (level) => (LOG_LEVELS.indexOf(fixed ?? level) <= LOG_LEVELS.indexOf('info') ? output : undefined),
    get dropped() {
      return output.dropped;
    },
    setLevel(level) {
      if (fixed === undefined) logger.level = level;
    },
    reopen() {
      try {
        output.reopen();
      } catch (error) {
        logger.error({ err: error }, 'the log file cannot be opened anew');
      }
    },
    async close() {
      process.off('exit', exit);
      output.close();
    },
  };
}
