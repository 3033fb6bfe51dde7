import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { Reloads } from '../../src/config/reload.ts';
import type { ConfigSource, Loaded } from '../../src/config/source.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Recorder } from '../support/recorder.ts';

const config = checkConfig({});

type Step = 'v0' | 'v1' | 'v2' | 'bad' | 'worse' | 'tell' | 'ask' | 'finish';

/** Reads what stands there when a load begins, and hands it out when the test lets one end. */
class World implements ConfigSource {
  written = 'v0';
  applied = 'v0';
  private onChange: () => void = () => {};
  private readonly open: (() => void)[] = [];
  most = 0;

  tell(): void {
    this.onChange();
  }

  load(known?: string): Promise<Loaded> {
    const version = this.written;
    return this.wait(() => {
      if (version === known) return { kind: 'unchanged', version };
      if (isGood(version)) return { kind: 'checked', version, config };
      return { kind: 'refused', version, error: new ConfigError([{ path: '', message: 'is bad' }]) };
    });
  }

  async apply(version: string): Promise<void> {
    await this.wait(() => undefined);
    this.applied = version;
  }

  watch(onChange: () => void): () => void {
    this.onChange = onChange;
    return () => {};
  }

  close(): void {}

  private wait<T>(result: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.open.push(() => resolve(result()));
      this.most = Math.max(this.most, this.open.length);
    });
  }

  /** Lets one load or application end. @returns false when there is none */
  async finish(): Promise<boolean> {
    const next = this.open.shift();
    next?.();
    await new Promise((resolve) => setImmediate(resolve));
    return next !== undefined;
  }
}

function isGood(version: string): boolean {
  return version.startsWith('v');
}

const steps = fc.array(fc.constantFrom<Step>('v0', 'v1', 'v2', 'bad', 'worse', 'tell', 'ask', 'finish', 'finish'), {
  maxLength: 40,
});

test('However changes and slow loads fall together, the last one runs if it is good, and never two load at once', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (order) => {
      const world = new World();
      const answers: Promise<unknown>[] = [];
      const reloads = new Reloads({
        source: world,
        version: 'v0',
        apply: (_, version) => world.apply(version),
        refuses: () => [],
        clock: new ManualClock(),
        logger: new Recorder().logger,
        onOutcome: () => {},
      });
      reloads.watch();
      for (const step of order) {
        if (step === 'tell') world.tell();
        else if (step === 'ask') answers.push(reloads.reload('signal'));
        else if (step === 'finish') await world.finish();
        else {
          world.written = step;
          world.tell();
        }
      }
      while (await world.finish());
      await Promise.all(answers);
      expect(world.most).toBeLessThan(2);
      expect(reloads.version).toBe(world.applied);
      if (isGood(world.written)) expect(world.applied).toBe(world.written);
      expect(isGood(world.applied)).toBe(true);
      expect(reloads.history.every(({ outcome }) => outcome !== 'failed')).toBe(true);
    }),
  );
});
