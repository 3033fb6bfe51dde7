import { connect as connectPlain, createServer as createPlain, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { cutOff } from '../../src/wire/lingering.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../config/certificate.ts';
import { RawPeer } from '../support/raw-peer.ts';

let server: Server;

afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

/** Both ends of a connection on which half a reply has been written. */
async function halfway(secure: boolean): Promise<{ socket: Socket; client: RawPeer }> {
  const accepted = new Promise<Socket>((resolve) => {
    server = secure ? createTls({ cert: CERTIFICATE, key: PRIVATE_KEY }, resolve) : createPlain(resolve);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const options = { port, host: '127.0.0.1' };
  const client = new RawPeer(
    secure ? connectTls({ ...options, ca: CERTIFICATE, servername: 'users.internal' }) : connectPlain(options),
  );
  const socket = await accepted;
  socket.write('half');
  await client.until('half');
  return { socket, client };
}

test('a plain socket with half a reply is reset', async () => {
  const { socket, client } = await halfway(false);
  cutOff(socket, true);
  await client.gone();
  expect([client.left, socket.destroyed]).toEqual(['reset', true]);
});

test('a TLS socket with half a reply is closed at once: node cannot reset one', async () => {
  const { socket, client } = await halfway(true);
  cutOff(socket, true);
  await client.gone();
  expect([client.text, socket.destroyed]).toEqual(['half', true]);
});

test('a socket that is closed already is left alone', async () => {
  const { socket, client } = await halfway(false);
  cutOff(socket, false);
  cutOff(socket, true);
  await client.gone();
  expect(client.left).toBe('ended');
});
