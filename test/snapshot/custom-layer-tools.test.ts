import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/http/errors.ts';
import { layerTools } from '../../src/snapshot/custom-layer-tools.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualClock } from '../support/manual-clock.ts';

const clock = new ManualClock(1000, 5000);
const tools = layerTools('users', createLogger({ level: 'fatal', format: 'json' }), clock);

test('A layer knows its route and the time', () => {
  expect([tools.route, tools.clock.now(), tools.clock.wall()]).toEqual(['users', 1000, 5000]);
  clock.advance(10);
  expect([tools.clock.now(), tools.clock.wall()]).toEqual([1010, 5010]);
});

test('What all layers of a route share, none of them can change', () => {
  for (const shared of [tools, tools.clock]) expect(Object.isFrozen(shared)).toBe(true);
});

describe('A reply of a layer', () => {
  test('has a status, fields and a text', () => {
    const { status, headers, body } = tools.reply(
      418,
      { 'Content-Type': 'text/plain; charset=utf-8', 'Set-Cookie': ['a=1', 'b=2'] },
      'caf\u00e9 \u20ac',
    );
    expect([status, headers.flat()]).toEqual([
      418,
      ['Content-Type', 'text/plain; charset=utf-8', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
    ]);
    expect(Buffer.from(body as string, 'latin1').toString()).toBe('caf\u00e9 \u20ac');
  });

  test('may have no body, bytes or a long text', () => {
    const bytes = new Uint8Array([1, 2]);
    expect(tools.reply(204).body).toBeUndefined();
    expect(tools.reply(200, {}, new Uint8Array()).body).toBeUndefined();
    expect(tools.reply(200, {}, bytes).body).toBe(bytes);
    expect(tools.reply(200, {}, 'x'.repeat(20_000)).body).toHaveLength(20_000);
  });

  test.each([99, 101, 199, 600, 200.5, Number.NaN, '200' as unknown as number])('cannot have the status %s', (status) => {
    expect(() => tools.reply(status)).toThrow(new TypeError(`not a status from 200 to 599: ${status}`));
  });

  test.each<[string, string]>([
    ['a b', 'x'],
    ['a:b', 'x'],
    ['', 'x'],
    ['a', 'x\r\nSet-Cookie: b'],
    ['a', '\u010a'],
  ])('cannot have the field %j: %j', (name, value) => {
    expect(() => tools.reply(200, { [name]: value })).toThrow(TypeError);
  });
});

test('A refusal looks like those of the gateway', () => {
  const exchange = exchangeOf();
  exchange.requestId = 'r-1';
  const { status, headers, body } = tools.problem(exchange, { status: 402, code: 'unpaid', title: 'Not paid for' });
  expect([status, headers.get('content-type')]).toEqual([402, 'application/problem+json']);
  expect(JSON.parse(body as string)).toMatchObject({ code: 'unpaid', title: 'Not paid for', request_id: 'r-1' });
  expect(() => tools.problem(exchange, { status: 200, code: 'x', title: 'x' })).toThrow(TypeError);
});

test('An error is one of the table', () => {
  expect(tools.error('bad_request', 'no such colour')).toMatchObject({
    code: 'bad_request',
    status: 400,
    detail: 'no such colour',
  });
  for (const code of ['none', 'toString', '__proto__']) expect(() => tools.error(code as ErrorCode)).toThrow(TypeError);
});
