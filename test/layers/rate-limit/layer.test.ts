import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import type { RateLimiter } from '../../../src/layers/rate-limit/limiter.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ask, Gates, said, through, withFields } from './gate.ts';

const perIp = { name: 'per_ip', requests_per_second: 1, burst: 2 };

describe('A request', () => {
  test('within the limit goes on at once, and beyond it is refused with 429', async () => {
    const gates = new Gates();
    const handler = gates.route({ own: [perIp] });
    const exchange = exchangeOf();
    expect(handler(exchange)).toBeInstanceOf(Reply);
    expect((await ask(handler)).status).toBe(200);
    const refused = await ask(handler);
    expect(refused.status).toBe(429);
    expect(said(refused, 'retry-after', 'content-type', 'cache-control')).toEqual(['1', 'application/problem+json', 'no-store']);
    expect(JSON.parse(String(refused.body))).toEqual({
      type: 'urn:sluice:error:rate_limited',
      title: 'Too many requests',
      status: 429,
      detail: 'Over the limit "per_ip": try again in 1 s.',
      code: 'rate_limited',
      request_id: 'r1',
    });
    expect(gates.passed).toHaveLength(2);
    gates.clock.advance(1001);
    expect((await ask(handler)).status).toBe(200);
  });

  test('must pass all limits, and takes from none when one refuses', async () => {
    const gates = new Gates();
    const handler = gates.route({
      own: [
        { name: 'wide', limit: 10, window: '1h' },
        { name: 'narrow', limit: 2, window: '1h' },
      ],
    });
    expect(await through(handler, 5)).toBe(2);
    const refused = await ask(handler);
    expect(said(refused, 'ratelimit', 'retry-after')).toEqual(['"wide";r=8;t=720, "narrow";r=0;t=1800', '1800']);
    expect(String(refused.body)).toContain('Over the limit \\"narrow\\": try again');
  });

  test('that has no key counts by its address', async () => {
    const gates = new Gates();
    const handler = gates.route({ own: [{ ...perIp, key: 'header:x-user' }] });
    expect(await through(handler, 3, withFields({ 'X-User': 'ann' }))).toBe(2);
    expect(await through(handler, 3)).toBe(2);
    expect(await through(handler, 3, { peer: { address: '192.0.2.8' } })).toBe(2);
    expect(await through(handler, 3, { peer: { address: '2001:db8::1' } })).toBe(2);
    expect(await through(handler, 3, { peer: { address: '2001:db8::2' } })).toBe(0);
  });

  test('that nothing limits passes', async () => {
    const handler = new Gates().route({ consumers: { alice: [perIp] } });
    expect(await through(handler, 5)).toBe(5);
    expect(await through(handler, 5, { consumer: 'bob' })).toBe(5);
  });
});

describe('A limit counts', () => {
  test('on its route alone', async () => {
    const gates = new Gates();
    expect(await through(gates.route({ own: [perIp] }, 'a'), 3)).toBe(2);
    expect(await through(gates.route({ own: [perIp] }, 'b'), 3)).toBe(2);
  });

  test('on all routes that have one of its name, if it is global', async () => {
    const gates = new Gates();
    const limit = { ...perIp, key: 'global+ip' };
    expect(await through(gates.route({ own: [limit] }, 'a'), 3)).toBe(2);
    expect(await through(gates.route({ own: [limit] }, 'b'), 3)).toBe(0);
    expect(await through(gates.route({ own: [{ ...limit, name: 'other' }] }, 'b'), 3)).toBe(2);
  });

  test('on all routes together, if it is the shared one', async () => {
    const gates = new Gates();
    const shared = { requests_per_second: 1, burst: 3 };
    expect(await through(gates.route({ shared }, 'a'), 2)).toBe(2);
    expect(await through(gates.route({ shared, own: [perIp] }, 'b'), 2)).toBe(1);
  });

  test('on all routes for one consumer, besides those of the routes', async () => {
    const gates = new Gates();
    const consumers = { alice: [{ name: 'hers', requests_per_second: 1, burst: 3 }] };
    const [a, b] = [gates.route({ own: [perIp], consumers }, 'a'), gates.route({ consumers }, 'b')];
    expect(await through(a, 3, { consumer: 'alice' })).toBe(2);
    expect(await through(b, 3, { consumer: 'alice', peer: { address: '192.0.2.9' } })).toBe(1);
    expect(await through(b, 5, { consumer: 'bob' })).toBe(5);
    expect(said(await ask(a, { consumer: 'alice' }), 'ratelimit-policy')).toEqual(['"per_ip";q=2;w=2, "hers";q=3;w=3']);
  });

  test('what it counted, whoever is configured next', async () => {
    const gates = new Gates();
    expect(await through(gates.route({ own: [perIp] }), 3)).toBe(2);
    expect(await through(gates.route({ own: [{ ...perIp, headers: [] }] }), 3)).toBe(0);
  });
});

describe('Clients are told', () => {
  const both = { name: 'both', limit: 6, window: '1m', cost: 2, headers: ['ratelimit', 'x-ratelimit'] };

  test('in requests, however many tokens one takes', async () => {
    const handler = new Gates().route({ own: [both] });
    const fields = ['ratelimit-policy', 'ratelimit', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
    expect(said(await ask(handler), ...fields)).toEqual(['"both";q=3;w=60', '"both";r=2;t=20', '3', '2', '20']);
    await through(handler, 2);
    const refused = await ask(handler);
    expect(said(refused, ...fields, 'retry-after')).toEqual(['"both";q=3;w=60', '"both";r=0;t=20', '3', '0', '20', '20']);
  });

  test('on errors too, and in place of what an upstream says of its own limits', async () => {
    const gates = new Gates();
    const theirs = () =>
      new Reply(
        200,
        Headers.from([
          ['RateLimit', '"theirs";r=9'],
          ['RateLimit-Policy', '"theirs";q=9'],
          ['X-RateLimit-Limit', '9'],
        ]),
      );
    const reply = await ask(gates.route({ own: [perIp] }, 'users', gates.memory, theirs));
    expect(said(reply, 'ratelimit', 'ratelimit-policy', 'x-ratelimit-limit')).toEqual([
      '"per_ip";r=1;t=1',
      '"per_ip";q=2;w=2',
      '9',
    ]);
    const exchange = exchangeOf();
    const failing = gates.route({ own: [both] }, 'other', gates.memory, () => {
      throw new GatewayError('upstream_connect');
    });
    expect(() => failing(exchange)).toThrow('reached');
    const error = theirs();
    exchange.decorate(error);
    expect(said(error, 'ratelimit', 'x-ratelimit-limit')).toEqual(['"both";r=2;t=20', '3']);
  });

  test('the tightest limit in the old fields', async () => {
    const own = [both, { ...both, name: 'tight', limit: 2 }, { name: 'silent', limit: 1, window: '1m', headers: ['ratelimit'] }];
    const reply = await ask(new Gates().route({ own }));
    expect(said(reply, 'x-ratelimit-limit', 'x-ratelimit-remaining')).toEqual(['1', '0']);
    expect(said(reply, 'ratelimit-policy')).toEqual(['"both";q=3;w=60, "tight";q=1;w=60, "silent";q=1;w=60']);
  });

  test('nothing of a limit that has no headers, nor its name', async () => {
    const gates = new Gates();
    const quiet = { ...perIp, name: 'quiet', headers: [] };
    const handler = gates.route({ own: [quiet] });
    const fields = ['ratelimit', 'ratelimit-policy', 'x-ratelimit-limit'];
    expect(said(await ask(handler), ...fields)).toEqual([undefined, undefined, undefined]);
    await through(handler, 2);
    const refused = await ask(handler);
    expect(said(refused, ...fields, 'retry-after')).toEqual([undefined, undefined, undefined, '1']);
    expect(String(refused.body)).toContain('Too many requests: try again in 1 s.');
    const one = await ask(gates.route({ own: [quiet, { ...perIp, name: 'loud', limit: undefined }] }, 'other'));
    expect(said(one, 'ratelimit-policy', 'ratelimit')).toEqual(['"loud";q=2;w=2', '"loud";r=1;t=1']);
  });

  test('of limits with one name under different labels', async () => {
    const consumers = { alice: [{ ...perIp, name: 'a' }] };
    const reply = await ask(new Gates().route({ own: [{ ...perIp, name: 'a' }], shared: { ...perIp, name: 'a' }, consumers }), {
      consumer: 'alice',
    });
    expect(said(reply, 'ratelimit-policy')).toEqual(['"a";q=2;w=2, "a-2";q=2;w=2, "a-3";q=2;w=2']);
  });
});

describe('A limiter that answers later', () => {
  const standing = { admits: true, remaining: 1, wait: 0, reset: 0 };

  test('is waited for', async () => {
    const handler = new Gates().route({ own: [perIp] }, 'users', {
      take: async () => ({ admitted: true, standings: [standing] }),
    });
    expect((await ask(handler)).status).toBe(200);
    const refusing = { take: async () => ({ admitted: false, standings: [{ ...standing, admits: false, wait: 2500 }] }) };
    const refused = await ask(new Gates().route({ own: [perIp] }, 'users', refusing));
    expect([refused.status, ...said(refused, 'retry-after')]).toEqual([429, '3']);
  });

  test('is too late for an exchange that has been cancelled', async () => {
    const gates = new Gates();
    const handler = gates.route({ own: [perIp] }, 'users', { take: async () => ({ admitted: true, standings: [standing] }) });
    const exchange = exchangeOf();
    const reply = handler(exchange);
    exchange.cancel(new GatewayError('client_gone'));
    await expect(reply).rejects.toMatchObject({ code: 'client_gone' });
    expect(gates.passed).toEqual([]);
  });

  test('as a fixed window does, refuses as the others', async () => {
    const gates = new Gates();
    const handler = gates.route({
      own: [
        { name: 'f', algorithm: 'fixed_window', limit: 2, window: '60s' },
        { ...perIp, burst: 9 },
      ],
    });
    expect(await through(handler, 5)).toBe(2);
    expect(said(await ask(handler), 'ratelimit', 'retry-after')).toEqual([
      expect.stringMatching(/^"f";r=0;t=(60|59), "per_ip";r=7;t=2$/),
      expect.stringMatching(/^60|59$/),
    ]);
    gates.memory.close();
  });
});

describe('Decisions without Redis', () => {
  const STANDING = { admits: true, remaining: 4, wait: 0, reset: 1000 };
  const counted = 'gateway_rate_limit_without_redis_total';
  const deciding = (without: 'local' | 'open' | 'closed', admitted: boolean) => {
    const gates = new Gates();
    const limiter: RateLimiter = { take: (demands) => ({ admitted, without, standings: demands.map(() => STANDING) }) };
    return { gates, handler: gates.route({ own: [{ name: 'a', limit: 5, window: '1h' }] }, 'users', limiter) };
  };

  test.each(['local', 'open'] as const)('by %s are told to the client', async (without) => {
    const { gates, handler } = deciding(without, true);
    expect((await ask(handler)).headers.get('sluice-limits')).toBe(without);
    expect(gates.series(counted)).toContainEqual([{ decision: without }, 1]);
  });

  test('by nobody at all are a 503, which says nothing about the client', async () => {
    const { gates, handler } = deciding('closed', false);
    await expect(async () => ask(handler)).rejects.toMatchObject({ code: 'limits_unavailable', status: 503, retryAfter: 1 });
    expect(gates.series(counted)).toContainEqual([{ decision: 'closed' }, 1]);
    expect(gates.series('gateway_rate_limit_decisions_total')).toEqual([]);
  });
});
