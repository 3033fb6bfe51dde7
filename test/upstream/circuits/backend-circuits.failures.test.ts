import { beforeEach, describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../../src/http/errors.ts';
import { addresses } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { type Tried, TriesRig } from '../../support/tries.ts';

let rig: TriesRig;
beforeEach(() => {
  rig = new TriesRig();
  apply();
});

/** One failure is counted, and opens nothing. */
function apply(breaker: Record<string, unknown> = {}, upstreams = addresses('a')): void {
  rig.apply({ upstreams, circuit_breaker: { failure_threshold: 100, ...breaker } });
  rig.terms = { retry: { max_retries: 0 } };
}
/** What was counted so far: of all, those that failed. */
const counted = (name = 'a') => {
  const { circuit } = rig.endpoint(name);
  return `${circuit?.failures} of ${circuit?.requests}`;
};
const end = ({ exchange }: Tried, code?: ErrorCode) =>
  exchange.end({ status: 200, error: code === undefined ? undefined : new GatewayError(code) });

describe('An attempt counts', () => {
  test.each<[ErrorCode, string]>([
    ['upstream_connect', '1 of 1'],
    ['upstream_connect_timeout', '1 of 1'],
    ['upstream_reset', '1 of 1'],
    ['upstream_invalid_reply', '1 of 1'],
    ['upstream_timeout', '1 of 1'],
    ['upstream_queue_full', '0 of 0'],
    ['upstream_queue_timeout', '0 of 0'],
    ['bad_request', '0 of 0'],
    ['content_too_large', '0 of 0'],
    ['internal', '0 of 0'],
  ])('that ends with %s: %s', async (code, expected) => {
    const tried = rig.ask();
    await rig.answer(code);
    end(tried, code);
    expect(counted()).toBe(expected);
  });

  test.each([
    [200, '0 of 1'],
    [404, '0 of 1'],
    [500, '1 of 1'],
  ])('that is answered with %i, once its body is whole: %s', async (status, expected) => {
    const tried = rig.ask();
    await rig.answer(status);
    if (status < 500) expect(counted()).toBe('0 of 0');
    end(tried);
    expect(counted()).toBe(expected);
  });

  test('as failed by its status at once, whatever becomes of its body', async () => {
    const tried = rig.ask();
    await rig.answer(503);
    expect(counted()).toBe('1 of 1');
    end(tried, 'upstream_reset');
    expect(counted()).toBe('1 of 1');
  });

  test.each<[ErrorCode, string]>([
    ['upstream_reset', '1 of 1'],
    ['upstream_timeout', '1 of 1'],
    ['upstream_invalid_reply', '1 of 1'],
    ['client_gone', '0 of 0'],
    ['route_timeout', '0 of 0'],
    ['internal', '0 of 0'],
  ])('whose body breaks off with %s: %s', async (code, expected) => {
    const tried = rig.ask();
    await rig.answer(200);
    end(tried, code);
    expect(counted()).toBe(expected);
  });

  test('as good when it becomes a tunnel, however that ends', async () => {
    const tried = rig.ask({ upgrade: 'websocket' });
    await rig.answer(101);
    expect(counted()).toBe('0 of 1');
    end(tried, 'upstream_reset');
    expect(counted()).toBe('0 of 1');
  });

  test('by what the policy lists, and by nothing else', async () => {
    apply({ failure_on: ['connect', 429] });
    for (const how of [429, 500, 'upstream_reset', 'upstream_timeout', 'upstream_connect']) {
      const tried = rig.ask();
      await rig.answer(how);
      end(tried);
    }
    expect(counted()).toBe('2 of 3');
  });

  test.each<[ErrorCode, ErrorCode, boolean, string]>([
    ['client_gone', 'client_gone', false, '0 of 0'],
    ['route_timeout', 'route_timeout', false, '1 of 1'],
    ['route_timeout', 'route_timeout', true, '0 of 0'],
    ['upstream_timeout', 'upstream_timeout', true, '0 of 0'],
  ])('given up with %s (%s), the client sending a body: %s. %s', async (code, _, body, expected) => {
    const tried = rig.ask(body ? { method: 'POST', body: new ManualSource(10) } : {});
    tried.exchange.cancel(new GatewayError(code));
    await turns(1);
    end(tried, code);
    expect(counted()).toBe(expected);
  });

  test('when its own time is up', async () => {
    rig.terms = { retry: { max_retries: 0, per_try_timeout: '1s' } };
    const tried = rig.ask();
    await rig.pass(1100);
    expect([tried.settled, counted()]).toEqual([['upstream_timeout'], '1 of 1']);
  });

  test('not, when a hedge was faster, which counts for itself', async () => {
    apply({}, addresses('a', 'b'));
    rig.terms = { retry: { max_retries: 1 }, hedge: { after: '100ms', max: 1 } };
    const tried = rig.ask();
    await rig.pass(200);
    expect(rig.asked).toBe('ab');
    await rig.answer(200);
    end(tried);
    expect([tried.settled, counted('a'), counted('b')]).toEqual([[200], '0 of 0', '0 of 1']);
  });

  test('each for itself where a request is tried again', async () => {
    apply({}, addresses('a', 'b'));
    rig.terms = { retry: { max_retries: 2, on: ['5xx', 'reset'], backoff: { base: '0ms' } } };
    const tried = rig.ask();
    await rig.answer(500);
    await rig.answer('upstream_reset');
    await rig.answer(200);
    end(tried);
    expect([tried.settled, rig.asked, counted('a'), counted('b')]).toEqual([[200], 'abb', '1 of 1', '1 of 2']);
  });
});
