import { checkConfig } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Config } from '../../src/config/document.ts';
import { type Outcome, Reloads } from '../../src/config/reload.ts';
import type { ConfigSource, Loaded } from '../../src/config/source.ts';
import { ManualClock } from './manual-clock.ts';
import { Recorder } from './recorder.ts';

export function configOf(level: string): Config {
  return checkConfig({ log: { level } });
}

/** Loads that end when the test says so, with what it says. */
class SlowSource implements ConfigSource {
  readonly asked: (string | undefined)[] = [];
  private readonly waiting: PromiseWithResolvers<Loaded>[] = [];
  onChange: (() => void) | undefined;

  load(known?: string): Promise<Loaded> {
    this.asked.push(known);
    const load = Promise.withResolvers<Loaded>();
    this.waiting.push(load);
    return load.promise;
  }

  answer(loaded: Loaded): void {
    this.waiting.shift()?.resolve(loaded);
  }

  fail(message: string): void {
    this.waiting.shift()?.reject(new Error(message));
  }

  watch(onChange: () => void): () => void {
    this.onChange = onChange;
    return () => {
      this.onChange = undefined;
    };
  }

  close(): void {}
}

export const good = (version: string): Loaded => ({ kind: 'checked', version, config: configOf('warn') });
export const bad = (version: string, ...messages: string[]): Loaded => ({
  kind: 'refused',
  version,
  error: new ConfigError(
    messages.map((message, at) => ({ path: 'log', line: at + 1, column: 2, message })),
    'a.yaml',
  ),
});

export function openReloads(
  options: { refuses?: (config: Config) => string[]; apply?: () => Promise<void>; source?: undefined } = {},
) {
  const clock = new ManualClock();
  const source = new SlowSource();
  const log = new Recorder();
  const applied: string[] = [];
  const outcomes: Outcome[] = [];
  const reloads = new Reloads({
    source: 'source' in options ? undefined : source,
    version: 'v0',
    apply: async (_, version) => {
      await options.apply?.();
      applied.push(version);
    },
    refuses: options.refuses ?? (() => []),
    clock,
    logger: log.logger,
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  return { clock, source, log, applied, outcomes, reloads };
}
