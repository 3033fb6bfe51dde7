import { beforeEach, describe, expect, test } from 'vitest';
import { type CommandTools, runCommand } from '../../src/redis/commands.ts';
import { Deadlines } from '../../src/redis/deadlines.ts';
import { Reasons } from '../../src/redis/failure.ts';
import { Health } from '../../src/redis/health.ts';
import type { Link } from '../../src/redis/link.ts';
import { LoadedScripts } from '../../src/redis/loaded-scripts.ts';
import { redisMetrics } from '../../src/redis/metrics.ts';
import { script } from '../../src/redis/script.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { ManualClock } from '../support/manual-clock.ts';

const ONE = script('one', '#!lua\nreturn 1');

/** Answers when the test says so, in turn. */
class FakeLink {
  readonly sent: string[] = [];
  refreshed = 0;
  private readonly waiting: PromiseWithResolvers<unknown>[] = [];

  lane = () => '';

  runScript(): Promise<unknown> {
    return this.ask('run');
  }

  load(): Promise<unknown> {
    return this.ask('load');
  }

  refresh(): void {
    this.refreshed += 1;
  }

  async answer(value: unknown): Promise<void> {
    this.waiting.shift()?.resolve(value);
    await settled();
  }

  async fail(message: string, name = 'ReplyError'): Promise<void> {
    this.waiting.shift()?.reject(Object.assign(new Error(message), { name }));
    await settled();
  }

  private ask(what: string): Promise<unknown> {
    this.sent.push(what);
    const waiting = Promise.withResolvers<unknown>();
    this.waiting.push(waiting);
    return waiting.promise;
  }
}

const settled = () => new Promise(setImmediate);

let clock: ManualClock;
let link: FakeLink;
let tools: CommandTools;

beforeEach(() => {
  clock = new ManualClock();
  link = new FakeLink();
  const limit = 100;
  const health = new Health({ clock, limit, random: () => 0, changed: () => {} });
  health.worked(1);
  tools = {
    ...{ clock, limit, health },
    deadlines: new Deadlines(clock, limit),
    scripts: new LoadedScripts(),
    metrics: redisMetrics(new Metrics(), () => true),
    reasons: new Reasons(['hunter2']),
  };
});

const run = () => runCommand(tools, link as unknown as Link, ONE, ['k'], [1]).catch((error) => `${error.kind}: ${error.message}`);

describe('A script', () => {
  test('is loaded before it runs, once however many ask', async () => {
    const all = [run(), run(), run()];
    expect(link.sent).toEqual(['load']);
    await link.answer([ONE.sha]);
    expect(link.sent).toEqual(['load', 'run', 'run', 'run']);
    for (const value of [1, 2, 3]) await link.answer(value);
    expect(await Promise.all(all)).toEqual([1, 2, 3]);
    expect(tools.metrics.ok.value).toBe(3);
  });

  test('that the server has forgotten is loaded once, and each command sent once more', async () => {
    const first = run();
    await link.answer([ONE.sha]);
    await link.answer(1);
    await first;
    const all = [run(), run()];
    await link.fail('NOSCRIPT No matching script.');
    await link.fail('NOSCRIPT No matching script.');
    expect(link.sent).toEqual(['load', 'run', 'run', 'run', 'load']);
    await link.answer([ONE.sha]);
    await link.answer(2);
    await link.answer(3);
    expect(await Promise.all(all)).toEqual([2, 3]);
    expect(link.sent).toEqual(['load', 'run', 'run', 'run', 'load', 'run', 'run']);
  });

  test('that is forgotten again at once is refused', async () => {
    const one = run();
    await link.answer([ONE.sha]);
    await link.fail('NOSCRIPT No matching script.');
    await link.answer([ONE.sha]);
    await link.fail('NOSCRIPT No matching script.');
    expect(await one).toBe('refused: NOSCRIPT No matching script.');
    expect(link.sent).toEqual(['load', 'run', 'load', 'run']);
  });

  test('that could not be loaded is tried again by the next', async () => {
    const one = run();
    await link.fail('ERR Error compiling script');
    expect(await one).toBe('refused: ERR Error compiling script');
    void run();
    expect(link.sent).toEqual(['load', 'load']);
  });

  test('that is loaded too late does not run', async () => {
    const one = run();
    clock.advance(100);
    expect(await one).toBe('late: no answer from Redis within 100 ms');
    await link.answer([ONE.sha]);
    expect(link.sent).toEqual(['load']);
  });
});

describe('An answer', () => {
  test('in time is told, with the time it took', async () => {
    void run();
    await link.answer([ONE.sha]);
    clock.advance(40);
    await link.answer(1);
    expect(tools.metrics.duration.sum).toBeCloseTo(0.04);
    expect(tools.health.silence).toBe(0);
  });

  test('that comes later is thrown away, and counts for health', async () => {
    const one = run();
    await link.answer([ONE.sha]);
    clock.advance(100);
    expect(await one).toBe('late: no answer from Redis within 100 ms');
    await link.answer(1);
    expect(tools.metrics).toMatchObject({ ok: { value: 0 }, late: { value: 1 } });
    for (let i = 0; i < 2; i++) {
      void run();
      clock.advance(100);
    }
    expect(tools.health.isDown).toBe(true);
  });

  test('that was there before the timer could come to it is late too, by the clock', async () => {
    const one = run();
    await link.answer([ONE.sha]);
    // The clock goes on, and the loop has not come to its timers.
    const { now } = clock;
    clock.now = () => now.call(clock) + 101;
    await link.answer(1);
    expect(await one).toMatch(/^late: /);
    expect(tools.metrics.duration.counts.reduce((a, b) => a + b)).toBe(1);
  });

  test.each([
    ['OOM command not allowed', 'refused', true],
    ['READONLY replica', 'refused', true],
    ['WRONGTYPE of hunter2', 'refused', false],
    ['MOVED 1 a:1', 'refused', false],
  ])('of %s is %s', async (message, kind, down) => {
    const one = run();
    await link.answer([ONE.sha]);
    await link.fail(message);
    expect(await one).toBe(`${kind}: ${message.replace('hunter2', '***')}`);
    expect(tools.health.isDown).toBe(down);
    expect(link.refreshed).toBe(message.startsWith('MOVED') ? 1 : 0);
    expect(link.sent).toEqual(['load', 'run']);
  });

  test('that never comes since the connection is gone is lost, and not asked for again', async () => {
    const one = run();
    await link.answer([ONE.sha]);
    await link.fail('Connection is closed.', 'Error');
    expect(await one).toBe('lost: Connection is closed.');
    expect(tools.health.state).toMatchObject({ condition: 'down', reason: 'Connection is closed.' });
    expect(link.sent).toEqual(['load', 'run']);
    expect(tools.metrics.lost.value).toBe(1);
  });
});
