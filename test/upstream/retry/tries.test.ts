import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { addresses } from '../../support/backends.ts';
import { turns } from '../../support/channels.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { IDLE, TriesRig } from '../../support/tries.ts';

let rig: TriesRig;
beforeEach(() => {
  rig = new TriesRig();
});

const END = { status: 200, error: undefined };
const retried = () => rig.backend.metrics.retries;

describe('A request is tried again', () => {
  test.each<[readonly string[] | undefined, number | string, boolean]>([
    [undefined, 'upstream_connect', true],
    [undefined, 'upstream_connect_timeout', true],
    [undefined, 'upstream_queue_full', true],
    [undefined, 'upstream_queue_timeout', true],
    [undefined, 'upstream_reset', true],
    [undefined, 'upstream_invalid_reply', true],
    [undefined, 502, true],
    [undefined, 503, true],
    [undefined, 504, true],
    [undefined, 500, false],
    [undefined, 501, false],
    [undefined, 404, false],
    [undefined, 200, false],
    [undefined, 'internal', false],
    [undefined, 'bad_request', false],
    [undefined, 'client_gone', false],
    [['connect'], 'upstream_connect', true],
    [['connect'], 'upstream_queue_full', true],
    [['connect'], 'upstream_reset', false],
    [['connect'], 502, false],
    [['reset'], 'upstream_reset', true],
    [['reset'], 'upstream_connect', false],
    [['reset'], 'upstream_timeout', false],
    [['timeout'], 'upstream_timeout', true],
    [['timeout'], 504, false],
    [['timeout'], 'upstream_connect_timeout', false],
    [['5xx'], 500, true],
    [['5xx'], 599, true],
    [['5xx'], 499, false],
    [['5xx'], 'upstream_reset', true],
    [['5xx'], 'upstream_timeout', true],
    [['5xx'], 'internal', false],
    [['429'], 429, true],
    [['429'], 503, false],
    // What the gateway would answer with counts as the status, too.
    [['502'], 'upstream_reset', true],
    [['502'], 'upstream_timeout', false],
    [['504'], 'upstream_timeout', true],
    [[], 503, false],
    [[], 'upstream_connect', false],
  ])('on %j after %s: %s', async (on, how, again) => {
    rig.terms = { retry: on === undefined ? {} : { on } };
    const { exchange, settled } = rig.ask();
    await rig.answer(how);
    expect([rig.asked, settled]).toEqual(again ? ['ab', []] : ['a', [how]]);
    if (again) await rig.answer(200);
    exchange.end(END);
    expect([settled, exchange.attempts]).toEqual([[again ? 200 : how], again ? 2 : 1]);
    expect(retried().sent.value).toBe(again ? 1 : 0);
    expect(rig.idle).toBe(IDLE);
  });

  test('as often as it may, and the last failure is passed on', async () => {
    rig.terms = { retry: { max_retries: 2 } };
    const { exchange, settled } = rig.ask();
    for (const code of ['upstream_reset', 'upstream_connect', 'upstream_connect_timeout']) await rig.answer(code);
    expect([rig.asked, settled, exchange.upstream]).toEqual(['abc', ['upstream_connect_timeout'], 'users/192.0.2.3:80']);
    expect(rig.idle).toBe(IDLE);
  });

  test('as often as it may, and the last reply is passed on', async () => {
    rig.terms = { retry: { max_retries: 1 } };
    const { exchange, settled } = rig.ask();
    await rig.answer(503);
    const body = new ManualSource();
    rig.last.reply(502, body);
    await turns(1);
    expect([rig.asked, settled, body.asked]).toEqual(['ab', [502], []]);
    exchange.end(END);
    expect(rig.idle).toBe(IDLE);
  });

  test('not at all with no retries', async () => {
    rig.terms = { retry: { max_retries: 0 } };
    const { settled } = rig.ask();
    await rig.answer('upstream_connect');
    expect([rig.asked, settled]).toEqual(['a', ['upstream_connect']]);
  });

  test('and replies that nobody wants are cancelled', async () => {
    rig.ask();
    const body = new ManualSource();
    rig.last.reply(503, body);
    await turns(1);
    expect([rig.asked, body.asked, rig.endpoint('a').active]).toEqual(['ab', ['cancel'], 0]);
  });

  test('and no upstream at all is an error at once', async () => {
    for (const name of 'abc') rig.judge(name, false);
    const { settled } = rig.ask();
    await turns(1);
    expect([rig.asked, settled, rig.idle]).toEqual(['', ['upstream_unavailable'], IDLE]);
  });
});

describe('Each try goes to', () => {
  test('an upstream that has not been tried, while there is one, and then to any', async () => {
    rig.terms = { retry: { max_retries: 5 } };
    rig.ask();
    for (let time = 0; time < 5; time++) await rig.answer(503);
    expect([...rig.asked.slice(0, 3)].sort().join('')).toBe('abc');
    expect(rig.asked).toHaveLength(6);
  });

  test('a backup when all others have been tried, and to the other zone', async () => {
    const upstreams = addresses({ name: 'a', zone: 'here' }, { name: 'b', zone: 'there' }, { name: 'c', backup: true });
    rig = new TriesRig({ upstreams });
    rig.ask();
    await rig.answer(503);
    await rig.answer(503);
    expect(rig.asked).toBe('abc');
  });

  test('an upstream of another zone when its own has been tried', async () => {
    rig = new TriesRig({ upstreams: addresses('a', { name: 'b', zone: 'there' }) });
    Object.assign(rig.tools, { zone: 'there' });
    rig.apply({ upstreams: addresses('a', { name: 'b', zone: 'there' }), slow_start: '1ms' });
    rig.ask();
    await rig.answer(503);
    expect(rig.asked).toBe('ba');
  });
});

describe('Methods', () => {
  test.each<[string, string | number, boolean]>([
    ['GET', 503, true],
    ['HEAD', 503, true],
    ['PUT', 503, true],
    ['DELETE', 'upstream_reset', true],
    ['OPTIONS', 503, true],
    ['POST', 503, false],
    ['PATCH', 'upstream_reset', false],
    ['POST', 'upstream_timeout', false],
    ['POST', 'upstream_connect', true],
    ['POST', 'upstream_queue_full', true],
  ])('%s after %s: %s', async (method, how, again) => {
    rig.ask({ method });
    await rig.answer(how);
    expect(rig.asked).toBe(again ? 'ab' : 'a');
  });

  test('are those of the configuration', async () => {
    rig.terms = { retry: { methods: ['POST'] } };
    rig.ask({ method: 'POST' });
    await rig.answer(503);
    rig.ask({ method: 'GET' });
    await rig.answer(503);
    expect(rig.asked).toHaveLength(3);
  });

  test('that ask for another protocol are sent again only where no connection came about', async () => {
    rig.terms = { retry: {}, hedge: { after: '10ms' } };
    const one = rig.ask({ upgrade: 'websocket' });
    await rig.pass(200);
    await rig.answer('upstream_connect');
    await rig.answer(503);
    expect([rig.asked, one.settled]).toEqual(['ab', [503]]);
  });
});

describe('The budget', () => {
  test('refuses, and what came is passed on', async () => {
    rig.apply({ upstreams: addresses('a', 'b', 'c'), retry_budget: { ratio: 0, min_per_second: 0 } });
    const [one, two] = [rig.ask(), rig.ask()];
    const body = new ManualSource();
    rig.sent[0]?.reply(503, body);
    rig.sent[1]?.fail('upstream_reset');
    await turns(1);
    expect([one.settled, two.settled, body.asked]).toEqual([[503], ['upstream_reset'], []]);
    expect([retried().no_budget.value, retried().sent.value]).toEqual([2, 0]);
  });

  test('is spent by retries only: what is not tried again costs nothing', async () => {
    rig.apply({ upstreams: addresses('a', 'b', 'c'), retry_budget: { ratio: 1, min_per_second: 0 } });
    rig.ask({ method: 'POST' });
    await rig.answer(503);
    rig.ask();
    await rig.answer(503);
    await rig.answer(503);
    await rig.answer(503);
    expect(rig.asked).toHaveLength(4);
    expect([retried().sent.value, retried().no_budget.value]).toEqual([2, 1]);
  });
});

test('A client that leaves is the end of it: the try hears of it, and no other is made', async () => {
  const { exchange, settled } = rig.ask();
  exchange.cancel(new GatewayError('client_gone'));
  await turns(1);
  expect([rig.asked, settled, rig.last.cancelled?.code]).toEqual(['a', ['client_gone'], 'client_gone']);
  expect([rig.endpoint('a').failures, rig.idle]).toEqual([0, IDLE]);
});

test('A client that has left before is not asked for by anybody', async () => {
  const body = new ManualSource(3);
  const exchange = exchangeOf({ body });
  exchange.cancel(new GatewayError('client_gone'));
  const { settled } = rig.ask({ exchange });
  await turns(1);
  expect([rig.asked, settled, body.cancelled, rig.idle]).toEqual(['', ['client_gone'], true, IDLE]);
});
