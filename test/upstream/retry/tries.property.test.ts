import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../../src/http/errors.ts';
import { addresses } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import type { Sent } from '../../support/fake-transport.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { IDLE, type Tried, TriesRig } from '../../support/tries.ts';

const CODES: ErrorCode[] = ['upstream_connect', 'upstream_reset', 'upstream_timeout', 'upstream_queue_full', 'internal'];
/** After one of these the request has not been seen by anybody. */
const UNSEEN = ['upstream_connect', 'upstream_queue_full'];

type Step =
  | { readonly do: 'reply'; readonly which: number; readonly status: number }
  | { readonly do: 'fail'; readonly which: number; readonly code: ErrorCode }
  | { readonly do: 'read'; readonly which: number }
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'end' | 'leave' | 'late' };

const which = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reply' as const), which, status: fc.constantFrom(200, 404, 500, 503) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fail' as const), which, code: fc.constantFrom(...CODES) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send' as const), text: fc.string({ maxLength: 6, unit: 'binary-ascii' }) }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 60, 120, 500, 2000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'leave' as const, 'late' as const) }) },
);

const scene = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST'),
  upgrade: fc.constantFrom(false, false, false, false, true),
  length: fc.constantFrom(undefined, undefined, undefined, undefined, -1, 8, 40),
  upstreams: fc.integer({ min: 1, max: 4 }),
  retries: fc.integer({ min: 0, max: 4 }),
  perTry: fc.constantFrom(undefined, '300ms'),
  hedges: fc.constantFrom(0, 1, 2, 2),
  base: fc.constantFrom('0ms', '100ms'),
  budget: fc.constantFrom(0, 1, 100, 100),
  steps: fc.array(step, { maxLength: 25 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** One request under a script, and what it must never do. */
class Play {
  readonly rig: TriesRig;
  readonly body: ManualSource | undefined;
  readonly tried: Tried;
  private readonly seen = new Set<Sent>();
  private readonly replies = new Map<Sent, ManualSource>();
  private readonly once: boolean;
  private text = '';

  constructor({ method, upgrade, length, upstreams, retries, perTry, hedges, base, budget }: Scene) {
    const list = addresses(...['a', 'b', 'c', 'd'].slice(0, upstreams));
    this.rig = new TriesRig({ upstreams: list, retry_budget: { ratio: 0, min_per_second: budget } });
    const retry = { max_retries: retries, body_limit: '10', backoff: { base }, ...(perTry && { per_try_timeout: perTry }) };
    this.rig.terms = { retry, hedge: hedges === 0 ? undefined : { after: '100ms', max: hedges } };
    this.rig.draw = () => 0.9;
    this.body = length === undefined ? undefined : new ManualSource(length);
    const asking = { method, ...(upgrade && { upgrade: 'x' }), ...(this.body && { body: this.body }) };
    this.once = upgrade || method === 'POST';
    this.rig.onSend = () => this.sent();
    this.tried = this.rig.ask(asking);
  }

  /** What may have been acted upon is not sent again, and two upstreams never get one body. */
  private sent(): void {
    if (this.once) expect([...this.seen]).toEqual([]);
    if (this.body !== undefined) expect(this.rig.sent.slice(0, -1).filter(({ open }) => open)).toEqual([]);
  }

  async run(step: Step): Promise<void> {
    const { open } = this;
    const one = 'which' in step && open.length > 0 ? open[step.which % open.length] : undefined;
    if (step.do === 'pass') this.rig.clock.advance(step.ms);
    else if (step.do === 'leave') this.tried.exchange.cancel(new GatewayError('client_gone'));
    else if (step.do === 'late') this.tried.exchange.cancel(new GatewayError('route_timeout'));
    else if (step.do === 'send' && this.body?.sink !== undefined) {
      this.text += step.text;
      this.body.send(step.text);
    } else if (step.do === 'end') this.body?.end();
    else if (one !== undefined) this.act(one, step);
    await turns(1);
    expect(this.tried.settled.length).toBeLessThanOrEqual(1);
    if (this.tried.settled.length > 0) expect(this.open).toEqual([]);
    for (const { body } of this.rig.sent) expect(this.text.startsWith(body.text)).toBe(true);
  }

  private get open(): Sent[] {
    return this.rig.sent.filter(({ open }) => open);
  }

  private act(sent: Sent, step: Step): void {
    if (step.do === 'read') {
      if (sent.body.size === 0 && sent.body.ends.length === 0 && !sent.reached) sent.read();
    } else if (step.do === 'fail') {
      if (!UNSEEN.includes(step.code)) this.seen.add(sent);
      sent.fail(sent.reached && UNSEEN.includes(step.code) ? 'upstream_reset' : step.code);
    } else if (step.do === 'reply') {
      const body = new ManualSource();
      this.replies.set(sent, body);
      sent.reply(step.status, body);
    }
    if (sent.reached) this.seen.add(sent);
  }

  /** The client has had enough: then all must be over. */
  async finish({ retries, hedges }: Scene): Promise<void> {
    const { exchange, settled } = this.tried;
    exchange.cancel(new GatewayError('client_gone'));
    await turns(1);
    exchange.end({ status: 200, error: undefined });
    expect(settled).toHaveLength(1);
    expect(this.rig.sent.length).toBeLessThanOrEqual(1 + retries + hedges);
    expect(exchange.attempts).toBe(this.rig.sent.length);
    const kept = [...this.replies.values()].filter(({ cancelled }) => !cancelled);
    expect([settled, kept.length]).toEqual([settled, typeof settled[0] === 'number' ? 1 : 0]);
    expect(this.open).toEqual([]);
    expect(this.rig.idle).toBe(IDLE);
  }
}

test('Whatever upstreams and clients do, a request is settled once and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (scene) => {
      const play = new Play(scene);
      for (const step of scene.steps) await play.run(step);
      await play.finish(scene);
    }),
    { numRuns: 1000 },
  );
});
