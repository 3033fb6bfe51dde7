import { expect, test } from 'vitest';
import type { Layer } from '../../src/http/layer.ts';
import { Reply } from '../../src/http/reply.ts';
import { BARE, build, type Stack } from '../../src/snapshot/stack.ts';
import { exchangeOf } from '../support/exchanges.ts';

/** As docs/architecture.md has it. */
const ORDER = [
  ...[
    'observe',
    'accessLog',
    'transformReplies',
    'securityHeaders',
    'ipAccess',
    'cors',
    'authentication',
    'identityHeaders',
    'bodyLimit',
  ],
  ...['rateLimit', 'concurrency', 'upgrade', 'compression', 'transform', 'timeout', 'custom', 'forwarding'],
];

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
  const stack = Object.fromEntries(ORDER.toReversed().map((name) => [name, layer(name)])) as unknown as Stack;
  await build(stack, end)(exchangeOf());
  expect(met).toEqual([...ORDER, 'end', ...ORDER.toReversed().map((name) => `${name} again`)]);
});

test('a layer that a route does not use is not there', async () => {
  const { met, layer, end } = setUp();
  await build({ ...BARE, timeout: layer('timeout') }, end)(exchangeOf());
  expect(met).toEqual(['timeout', 'end', 'timeout again']);
  expect(build(BARE, end)).toBe(end);
});

test('has no layer beside these', () => {
  expect(Object.keys(BARE).sort()).toEqual([...ORDER].sort());
});
