import { expect, test } from 'vitest';
import type { Layer } from '../../src/http/layer.ts';
import { Reply } from '../../src/http/reply.ts';
import { build, type Stack } from '../../src/snapshot/stack.ts';
import { exchangeOf } from '../support/exchanges.ts';

function setUp() {
  const met: string[] = [];
  const layer =
    (name: string): Layer =>
    (next) =>
    async (exchange) => {
      met.push(name);
      const reply = await next(exchange);
      met.push(`${name} again`);
      return reply;
    };
  const end = () => {
    met.push('end');
    return new Reply(200);
  };
  return { met, layer, end };
}

test('a request meets the layers in their one order, and its reply meets them backwards', async () => {
  const { met, layer, end } = setUp();
  // Whatever order they are given in.
  const stack: Stack = {
    forwarding: layer('forwarding'),
    timeout: layer('timeout'),
    bodyLimit: layer('bodyLimit'),
    accessLog: layer('accessLog'),
    observe: layer('observe'),
  };
  await build(stack, end)(exchangeOf());
  const order = ['observe', 'accessLog', 'bodyLimit', 'timeout', 'forwarding'];
  expect(met).toEqual([...order, 'end', ...order.toReversed().map((name) => `${name} again`)]);
});

test('a layer that a route does not use is not there', async () => {
  const { met, layer, end } = setUp();
  const none: Stack = {
    observe: undefined,
    accessLog: undefined,
    bodyLimit: undefined,
    timeout: undefined,
    forwarding: undefined,
  };
  await build({ ...none, timeout: layer('timeout') }, end)(exchangeOf());
  expect(met).toEqual(['timeout', 'end', 'timeout again']);
  expect(build(none, end)).toBe(end);
});
