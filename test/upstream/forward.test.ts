import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { Reply } from '../../src/http/reply.ts';
import type { Backend } from '../../src/upstream/backend.ts';
import { Endpoint } from '../../src/upstream/endpoint.ts';
import { forward } from '../../src/upstream/forward.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import { exchangeOf } from '../support/exchanges.ts';

function setUp(send: Transport['send']) {
  const transport: Transport = { send, state: { connections: 0, idle: 0, queued: 0 }, close: () => {} };
  const endpoint = new Endpoint('users', 'a:1', transport);
  let picked: Endpoint | undefined = endpoint;
  const backend = { balancer: { pick: () => picked } } as unknown as Backend;
  return { endpoint, handle: forward(backend), pickNone: () => (picked = undefined) };
}

describe('The end of a chain', () => {
  test('sends to the endpoint that is picked, and says which', async () => {
    const reply = new Reply(200);
    const { handle } = setUp(() => Promise.resolve(reply));
    const exchange = exchangeOf();
    expect(await handle(exchange)).toBe(reply);
    expect(exchange.upstream).toBe('users/a:1');
  });

  test('counts an attempt until the exchange ends, not only its head', async () => {
    const { endpoint, handle } = setUp(() => Promise.resolve(new Reply(200)));
    const [one, two] = [exchangeOf(), exchangeOf()];
    await handle(one);
    await handle(two);
    expect(endpoint.active).toBe(2);
    one.end({ status: 200, error: undefined });
    one.end({ status: 200, error: undefined });
    expect(endpoint.active).toBe(1);
    two.end({ status: 200, error: undefined });
    expect(endpoint.active).toBe(0);
  });

  test('passes on what goes wrong, and counts that too', async () => {
    const error = new GatewayError('upstream_reset');
    const { endpoint, handle } = setUp(() => Promise.reject(error));
    const exchange = exchangeOf();
    await expect(handle(exchange)).rejects.toBe(error);
    exchange.end({ status: 502, error });
    expect(endpoint.active).toBe(0);
  });

  test('has no endpoint to send to when none is picked', async () => {
    const { endpoint, handle, pickNone } = setUp(() => Promise.resolve(new Reply(200)));
    pickNone();
    const exchange = exchangeOf();
    await expect(handle(exchange)).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect([exchange.upstream, endpoint.active]).toEqual(['', 0]);
  });
});
