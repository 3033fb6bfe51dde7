import { expect, test } from 'vitest';
import type { LogLevel } from '../../src/telemetry/config.ts';
import { createLogger } from '../../src/telemetry/log.ts';

function write(level: LogLevel): Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = createLogger({ level, format: 'json' }, { write: (line) => void lines.push(line) });
  logger.info({ http: ['a:1'] }, 'listening');
  logger.error({ err: new Error('broken') }, 'failed');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('an entry is one line with its level as a word, the time and what is said', () => {
  const [first, second] = write('info');
  expect(Object.keys(first ?? {})).toEqual(['level', 'time', 'http', 'msg']);
  expect(first).toMatchObject({ level: 'info', http: ['a:1'], msg: 'listening' });
  expect(new Date(first?.['time'] as string).toISOString()).toBe(first?.['time']);
  expect(second).toMatchObject({ level: 'error', err: { message: 'broken', stack: expect.any(String) } });
});

test('what is less important than the level is not written', () => {
  expect(write('warn')).toHaveLength(1);
  expect(write('silent')).toHaveLength(0);
});
