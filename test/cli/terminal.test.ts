import { describe, expect, test } from 'vitest';
import { processTerminal } from '../../src/cli/terminal.ts';

describe('The terminal of a process', () => {
  test('hears of a SIGHUP, which does not end it, until nobody listens', async () => {
    const before = process.listenerCount('SIGHUP');
    let heard = 0;
    const off = processTerminal().onReload(() => {
      heard += 1;
    });
    process.kill(process.pid, 'SIGHUP');
    await expect.poll(() => heard).toBe(1);
    process.kill(process.pid, 'SIGHUP');
    await expect.poll(() => heard).toBe(2);
    off();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  test('hears of the signals that ask it to end, by name', () => {
    const heard: string[] = [];
    const off = processTerminal().onSignal((signal) => heard.push(signal));
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.emit(signal, signal);
    off();
    expect(heard).toEqual(['SIGTERM', 'SIGINT', 'SIGQUIT']);
  });
});
