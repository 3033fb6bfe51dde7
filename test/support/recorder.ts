import type { Logger } from '../../src/telemetry/log.ts';

/** What was logged: level, fields and message. */
export class Recorder {
  readonly entries: [string, unknown, string][] = [];
  readonly logger: Logger;

  constructor() {
    const at = (level: string) => (fields: unknown, message: string) => void this.entries.push([level, fields, message]);
    const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
    this.logger = Object.fromEntries(levels.map((level) => [level, at(level)])) as unknown as Logger;
  }
}
