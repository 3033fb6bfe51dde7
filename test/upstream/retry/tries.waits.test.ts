import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { turns } from '../../support/channels.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { IDLE, TriesRig } from '../../support/tries.ts';

let rig: TriesRig;
beforeEach(() => {
  rig = new TriesRig();
});

describe('Waits between tries', () => {
  test.each([
    [0.5, [50, 100, 200]],
    [0.999, [99.9, 199.8, 250]],
  ])('are drawn up to a bound that doubles, with %d', async (drawn, waits) => {
    rig.terms = { retry: { backoff: { base: '100ms', max: '250ms' } } };
    rig.draw = () => drawn;
    rig.ask();
    for (const [at, wait] of waits.entries()) {
      await rig.answer(503);
      const least = Math.floor(Math.min(wait, drawn * 250));
      await rig.pass(least - 1);
      expect(rig.sent).toHaveLength(at + 1);
      await rig.pass(2);
      expect(rig.sent).toHaveLength(at + 2);
    }
  });

  test('are left out when nothing is drawn', async () => {
    rig.terms = { retry: { backoff: { base: '1h', max: '1h' } } };
    rig.ask();
    await rig.answer(503);
    expect(rig.asked).toBe('ab');
  });

  test('end with the client: it is answered at once, and nothing is sent later', async () => {
    rig.terms = { retry: { backoff: { base: '1s', max: '1s' } } };
    rig.draw = () => 0.5;
    const { exchange, settled } = rig.ask({ method: 'PUT', body: new ManualSource(2) });
    await rig.answer('upstream_reset');
    exchange.cancel(new GatewayError('client_gone'));
    await turns(1);
    expect(settled).toEqual(['client_gone']);
    await rig.pass(2000);
    expect([rig.asked, rig.idle]).toEqual(['a', IDLE]);
  });

  test('end with the time of the route', async () => {
    rig.terms = { retry: { backoff: { base: '1s', max: '1s' } } };
    rig.draw = () => 0.5;
    const { exchange, settled } = rig.ask();
    await rig.answer(503);
    exchange.cancel(new GatewayError('route_timeout'));
    await turns(1);
    expect([settled, rig.idle]).toEqual([['route_timeout'], IDLE]);
    // It has answered; that nobody waited for more is not its fault.
    await rig.pass(2000);
    expect(rig.asked).toBe('a');
  });

  test('may outlast the last upstream: the failure before them is passed on', async () => {
    rig.terms = { retry: { backoff: { base: '1s', max: '1s' } } };
    rig.draw = () => 0.5;
    const { settled } = rig.ask();
    await rig.answer('upstream_reset');
    for (const name of 'abc') rig.judge(name, false);
    await rig.pass(2000);
    expect([rig.asked, settled, rig.idle]).toEqual(['a', ['upstream_reset'], IDLE]);
  });
});

describe('The limit of one try', () => {
  beforeEach(() => {
    rig.terms = { retry: { per_try_timeout: '1s', max_retries: 1 } };
  });

  test('gives up the try, and another is made', async () => {
    const { exchange, settled } = rig.ask();
    await rig.pass(999);
    expect(rig.asked).toBe('a');
    await rig.pass(200);
    expect([rig.asked, rig.sent[0]?.cancelled?.code, rig.endpoint('a').failures]).toEqual(['ab', 'upstream_timeout', 1]);
    await rig.answer(200);
    exchange.end({ status: 200, error: undefined });
    expect([settled, rig.idle]).toEqual([[200], IDLE]);
  });

  test('ends the request when no further try is left', async () => {
    const { settled } = rig.ask();
    await rig.pass(1200);
    await rig.pass(1200);
    expect([rig.asked, settled, rig.idle]).toEqual(['ab', ['upstream_timeout'], IDLE]);
  });

  test('is that of the head alone: the body may take its time', async () => {
    const { exchange, settled } = rig.ask();
    const body = new ManualSource();
    rig.last.reply(200, body);
    await rig.pass(5000);
    expect([settled, body.asked, rig.asked]).toEqual([[200], [], 'a']);
    exchange.end({ status: 200, error: undefined });
    expect(rig.idle).toBe(IDLE);
  });

  test('holds without retries, too', async () => {
    rig.terms = { retry: { per_try_timeout: '1s', max_retries: 0 } };
    const { settled } = rig.ask({ method: 'POST' });
    await rig.pass(1200);
    expect([rig.asked, settled]).toEqual(['a', ['upstream_timeout']]);
  });

  test('is nobody’s failure while the client still sends its body', async () => {
    rig.ask({ method: 'PUT', body: new ManualSource(5) });
    rig.last.read();
    await rig.pass(1200);
    expect([rig.asked, rig.endpoint('a').failures]).toEqual(['ab', 0]);
  });
});

test('The time of the route that runs out under a try ends it, and no other is made', async () => {
  const { exchange, settled } = rig.ask();
  exchange.cancel(new GatewayError('route_timeout'));
  await turns(1);
  expect([rig.asked, settled, rig.endpoint('a').failures, rig.idle]).toEqual(['a', ['route_timeout'], 1, IDLE]);
});
