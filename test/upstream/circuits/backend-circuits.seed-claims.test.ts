import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import type { Handler } from '../../../src/http/layer.ts';
import { forward } from '../../../src/upstream/forward.ts';
import { addresses, BackendRig, nameOf } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import { exchangeOf } from '../../support/exchanges.ts';

/** The block that FluxGate's demo has for each of its upstreams, in our words. */
const FLUXGATE = { failure_threshold: 5, window: '60s', open_for: '30s', half_open_requests: 3, success_threshold: 2 };

let rig: BackendRig;
let handle: Handler;
beforeEach(() => apply('a'));

function apply(...names: string[]): void {
  rig = new BackendRig();
  handle = forward(rig.apply({ upstreams: addresses(...names), circuit_breaker: FLUXGATE }), rig.clock);
}

/** A plain request: no retries, no hedges. @returns the status, or the code of the error */
async function ask(how: number | 'hang up' | 'upstream_reset'): Promise<string> {
  const exchange = exchangeOf();
  const { length } = rig.sent;
  const answer = Promise.resolve(handle(exchange)).then(
    ({ status }) => String(status),
    ({ code }) => code as string,
  );
  if (rig.sent.length > length) {
    if (how === 'hang up') exchange.cancel(new GatewayError('client_gone'));
    else if (how === 'upstream_reset') rig.last.fail(how);
    else rig.last.reply(how);
  }
  const said = await answer;
  exchange.end({ status: 200, error: undefined });
  await turns(1);
  return said;
}
const times = async (count: number, how: Parameters<typeof ask>[0]) => {
  const said: string[] = [];
  for (let time = 0; time < count; time++) said.push(await ask(how));
  return said;
};
const state = (name = 'a') => rig.endpoint(name).circuit?.state;

describe('seed claim: Photon’s circuit breaker', () => {
  test('is not opened by clients that hang up, however many do', async () => {
    expect(await times(50, 'hang up')).toEqual(new Array(50).fill('client_gone'));
    expect([state(), await ask(200)]).toEqual(['closed', '200']);
  });

  test('is not opened by clients that hang up in the middle of a reply', async () => {
    for (let time = 0; time < 50; time++) {
      const exchange = exchangeOf();
      const answer = handle(exchange);
      rig.last.reply();
      await answer;
      exchange.end({ status: 200, error: new GatewayError('client_gone') });
    }
    expect(state()).toBe('closed');
  });

  test('closes again once its upstream is well, though clients hang up on its trials', async () => {
    await times(5, 500);
    expect(state()).toBe('open');
    rig.clock.advance(30_000);
    await times(20, 'hang up');
    expect(state()).toBe('half_open');
    await times(2, 200);
    expect([state(), await ask(200)]).toEqual(['closed', '200']);
  });

  test('closes again though an upstream stays down for an hour, and clients go on asking', async () => {
    for (let minute = 0; minute < 60; minute++) {
      await times(10, 500);
      rig.clock.advance(60_000);
    }
    expect(rig.endpoint('a').circuit?.openings).toBe(60);
    await times(2, 200);
    expect(state()).toBe('closed');
  });
});

describe('seed claim: FluxGate’s circuit breaker', () => {
  test('is closed, open and half-open, by its numbers', async () => {
    await times(4, 500);
    rig.clock.advance(60_001);
    await times(4, 500);
    expect(state()).toBe('closed');
    expect(await times(3, 500)).toEqual(['500', 'circuit_open', 'circuit_open']);
    expect(state()).toBe('open');
    rig.clock.advance(29_999);
    expect(await ask(200)).toBe('circuit_open');
    rig.clock.advance(1);
    const trials = Array.from({ length: 5 }, () => handle(exchangeOf()));
    expect(await Promise.allSettled(trials.slice(3))).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    for (const sent of rig.sent.slice(-3)) sent.fail('client_gone');
    await Promise.allSettled(trials);
    await times(1, 200);
    expect(state()).toBe('half_open');
    await times(1, 200);
    expect(state()).toBe('closed');
  });

  test('learns from plain requests, not only from retries', async () => {
    await times(3, 503);
    await times(2, 'upstream_reset');
    expect([state(), await ask(200)]).toEqual(['open', 'circuit_open']);
  });

  test('is one for each upstream: requests are sent to those that are well', async () => {
    apply('a', 'b');
    while (state('a') !== 'open') await ask(nameOf(rig.sent.at(-1)?.address ?? '.2:') === 'b' ? 500 : 200);
    expect([state('a'), state('b')]).toEqual(['open', 'closed']);
    rig.sent.length = 0;
    expect(await times(6, 200)).toEqual(new Array(6).fill('200'));
    expect(rig.asked).toBe('bbbbbb');
  });
});
