import { describe, expect, test } from 'vitest';
import { serve } from '../../src/cli/serve.ts';
import type { Gateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { Recorder } from './recorder.ts';

/** A gateway that does as it is told and remembers what it was told. */
class FakeGateway implements Gateway {
  readonly https = [];
  readonly http = ['127.0.0.1:1'];
  readonly admin = '127.0.0.1:2';
  readonly calls: string[] = [];
  readonly drained = Promise.withResolvers<void>();
  private readonly failure: unknown;

  constructor(failure?: unknown) {
    this.failure = failure;
  }

  async start(): Promise<void> {
    this.calls.push('start');
    if (this.failure !== undefined) throw this.failure;
  }

  reload(): ReturnType<Gateway['reload']> {
    this.calls.push('reload');
    return Promise.resolve({ at: 0, reason: 'asked', outcome: 'unchanged', took_ms: 0 });
  }

  reopenLog(): void {
    this.calls.push('reopen');
  }

  drain(): Promise<void> {
    this.calls.push('drain');
    return this.drained.promise;
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

function begin(gateway: Gateway) {
  const terminal = new Recorder();
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'info', format: 'json' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const code = serve(gateway, logger, terminal);
  const told = () => lines.map(({ msg }) => msg);
  return { terminal, lines, code, told };
}

describe('A gateway that serves', () => {
  test('says where it listens', async () => {
    const gateway = new FakeGateway();
    const { terminal, lines, code } = begin(gateway);
    await expect
      .poll(() => lines)
      .toMatchObject([{ level: 'info', msg: 'listening', http: ['127.0.0.1:1'], admin: '127.0.0.1:2' }]);
    terminal.signal('SIGTERM');
    gateway.drained.resolve();
    await code;
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'])('drains at %s and ends with 0', async (signal) => {
    const gateway = new FakeGateway();
    const { terminal, lines, code, told } = begin(gateway);
    await expect.poll(told).toEqual(['listening']);
    terminal.signal(signal);
    await expect.poll(told).toEqual(['listening', 'draining']);
    expect(lines[1]).toMatchObject({ signal });
    gateway.drained.resolve();
    expect(await code).toBe(0);
    expect(gateway.calls).toEqual(['start', 'drain']);
    expect(told()).toEqual(['listening', 'draining', 'stopped']);
    expect(terminal.listening).toBe(false);
  });

  test('reads its configuration again at a SIGHUP, as often as one comes, and goes on', async () => {
    const gateway = new FakeGateway();
    const { terminal, code, told } = begin(gateway);
    // It is still about to start: what it starts with has to be in force first.
    terminal.hangUp();
    expect(gateway.calls).toEqual(['start', 'reopen']);
    await expect.poll(() => gateway.calls).toEqual(['start', 'reopen', 'reload']);
    terminal.hangUp();
    await expect.poll(() => gateway.calls).toEqual(['start', 'reopen', 'reload', 'reopen', 'reload']);
    expect(told()).toEqual(['listening']);
    terminal.signal('SIGTERM');
    gateway.drained.resolve();
    expect(await code).toBe(0);
    expect(terminal.listening).toBe(false);
  });

  test('closes at once at a second signal and ends with 1', async () => {
    const gateway = new FakeGateway();
    const { terminal, code, told } = begin(gateway);
    terminal.signal('SIGTERM');
    await expect.poll(told).toContain('draining');
    terminal.signal('SIGTERM');
    expect(await code).toBe(1);
    expect(gateway.calls).toEqual(['start', 'drain', 'close']);
  });

  test('heeds a signal that came before it listened', async () => {
    const gateway = new FakeGateway();
    const { terminal, code } = begin(gateway);
    terminal.signal('SIGINT');
    gateway.drained.resolve();
    expect(await code).toBe(0);
  });
});

test('A gateway whose start hangs ends at a second signal, with 1', async () => {
  const gateway = new FakeGateway();
  gateway.start = () => new Promise(() => {});
  const { terminal, code, told } = begin(gateway);
  terminal.signal('SIGTERM');
  terminal.signal('SIGTERM');
  expect(await code).toBe(1);
  expect(gateway.calls).toEqual(['close']);
  expect(told()).toEqual(['stopped before it listened']);
  expect(terminal.listening).toBe(false);
});

describe('A gateway that cannot listen', () => {
  test.each([
    [
      { code: 'EADDRINUSE', address: '127.0.0.1', port: 80 },
      'cannot listen on 127.0.0.1:80: something else listens there already',
    ],
    [{ code: 'EADDRINUSE', address: '::1', port: 80 }, 'cannot listen on [::1]:80: something else listens there already'],
    [
      { code: 'EACCES', address: '::', port: 80 },
      'cannot listen on [::]:80: no permission; ports below 1024 need CAP_NET_BIND_SERVICE',
    ],
    [{ code: 'EADDRNOTAVAIL', address: '10.9.9.9', port: 80 }, 'cannot listen on 10.9.9.9:80: this machine has no such address'],
    [{ code: 'ENOBUFS' }, 'cannot listen on an address: no way'],
  ])('says why and ends with 1: %j', async (fields, why) => {
    const gateway = new FakeGateway(Object.assign(new Error('no way'), { syscall: 'listen', ...fields }));
    const { terminal, code } = begin(gateway);
    expect(await code).toBe(1);
    expect(terminal.complained).toBe(`sluice: ${why}\n`);
    expect(gateway.calls).toEqual(['start', 'close']);
    expect(terminal.listening).toBe(false);
  });

  test('says so when the reason is wrapped', async () => {
    const cause = Object.assign(new Error('no'), { syscall: 'listen', code: 'EADDRINUSE', address: 'a', port: 1 });
    const { terminal, code } = begin(new FakeGateway(new Error('outside', { cause })));
    expect(await code).toBe(1);
    expect(terminal.complained).toContain('a:1');
  });

  test('does not hide another error', async () => {
    const gateway = new FakeGateway(new TypeError('a slip'));
    await expect(begin(gateway).code).rejects.toThrow('a slip');
    expect(gateway.calls).toEqual(['start', 'close']);
  });
});
