import { describe, expect, test } from 'vitest';
import { Gates, through, withFields } from './gate.ts';

const from = (address: string) => ({ peer: { address } });

describe('seed claim: Photon', () => {
  test('limits by address: requests_per_second 100, burst 200', async () => {
    const gates = new Gates();
    const handler = gates.route({ shared: { requests_per_second: 100, burst: 200, key: 'ip' } });
    expect(await through(handler, 300)).toBe(200);
    expect(await through(handler, 300, from('192.0.2.8'))).toBe(200);
    gates.clock.advance(1000);
    expect(await through(handler, 300)).toBe(100);
  });

  test.each(['X-API-Key', 'User-Agent'])('limits by the header %s', async (name) => {
    const gates = new Gates();
    const handler = gates.route({ shared: { requests_per_second: 100, burst: 200, key: `header:${name}` } });
    expect(await through(handler, 300, withFields({ [name]: 'one' }))).toBe(200);
    expect(await through(handler, 300, { ...withFields({ [name]: 'one' }), ...from('192.0.2.8') })).toBe(0);
    expect(await through(handler, 300, withFields({ [name]: 'two' }))).toBe(200);
  });
});

describe('seed claim: FluxGate', () => {
  const own = [
    { name: 'route', key: 'route', requests_per_second: 10, burst: 100 },
    { name: 'user', key: ['header:X-User-ID', 'ip'], requests_per_second: 2, burst: 20 },
  ];
  const user = (name: string) => withFields({ 'X-User-ID': name });

  test('limits really, on the route and for the user at once: 100 refilled by 10, 20 refilled by 2', async () => {
    const gates = new Gates();
    const handler = gates.route({ own });
    expect(await through(handler, 50, user('demo'))).toBe(20);
    for (const name of ['b', 'c', 'd']) expect(await through(handler, 50, user(name))).toBe(20);
    // Without the field the address counts, and is nobody's user id.
    expect(await through(handler, 50)).toBe(20);
    // The route has given its hundred: refusals of users took nothing from it.
    expect(await through(handler, 50, user('e'))).toBe(0);
    gates.clock.advance(1000);
    expect(await through(handler, 50, user('demo'))).toBe(2);
    expect(await through(handler, 50, user('e'))).toBe(8);
  });

  test('limits each route for itself', async () => {
    const gates = new Gates();
    for (const route of ['fast', 'slow']) expect(await through(gates.route({ own }, route), 50, user('demo'))).toBe(20);
  });
});
