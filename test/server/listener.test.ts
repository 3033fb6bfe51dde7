import { afterEach, describe, expect, test } from 'vitest';
import type { Peer } from '../../src/http/exchange.ts';
import { Reply } from '../../src/http/reply.ts';
import { Listener } from '../../src/server/listener.ts';
import { get } from '../support/connections.ts';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;

afterEach(() => rig.close());

async function peerOn(http_addr: string, trusted_proxies: string[] = []): Promise<Peer> {
  let peer: Peer | undefined;
  const handler = (exchange: { peer: Peer }) => {
    ({ peer } = exchange);
    return new Reply(204);
  };
  rig = await ServerRig.open({ server: { http_addr, trusted_proxies } }, { handler });
  const port = rig.server.addresses[0]?.split(':').at(-1);
  if (http_addr.startsWith('[::]')) rig.server.addresses[0] = `127.0.0.1:${port}`;
  if (http_addr.startsWith('[::1]')) rig.server.addresses[0] = `::1:${port}`;
  expect((await rig.ask(get('/'))).status).toBe(204);
  return peer as unknown as Peer;
}

describe('A client', () => {
  test('is known by its address and port, and trusted by nobody', async () => {
    expect(await peerOn('127.0.0.1:0')).toEqual({ address: '127.0.0.1', port: expect.any(Number), trusted: false });
  });

  test.each([
    [['127.0.0.1/32'], true],
    [['10.0.0.0/8', '127.0.0.0/8'], true],
    [['127.0.0.2/32'], false],
    [['::1/128'], false],
  ])('is trusted when it comes from %j: %s', async (trusted_proxies, trusted) => {
    expect((await peerOn('127.0.0.1:0', trusted_proxies)).trusted).toBe(trusted);
  });

  test('by IPv4 on a socket for both kinds has the address of its kind', async () => {
    expect(await peerOn('[::]:0', ['127.0.0.0/8'])).toMatchObject({ address: '127.0.0.1', trusted: true });
  });

  test.each([
    [['::1/128'], true],
    [['127.0.0.0/8'], false],
  ])('by IPv6 is trusted when it comes from %j: %s', async (trusted_proxies, trusted) => {
    expect(await peerOn('[::1]:0', trusted_proxies)).toMatchObject({ address: '::1', trusted });
  });
});

test('an address is told with the port that was found', async () => {
  rig = await ServerRig.open({ server: { http_addr: ['127.0.0.1:0', '[::1]:0'] } });
  expect(rig.server.addresses).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:[1-9]\d+$/),
    expect.stringMatching(/^\[::1\]:[1-9]\d+$/),
  ]);
});

test('an address that cannot be had is for the caller alone: no connection has failed', async () => {
  rig = await ServerRig.open();
  const port = Number(rig.server.addresses[0]?.split(':')[1]);
  const failures: Error[] = [];
  const second = new Listener(
    () => {},
    (error) => failures.push(error),
  );
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(failures).toEqual([]);
});
