import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { RawPeer } from './support/raw-peer.ts';
import { RawServer } from './support/raw-server.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let gateway: RunningGateway;
let first: RawServer;
let second: RawServer;
let client: RawPeer;

beforeEach(async () => {
  [first, second] = [await RawServer.open(), await RawServer.open()];
  const upstreams = [{ address: first.address }, { address: second.address, backup: true }];
  gateway = await startGateway({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'error' },
    load_balancing: { backends: { users: { upstreams } } },
    routes: [
      {
        id: 'all',
        path: '/**',
        backend: 'users',
        timeout: '5s',
        retry: { max_retries: 2, backoff: { base: '20ms' } },
        upgrades: ['chat'],
      },
    ],
  });
  const [host = '', port] = gateway.address.split(':');
  client = new RawPeer(connect(Number(port), host));
});

afterEach(async () => {
  client.socket.destroy();
  await gateway.close();
  await Promise.all([first.close(), second.close()]);
});

const upload = (length: number) => `PUT /it HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const bodyOf = (peer: RawPeer) => peer.text.slice(peer.text.indexOf('\r\n\r\n') + 4);

describe('An upload that the upstream breaks off', () => {
  test.each([
    ['a small reply', 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'],
    ['a reply without a body', 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'],
    ['the beginning of a large reply', `HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`],
    ['a chunked reply', 'HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n'],
    ['nothing at all', ''],
  ])('with %s goes to another, whole, and the first connection is left', async (_what, early) => {
    client.send(upload(10), '01234');
    const one = await first.next();
    await one.until('01234');
    if (early === '') one.socket.resetAndDestroy();
    else one.send(early);
    const other = await second.next();
    await other.until('01234');
    client.send('56789');
    await other.until('0123456789');
    other.send(OK);
    await client.until('ok');
    expect([client.text.slice(9, 12), bodyOf(other), bodyOf(one)]).toEqual(['200', '0123456789', '01234']);
    await one.gone();
  });

  test('with a reply that is the answer, when it was a POST', async () => {
    client.send(upload(10).replace('PUT', 'POST'), '01234');
    const one = await first.next();
    await one.until('01234');
    one.send('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy');
    await client.until('busy');
    expect([client.text.slice(9, 12), second.peers.length]).toEqual(['503', 0]);
  });
});

describe('A client that leaves', () => {
  test('during a try takes it with it, and nobody else is asked', async () => {
    client.send('GET /it HTTP/1.1\r\nHost: a\r\n\r\n');
    const one = await first.next();
    await one.until('/it');
    client.socket.resetAndDestroy();
    await one.gone();
    expect([first.peers.length, second.peers.length]).toEqual([1, 0]);
  });
});

describe('A request for another protocol', () => {
  test('becomes a tunnel through a route with retries', async () => {
    client.send('GET /it HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n');
    const one = await first.next();
    await one.until('\r\n\r\n');
    one.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nhello');
    await client.until('hello');
    client.send('and back');
    await one.until('and back');
    one.socket.end();
    await client.gone();
  });
});
