import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { addresses } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { IDLE, TriesRig } from '../../support/tries.ts';

let rig: TriesRig;
beforeEach(() => {
  rig = new TriesRig();
  rig.terms = { retry: { max_retries: 0 }, hedge: { after: '100ms' } };
});

const END = { status: 200, error: undefined };
const hedged = () => rig.backend.metrics.retries.hedged.value;

describe('A slow upstream', () => {
  test('is joined by another after a time, and not before', async () => {
    const { settled } = rig.ask();
    await rig.pass(99);
    expect(rig.asked).toBe('a');
    await rig.pass(1);
    expect([rig.asked, settled, hedged()]).toEqual(['ab', [], 1]);
  });

  test.each([
    [0, 1],
    [1, 0],
  ])('loses, or wins: the first reply is the answer, the other is called off (%i)', async (winner, loser) => {
    const { exchange, settled } = rig.ask();
    await rig.pass(100);
    const [won, lost] = [rig.sent[winner], rig.sent[loser]];
    won?.reply(200);
    await turns(1);
    expect([settled, lost?.cancelled?.code, exchange.upstream]).toEqual([[200], 'client_gone', `users/${won?.address}`]);
    exchange.end(END);
    expect(rig.backend.endpoints.map(({ failures }) => failures)).toEqual([0, 0, 0]);
    expect(rig.idle).toBe(IDLE);
  });

  test('whose reply comes in the same moment as the other’s is dropped, body and all', async () => {
    const { exchange, settled } = rig.ask();
    await rig.pass(100);
    const bodies = [new ManualSource(), new ManualSource()];
    for (const [at, body] of bodies.entries()) rig.sent[at]?.reply(200, body);
    await turns(1);
    expect([settled, bodies.map(({ cancelled }) => cancelled)]).toEqual([[200], [false, true]]);
    exchange.end(END);
    expect(rig.idle).toBe(IDLE);
  });

  test('is joined by as many as may be, each another one', async () => {
    rig.terms = { retry: { max_retries: 0 }, hedge: { after: '100ms', max: 5 } };
    const { exchange, settled } = rig.ask();
    for (let time = 0; time < 6; time++) await rig.pass(100);
    expect([rig.asked, hedged()]).toEqual(['abc', 2]);
    await rig.answer(200, rig.sent[1]);
    exchange.end(END);
    expect([settled, rig.active, rig.idle]).toEqual([[200], 0, IDLE]);
  });

  test('that is the only one is waited for alone', async () => {
    rig.apply({ upstreams: addresses('a') });
    rig.ask();
    await rig.pass(1000);
    expect([rig.asked, hedged()]).toEqual(['a', 0]);
  });

  test('is joined only within the budget', async () => {
    rig.apply({ upstreams: addresses('a', 'b'), retry_budget: { ratio: 0, min_per_second: 0 } });
    rig.ask();
    await rig.pass(1000);
    expect([rig.asked, hedged(), rig.backend.metrics.retries.no_budget.value]).toEqual(['a', 0, 1]);
  });

  test.each([
    ['POST', undefined],
    ['PUT', 3],
    ['PUT', -1],
  ])('is waited for alone with %s and a body of %j bytes', async (method, length) => {
    rig.ask({ method, ...(length !== undefined && { body: new ManualSource(length) }) });
    await rig.pass(1000);
    expect(rig.asked).toBe('a');
  });

  test('is not joined once it has answered', async () => {
    const { exchange } = rig.ask();
    await rig.answer(200);
    await rig.pass(1000);
    exchange.end(END);
    expect([rig.asked, rig.idle]).toEqual(['a', IDLE]);
  });
});

describe('A percentile', () => {
  beforeEach(() => {
    rig.terms = { retry: { max_retries: 0 }, hedge: { after: 'p95' } };
  });

  test('says when another is asked as soon as enough has been measured', async () => {
    for (let time = 0; time < 21; time++) {
      const { exchange } = rig.ask();
      await rig.pass(40);
      await rig.answer(200);
      exchange.end(END);
    }
    rig.ask();
    await rig.pass(36);
    expect(rig.sent).toHaveLength(22);
    await rig.pass(8);
    expect(rig.sent).toHaveLength(23);
  });

  test('says nothing before that', async () => {
    rig.ask();
    await rig.pass(10_000);
    expect(rig.asked).toBe('a');
  });
});

describe('Two that are asked wait for each other:', () => {
  test.each([
    ['upstream_reset', 200, 200],
    [503, 200, 200],
    ['upstream_reset', 'upstream_connect', 'upstream_connect'],
    ['upstream_reset', 503, 503],
    [503, 'upstream_timeout', 'upstream_timeout'],
  ])('%s, then %s: %s', async (first, second, outcome) => {
    for (const [failing, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      rig = new TriesRig();
      rig.terms = { retry: { max_retries: 0 }, hedge: { after: '100ms' } };
      const { exchange, settled } = rig.ask();
      await rig.pass(100);
      await rig.answer(first, rig.sent[failing]);
      expect(settled).toEqual([]);
      await rig.answer(second, rig.sent[other]);
      exchange.end(END);
      expect([settled, rig.asked, rig.idle]).toEqual([[outcome], 'ab', IDLE]);
    }
  });

  test('when both have failed it is tried again', async () => {
    rig.terms = { retry: { max_retries: 1 }, hedge: { after: '100ms' } };
    const { exchange, settled } = rig.ask();
    await rig.pass(100);
    await rig.answer(503, rig.sent[0]);
    await rig.answer(503, rig.sent[1]);
    expect([rig.asked, settled]).toEqual(['abc', []]);
    await rig.answer(200);
    exchange.end(END);
    expect([settled, rig.idle]).toEqual([[200], IDLE]);
  });

  test('a reply that no retry is due for ends the wait for the other', async () => {
    const { exchange, settled } = rig.ask();
    await rig.pass(100);
    await rig.answer(404, rig.sent[1]);
    exchange.end(END);
    expect([settled, rig.sent[0]?.open, rig.idle]).toEqual([[404], false, IDLE]);
  });

  test('a client that leaves frees both, and is told once', async () => {
    const { exchange, settled } = rig.ask();
    await rig.pass(100);
    exchange.cancel(new GatewayError('client_gone'));
    await turns(1);
    expect([settled, rig.sent.map(({ open }) => open), rig.idle]).toEqual([['client_gone'], [false, false], IDLE]);
  });

  test('each has its own limit', async () => {
    rig.terms = { retry: { max_retries: 0, per_try_timeout: '1s' }, hedge: { after: '500ms' } };
    const { settled } = rig.ask();
    await rig.pass(500);
    await rig.pass(600);
    expect([settled, rig.sent.map(({ open }) => open)]).toEqual([[], [false, true]]);
    await rig.pass(500);
    expect([settled, rig.idle]).toEqual([['upstream_timeout'], IDLE]);
  });
});
