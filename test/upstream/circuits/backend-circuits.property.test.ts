import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../../src/http/errors.ts';
import type { Permit } from '../../../src/upstream/circuits/circuits.ts';
import { addresses } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { IDLE, type Tried, TriesRig } from '../../support/tries.ts';

const CODES = ['upstream_connect', 'upstream_reset', 'upstream_timeout', 'upstream_queue_full', 'internal'] as const;
const ENDS: (ErrorCode | undefined)[] = [undefined, undefined, undefined, 'upstream_reset', 'client_gone', 'route_timeout'];

type Step =
  | { readonly do: 'ask'; readonly body: number; readonly upgrade: boolean }
  | { readonly do: 'reply'; readonly which: number; readonly status: number }
  | { readonly do: 'fail'; readonly which: number; readonly code: ErrorCode }
  | { readonly do: 'end' | 'cancel'; readonly which: number; readonly code: ErrorCode | undefined }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'reload'; readonly upstreams: number; readonly on: boolean };

const which = fc.nat(10);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      body: fc.constantFrom(0, 0, 0, 5, -1),
      upgrade: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('reply' as const),
      which,
      status: fc.constantFrom(200, 200, 200, 101, 404, 500, 503),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fail' as const), which, code: fc.constantFrom(...CODES) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('end' as const), which, code: fc.constantFrom(...ENDS) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      which,
      code: fc.constantFrom<ErrorCode>('client_gone', 'route_timeout'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(60, 120, 500, 1000, 5000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('reload' as const),
      upstreams: fc.integer({ min: 1, max: 3 }),
      on: fc.constantFrom(true, true, false),
    }),
  },
);
const scene = fc.record({
  retries: fc.integer({ min: 0, max: 3 }),
  perTry: fc.constantFrom(undefined, '300ms'),
  hedges: fc.constantFrom(0, 0, 2),
  panic: fc.constantFrom(0, 1),
  threshold: fc.constantFrom(1, 2, 4),
  trials: fc.integer({ min: 1, max: 2 }),
  successes: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { minLength: 10, maxLength: 50 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** Many requests at a time, and every permit that they got. */
class Play {
  readonly rig = new TriesRig();
  readonly permits: { settled: boolean }[] = [];
  /** Attempts that nobody let in: who is picked is let in. */
  private barred = 0;
  private readonly scene: Scene;
  private readonly tried: Tried[] = [];

  constructor(scene: Scene) {
    this.scene = scene;
    const { retries, perTry, hedges } = scene;
    const retry = {
      max_retries: retries,
      on: ['connect', 'reset', '5xx'],
      backoff: { base: '50ms' },
      ...(perTry && { per_try_timeout: perTry }),
    };
    this.rig.terms = { retry, hedge: hedges === 0 ? undefined : { after: '100ms', max: hedges } };
    this.rig.draw = () => 0.9;
    this.watchPermits();
    this.reload(3, true);
  }

  private watchPermits(): void {
    const { circuits } = this.rig.tools;
    const enter = circuits.enter.bind(circuits);
    circuits.enter = (place, policy) => {
      const permit = enter(place, policy);
      if (permit === undefined) this.barred += 1;
      return permit && this.counting(permit);
    };
  }

  private counting(permit: Permit): Permit {
    const one = { settled: false };
    this.permits.push(one);
    const settle = (how: () => void) => () => {
      one.settled = true;
      how();
    };
    return {
      answered: () => permit.answered(),
      succeeded: settle(() => permit.succeeded()),
      failed: (reason) => settle(() => permit.failed(reason))(),
      giveBack: settle(() => permit.giveBack()),
    };
  }

  private reload(upstreams: number, on: boolean): void {
    const { threshold, trials, successes, panic } = this.scene;
    this.rig.apply({
      upstreams: addresses(...['a', 'b', 'c'].slice(0, upstreams)),
      panic_threshold: panic,
      retry_budget: { ratio: 1, min_per_second: 100 },
      circuit_breaker: {
        enabled: on,
        failure_threshold: threshold,
        open_for: '1s',
        half_open_requests: trials,
        success_threshold: successes,
      },
    });
  }

  async run(step: Step): Promise<void> {
    const open = this.rig.sent.filter((sent) => sent.open);
    if (step.do === 'ask') this.ask(step);
    else if (step.do === 'pass') this.rig.clock.advance(step.ms);
    else if (step.do === 'reload') this.reload(step.upstreams, step.on);
    else if (step.do === 'end' || step.do === 'cancel') this.finishOne(step, this.tried[step.which % this.tried.length]);
    else if (open.length > 0) {
      const sent = open[step.which % open.length];
      if (step.do === 'fail') sent?.fail(step.code);
      else if (step.do === 'reply') sent?.reply(step.status, step.status === 200 ? new ManualSource() : undefined);
    }
    await turns(1);
  }

  private ask({ body, upgrade }: Step & { do: 'ask' }): void {
    const asking = body === 0 ? {} : { method: 'PUT', body: new ManualSource(body) };
    const tried = this.rig.ask({ ...asking, ...(upgrade && { upgrade: 'x' }) });
    tried.answer.catch(() => {});
    this.tried.push(tried);
  }

  private finishOne(
    { do: how, code }: { readonly do: string; readonly code: ErrorCode | undefined },
    tried: Tried | undefined,
  ): void {
    const error = code === undefined ? undefined : new GatewayError(code);
    if (how === 'cancel' && error !== undefined) tried?.exchange.cancel(error);
    else if (tried !== undefined && tried.settled.length > 0) tried.exchange.end({ status: 200, error });
  }

  async finish(): Promise<void> {
    for (const { exchange } of this.tried) exchange.cancel(new GatewayError('client_gone'));
    await turns(2);
    for (const { exchange } of this.tried) exchange.end({ status: 200, error: undefined });
    for (const { settled } of this.tried) expect(settled).toHaveLength(1);
    expect([this.barred, this.permits.filter(({ settled }) => !settled)]).toEqual([0, []]);
    this.rig.clock.advance(60_000);
    // Nobody asks any more: each is as it was, or waits for the next who does, with all its places free.
    for (const { circuit } of this.rig.backend.endpoints) expect(circuit?.admits ?? true).toBe(true);
    expect(this.rig.idle).toBe(IDLE);
  }
}

test('Whatever becomes of attempts, every permit is settled, and no circuit stays barred', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (scene) => {
      const play = new Play(scene);
      for (const step of scene.steps) await play.run(step);
      await play.finish();
    }),
    { numRuns: 400 },
  );
});
