import { expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { UndiciTransport } from '../../src/upstream/undici-transport.ts';
import { dialing, soon, turns } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RawServer } from '../support/raw-server.ts';
import { transportContract } from './transport.contract.ts';

const LIMITS = { maxConnections: 0, maxIdle: 4, idleTimeout: 30_000, queue: 10, queueTimeout: 1000 };

transportContract('undici', (options, authority) => ({
  transport: new UndiciTransport(authority, options, LIMITS),
  // undici keeps time by itself, in whole seconds or so; the test waits for what it says.
  elapse: async () => {},
}));

test('beyond its connections requests wait inside undici, and one that is called off there is never sent', async () => {
  const server = await RawServer.open();
  const transport = new UndiciTransport(server.address, dialing(server.port), { ...LIMITS, maxConnections: 1 });
  const first = transport.send(exchangeOf({ target: '/1' }));
  const peer = await server.next();
  await peer.until('/1');
  const body = new ManualSource();
  const waiting = exchangeOf({ method: 'POST', target: '/2', body });
  const second = transport.send(waiting);
  const third = transport.send(exchangeOf({ target: '/3' }));
  await turns();
  waiting.cancel(new GatewayError('route_timeout'));
  await expect(second).rejects.toMatchObject({ code: 'route_timeout' });
  expect(body.cancelled).toBe(true);
  peer.send('HTTP/1.1 204 No Content\r\n\r\n');
  expect((await first).status).toBe(204);
  // Taking the one that was called off off its list may cost undici its connection.
  await soon(() => server.peers.some((one) => one.text.includes('/3')));
  const last = server.peers.find((one) => one.text.includes('/3'));
  last?.send('HTTP/1.1 204 No Content\r\n\r\n');
  expect((await third).status).toBe(204);
  expect(server.peers.some((one) => one.text.includes('/2'))).toBe(false);
  waiting.cancel(new GatewayError('route_timeout'));
  transport.close();
  await server.close();
});

test('it is undici that sends: a request names fields in its own order', async () => {
  const server = await RawServer.open();
  const transport = new UndiciTransport(server.address, dialing(server.port), LIMITS);
  const reply = transport.send(exchangeOf());
  const peer = await server.next();
  await peer.until('\r\n\r\n');
  expect(peer.text).toBe(`GET / HTTP/1.1\r\nhost: ${server.address}\r\nconnection: keep-alive\r\n\r\n`);
  peer.send('HTTP/1.1 204 No Content\r\n\r\n');
  expect((await reply).status).toBe(204);
  transport.close();
  await server.close();
});

test('a certificate that cannot be verified is a connection that did not come about', async () => {
  const server = await RawServer.open({});
  const tls = { servername: 'elsewhere.example' };
  const transport = new UndiciTransport(server.address, { ...dialing(server.port), tls }, LIMITS);
  await expect(transport.send(exchangeOf())).rejects.toMatchObject({ code: 'upstream_connect' });
  transport.close();
  await server.close();
});
