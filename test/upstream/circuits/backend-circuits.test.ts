import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { GatewayError } from '../../../src/http/errors.ts';
import { Attempt } from '../../../src/upstream/attempt.ts';
import type { Circuit } from '../../../src/upstream/circuits/circuits.ts';
import { addresses, addressOf, nameOf } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { TriesRig } from '../../support/tries.ts';

const BREAKER = { failure_threshold: 3, open_for: '10s', half_open_requests: 1, success_threshold: 2 };
let rig: TriesRig;
let written: Record<string, unknown>;

const apply = (more: Record<string, unknown> = {}) => {
  written = { upstreams: addresses('a', 'b'), circuit_breaker: BREAKER, ...more };
  rig.apply(written);
};
beforeEach(() => {
  rig = new TriesRig();
  rig.terms = { retry: { max_retries: 0 } };
  apply();
});

/** A request that is answered with this: a status, or the code of an error. */
async function ask(how: number | string = 200): Promise<string> {
  const { exchange, answer } = rig.ask();
  const sent = rig.sent.at(-1);
  const { length } = rig.sent;
  answer.catch(() => {});
  await turns(1);
  if (sent === undefined || !sent.open || length === 0) return 'nobody';
  await rig.answer(how, sent);
  exchange.end({ status: 200, error: undefined });
  return nameOf(sent.address);
}
/** Opens the circuit of an endpoint, by failures of that one alone. */
async function shut(name: string): Promise<void> {
  while (rig.endpoint(name).circuit?.state !== 'open') {
    const { exchange } = rig.ask();
    await rig.answer(nameOf(rig.last.address) === name ? 503 : 200);
    exchange.end({ status: 200, error: undefined });
  }
}
const asked = async (times: number) => {
  const names: string[] = [];
  for (let time = 0; time < times; time++) names.push(await ask());
  return names.join('');
};
const refusal = (): Promise<GatewayError> =>
  rig.ask().answer.then(
    () => expect.unreachable(),
    (error) => error as GatewayError,
  );
const states = () => rig.backend.endpoints.map(({ circuit }) => circuit?.state);
const shown = (name: string) =>
  [
    ...(rig.metrics
      .all()
      .find((metric) => metric.name === name)
      ?.read() ?? []),
  ]
    .filter(([, value]) => value !== 0)
    .map(([labels, value]) => `${Object.values(labels).join(' ')}: ${value}`);
const logged = () => rig.log.entries.map(([level, fields, message]) => `${level}: ${message} ${JSON.stringify(fields)}`);

describe('An upstream whose circuit is open', () => {
  test('leaves the choice at once: requests go elsewhere instead of failing', async () => {
    await shut('a');
    expect(await asked(6)).toBe('bbbbbb');
    expect(rig.endpoint('a').readiness).toMatchObject({
      ready: false,
      reason: 'circuit open: 3 failures within 60s, the last: status 503',
    });
  });

  test('hears of each request that would have gone there: somebody who has one may try it for a fleet', async () => {
    await shut('a');
    const want = vi.spyOn(rig.endpoint('a').circuit as Circuit, 'want');
    const elsewhere = vi.spyOn(rig.endpoint('b').circuit as Circuit, 'want');
    for (let time = 0; time < 3; time++) expect(await ask()).toBe('b');
    expect([want.mock.calls.length, elsewhere.mock.calls.length]).toEqual([3, 0]);
  });

  test('is not believed well in a panic', async () => {
    apply({ panic_threshold: 1 });
    await shut('a');
    rig.judge('b', false);
    rig.apply({ ...written });
    expect(await asked(4)).toBe('bbbb');
    await shut('b');
    expect((await refusal()).code).toBe('circuit_open');
  });

  test('comes back for trials, so many at a time, while the others take the rest', async () => {
    await shut('a');
    rig.clock.advance(10_000);
    const trial = Array.from({ length: 4 }, () => rig.ask());
    expect(
      rig.sent
        .slice(-4)
        .map(({ address }) => nameOf(address))
        .sort(),
    ).toEqual(['a', 'b', 'b', 'b']);
    for (const { exchange } of trial) {
      for (const sent of rig.sent) if (sent.open) sent.reply();
      await turns(1);
      exchange.end({ status: 200, error: undefined });
    }
    expect(states()).toEqual(['half_open', 'closed']);
    await asked(2);
    expect(states()).toEqual(['closed', 'closed']);
    expect((await asked(4)).split('').sort().join('')).toBe('aabb');
  });

  test('has others in reserve stand in while it is tried', async () => {
    apply({ upstreams: addresses('a', { name: 'b', backup: true }) });
    await shut('a');
    expect(await asked(2)).toBe('bb');
    rig.clock.advance(10_000);
    const trial = rig.ask();
    expect(nameOf(rig.last.address)).toBe('a');
    expect(await asked(3)).toBe('bbb');
    trial.exchange.end({ status: 200, error: undefined });
  });

  test('is not asked once more, even when all others have been tried', async () => {
    rig.terms = { retry: { max_retries: 3, on: ['5xx'], backoff: { base: '0ms' } } };
    await shut('a');
    const { settled, exchange } = rig.ask();
    await rig.answer(500);
    await rig.answer(500);
    await rig.answer(500);
    expect([settled, rig.asked.slice(-3), exchange.attempts]).toEqual([[500], 'bbb', 3]);
  });
});

describe('When no upstream is left', () => {
  test('since their circuits are open, requests are refused, and told when the first may be tried', async () => {
    await shut('a');
    rig.clock.advance(3500);
    await shut('b');
    const error = await refusal();
    expect([error.code, error.status, error.retryAfter]).toEqual(['circuit_open', 503, 7]);
    rig.clock.advance(6499);
    expect((await refusal()).retryAfter).toBe(1);
    expect(rig.active).toBe(0);
    expect(shown('gateway_circuit_refused_total')).toEqual(['users: 2']);
  });

  test('since all trials are out, they are refused for a second', async () => {
    apply({ upstreams: addresses('a') });
    await shut('a');
    rig.clock.advance(10_000);
    const trial = rig.ask();
    expect([(await refusal()).code, (await refusal()).retryAfter]).toEqual(['circuit_open', 1]);
    await rig.answer(200);
    trial.exchange.end({ status: 200, error: undefined });
    expect(await ask()).toBe('a');
    expect(states()).toEqual(['closed']);
  });

  test('for another reason, that is said', async () => {
    rig.judge('a', false);
    rig.judge('b', false);
    expect((await refusal()).code).toBe('upstream_unavailable');
    expect(shown('gateway_circuit_refused_total')).toEqual([]);
  });

  test('requests with a limit for each try are refused as well', async () => {
    await shut('a');
    await shut('b');
    rig.terms = { retry: { max_retries: 2, per_try_timeout: '1s' } };
    expect(await refusal()).toMatchObject({ code: 'circuit_open', retryAfter: 10 });
  });

  test('a reply is not thrown away for a try that nobody would take', async () => {
    apply({ upstreams: addresses('a'), circuit_breaker: { ...BREAKER, failure_threshold: 1 } });
    rig.terms = { retry: { max_retries: 3 } };
    const { settled, exchange } = rig.ask();
    await rig.answer(503);
    expect([settled, exchange.attempts, states()]).toEqual([[503], 1, ['open']]);
    expect(rig.backend.metrics.retries.sent.value).toBe(0);
  });

  test('after a wait, the last error is told, or that circuits are open', async () => {
    apply({ circuit_breaker: { ...BREAKER, failure_threshold: 1 } });
    rig.terms = { retry: { max_retries: 3, backoff: { base: '1s' } } };
    rig.draw = () => 0.9;
    const [broken, last, dropped] = [rig.ask(), rig.ask(), rig.ask()];
    const [first, second, third] = rig.sent.slice(-3);
    await rig.answer('upstream_reset', first);
    await rig.answer(503, third);
    await rig.answer(503, second);
    expect([broken.settled, dropped.settled, last.settled, states()]).toEqual([[], [], [503], ['open', 'open']]);
    await rig.pass(1000);
    expect([broken.settled, dropped.settled]).toEqual([['upstream_reset'], ['circuit_open']]);
  });
});

describe('Circuits of a backend', () => {
  test('live through reloads, by the new numbers', async () => {
    await shut('a');
    apply({ circuit_breaker: { ...BREAKER, open_for: '20s', failure_threshold: 9 }, algorithm: 'random' });
    rig.clock.advance(19_999);
    expect([states(), await asked(2)]).toEqual([['open', 'closed'], 'bb']);
    rig.clock.advance(1);
    expect(states()).toEqual(['half_open', 'closed']);
  });

  test('live on where the upstream is reached in another way', async () => {
    await shut('a');
    apply({ upstreams: addresses({ name: 'a', read_timeout: '1s' }, 'b') });
    expect(states()).toEqual(['open', 'closed']);
  });

  test('are forgotten with their upstreams, and their series too', async () => {
    await shut('a');
    expect(shown('gateway_circuit_transitions_total')).toEqual([`users ${addressOf('a')} open: 1`]);
    apply({ upstreams: addresses('b') });
    expect(shown('gateway_circuit_transitions_total')).toEqual([]);
    apply();
    expect(states()).toEqual(['closed', 'closed']);
    expect(rig.clock.pending).toBe(0);
  });

  test.each([{ circuit_breaker: undefined }, { circuit_breaker: { ...BREAKER, enabled: false } }])(
    'are none with %j',
    async (off) => {
      await shut('a');
      apply(off);
      expect([states(), rig.endpoint('a').readiness.ready]).toEqual([[undefined, undefined], true]);
      for (let time = 0; time < 20; time++) await ask(503);
      expect(rig.endpoint('a').readiness.ready).toBe(true);
      expect(rig.metrics.all().flatMap(({ name, read }) => (name.includes('circuit') ? [...read()] : []))).toEqual([]);
    },
  );

  test('are told of when they turn, with the reason, and counted', async () => {
    await shut('a');
    rig.clock.advance(10_000);
    await asked(4);
    const who = `"backend":"users","upstream":"${addressOf('a')}"`;
    const reason = '"reason":"3 failures within 60s, the last: status 503"';
    expect(logged()).toEqual([
      `warn: the circuit of an upstream has opened {${who},${reason}}`,
      `info: the circuit of an upstream is half-open {${who},${reason}}`,
      `info: the circuit of an upstream has closed {${who}}`,
    ]);
    expect(shown('gateway_circuit_transitions_total')).toEqual(
      ['closed', 'open', 'half_open'].map((to) => `users ${addressOf('a')} ${to}: 1`),
    );
  });

  test('say nothing about health, nor that about them', async () => {
    await shut('a');
    rig.judge('a', false);
    expect(rig.endpoint('a').readiness.reason).toBe('said the test');
    rig.endpoint('a').readiness.health = { ready: true, reason: '' };
    rig.clock.advance(10_000);
    expect(rig.endpoint('a').readiness.reason).toMatch(/^circuit half-open: 3 failures/);
  });

  test('leave nothing behind when they are closed', async () => {
    await shut('a');
    rig.backends.close();
    rig.clock.advance(100);
    expect(rig.clock.pending).toBe(0);
  });

  test('refuse an attempt that nobody picked for it, before it has begun', async () => {
    await shut('a');
    const exchange = exchangeOf();
    const attempt = new Attempt(exchange, rig.endpoint('a'), exchange.body, rig.backend, rig.clock);
    await expect(attempt.send()).rejects.toMatchObject({ code: 'circuit_open', retryAfter: 10 });
    expect([rig.active, exchange.attempts]).toEqual([0, 0]);
  });
});
