import { expect, test } from 'vitest';
import { Backends, type Factories } from '../../src/upstream/backends.ts';
import type { BackendConfig } from '../../src/upstream/config.ts';
import { forward } from '../../src/upstream/forward.ts';
import { BackendRig, backendOf, backendTools } from '../support/backends.ts';
import { bodyOf, soon } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { RawServer } from '../support/raw-server.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('A request that waits for a connection survives a reload that changes its endpoint', async () => {
  const server = await RawServer.open();
  const tools = backendTools();
  const backends = new Backends(tools);
  const config = (read_timeout: string) => ({
    users: backendOf({ upstreams: [{ address: server.address, max_connections: 1, read_timeout }] }),
  });
  const plan = backends.plan(config('5s'), new Map());
  plan.commit();
  const handle = forward(plan.get('users'), tools.clock);
  const first = Promise.resolve(handle(exchangeOf({ target: '/1' })));
  const second = Promise.resolve(handle(exchangeOf({ target: '/2' })));
  second.catch(() => {});
  const peer = await server.next();
  await peer.until(' /1 ');
  backends.plan(config('6s'), new Map()).commit();
  peer.send(OK);
  expect(await bodyOf(await first)).toBe('ok');
  const found = () => server.peers.find((one) => one.text.includes(' /2 '));
  await soon(() => found() !== undefined);
  found()?.send(OK);
  expect(await bodyOf(await second)).toBe('ok');
  backends.close();
  await server.close();
});

test('A module that makes no balancer spoils the plan, and nothing else', () => {
  const rig = new BackendRig();
  const backend = rig.apply({ health_check: { interval: '1s' } });
  const [a] = backend.endpoints;
  const algorithm = 'module:./mine.ts';
  const factories: Factories = new Map([
    [
      algorithm,
      () => {
        throw new Error('not today');
      },
    ],
  ]);
  const pending = rig.clock.pending;
  const next = { other: backendOf({ health_check: { interval: '1s' } }), users: { ...backendOf(), algorithm } as BackendConfig };
  expect(() => rig.backends.plan(next, factories)).toThrow('not today');
  expect([rig.backends.all(), backend.endpoints[0] === a, rig.clock.pending]).toEqual([[backend], true, pending]);
  expect(rig.transports.map(({ closed }) => closed)).toEqual([0, 0, 1, 1]);
});
