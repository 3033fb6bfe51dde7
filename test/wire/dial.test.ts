import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DialOptions, dial } from '../../src/wire/dial.ts';
import { dialing, soon, turns } from '../support/channels.ts';
import { RawServer } from '../support/raw-server.ts';

let server: RawServer;
let socket: Socket | undefined;

beforeEach(async () => {
  server = await RawServer.open();
});
afterEach(async () => {
  socket?.destroy();
  await server.close();
});

function open(options: Partial<DialOptions> = {}) {
  const memory = Buffer.alloc(8);
  const read: string[] = [];
  let more = true;
  const reader = {
    next: () => memory,
    read: (length: number) => {
      read.push(memory.toString('latin1', 0, length));
      return more;
    },
  };
  const connected = new Promise<void>((resolve) => {
    socket = dial(dialing(server.port, options), reader, resolve);
  });
  return { read, connected, stop: () => (more = false), socket: socket as unknown as Socket };
}

describe('A connection', () => {
  test('reads into the memory it is given, and stops when it is told to', async () => {
    const { read, connected, stop, socket } = open();
    await connected;
    const peer = await server.next();
    stop();
    peer.send('0123456789');
    await soon(() => read.length !== 0);
    await turns();
    expect(read).toEqual(['01234567']);
    socket.resume();
    await soon(() => read.length !== 1);
    expect(read.join('')).toBe('0123456789');
  });

  test('goes where it is told that the name leads', async () => {
    const asked: string[] = [];
    const { connected } = open({
      host: 'users.internal',
      lookup: (host, { all }, callback) => {
        asked.push(host);
        if (all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
        else callback(null, '127.0.0.1', 4);
      },
    });
    await connected;
    await server.next();
    expect(asked).toEqual(['users.internal']);
  });

  test.each([
    [{ idle: 1000 }, [true, 1000, undefined, undefined]],
    [{ idle: 1000, interval: 2000, count: 3 }, [true, 1000, 2000, 3]],
  ])('is probed as %j says', async (keepAlive, args) => {
    const { connected, socket } = open({ keepAlive });
    const set = vi.spyOn(socket, 'setKeepAlive');
    await connected;
    await turns(2);
    expect(set.mock.calls).toEqual([args]);
  });

  test('is not probed unless that is asked for', async () => {
    const { connected, socket } = open();
    const set = vi.spyOn(socket, 'setKeepAlive');
    await connected;
    await turns(2);
    expect(set).not.toHaveBeenCalled();
  });
});
