import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { LogConfig } from './config.ts';

/** What the rooms of the gateway log with: fields first, then a message of fixed words. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/**
 * Writes one JSON line per entry. Lines are written at once and in full: the last ones before an exit are not lost.
 * @param destination standard output unless given
 */
export function createLogger(config: LogConfig, destination?: DestinationStream): Logger {
  const options = {
    level: config.level,
    // Whoever collects lines knows the process and the machine; what is left out is not written a million times.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
