import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Transport } from '../../src/upstream/transport.ts';
import { UndiciTransport } from '../../src/upstream/undici-transport.ts';
import { WireTransport } from '../../src/upstream/wire-transport.ts';
import { arrived } from '../support/arrived.ts';
import { bodyOf, dialing, toolsOf } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { NamesRig } from '../support/names.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { RawServer } from '../support/raw-server.ts';

const LIMITS = { maxConnections: 0, maxIdle: 4, idleTimeout: 30_000, queue: 10, queueTimeout: 1000 };
const tools = toolsOf();
let rig: NamesRig;
let servers: RawServer[];

/** Answers each request with the name of the server. */
function serve(server: RawServer, name: string): void {
  server.onPeer = (peer: RawPeer) =>
    peer.socket.on('data', (bytes: Buffer) => {
      if (String(bytes).startsWith('GET /')) peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);
    });
}

beforeEach(async () => {
  rig = new NamesRig();
  const old = await RawServer.open();
  servers = [old, await RawServer.open(undefined, '127.0.0.2', old.port)];
  for (const [at, server] of servers.entries()) serve(server, ['old', 'new'][at] as string);
});
afterEach(async () => {
  rig.names.close();
  for (const server of servers) await server.close();
});

describe.each(['wire', 'undici'])('Over %s, requests to a name', (engine) => {
  let transport: Transport;

  beforeEach(() => {
    const port = servers[0]?.port ?? 0;
    const options = dialing(port, { host: 'users.internal', lookup: rig.names.lookup });
    const authority = `users.internal:${port}`;
    transport =
      engine === 'wire' ? new WireTransport(authority, options, tools, LIMITS) : new UndiciTransport(authority, options, LIMITS);
    rig.answers.set('users.internal', ['127.0.0.1']);
    rig.names.watch('users.internal', (addresses) => transport.retire(new Set(addresses)));
  });
  afterEach(() => transport.close());

  async function ask(): Promise<string> {
    return bodyOf(await transport.send(exchangeOf({ target: '/', headers: arrived('Host: a') })));
  }

  test('go to its new address after it has moved, also while connections to the old one are open', async () => {
    expect([await ask(), await ask()]).toEqual(['old', 'old']);
    rig.answers.set('users.internal', ['127.0.0.2']);
    expect(await ask()).toBe('old');
    await rig.pass();
    expect([await ask(), await ask()]).toEqual(['new', 'new']);
    for (const peer of servers[0]?.peers ?? []) await peer.gone();
  });

  test('go where they went while the resolver fails', async () => {
    expect(await ask()).toBe('old');
    rig.answers.set('users.internal', new Error('no name server'));
    await rig.pass(5);
    expect([await ask(), servers[0]?.peers.length]).toEqual(['old', 1]);
    expect(rig.problems).toEqual(['users.internal: no name server']);
  });

  test('that are on their way when it moves get their answers', async () => {
    const server = servers[0] as RawServer;
    server.onPeer = undefined;
    const reply = ask();
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    rig.answers.set('users.internal', ['127.0.0.2']);
    await rig.pass();
    expect(await ask()).toBe('new');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate');
    expect(await reply).toBe('late');
    await peer.gone();
  });
});
