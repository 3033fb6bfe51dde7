import { z } from 'zod';
import { choice } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const logSchema = z.strictObject({
  level: choice(LOG_LEVELS).prefault('info').describe('The least important lines to write.'),
  format: choice(['json']).prefault('json').describe('JSON, one line each, on standard output.'),
});

export type LogConfig = Frozen<z.output<typeof logSchema>>;
