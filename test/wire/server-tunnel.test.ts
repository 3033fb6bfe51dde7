import { describe, expect, test } from 'vitest';
import { ServerTunnel } from '../../src/wire/server-tunnel.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

class EndableSocket extends FakeSocket {
  ended = false;

  end(): void {
    this.ended = true;
  }
}

function setUp() {
  const socket = new EndableSocket();
  const fromUpstream = new ManualSource();
  const toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined as (() => void) | undefined });
  const over: (Error | undefined)[] = [];
  const tunnel = new ServerTunnel(socket.socket, { fromUpstream, toUpstream }, (error) => void over.push(error));
  return { socket, fromUpstream, toUpstream, over, tunnel };
}

describe('A tunnel', () => {
  test('carries bytes both ways, and first those that the client sent early', () => {
    const { socket, fromUpstream, toUpstream, tunnel } = setUp();
    tunnel.start(Buffer.from('early'));
    tunnel.fromClient(Buffer.from('late'));
    expect(toUpstream.chunks).toEqual(['early', 'late']);
    expect(fromUpstream.send('back')).toBe(true);
    expect(socket.writes).toEqual(['back']);
  });

  test('stops a client whose upstream is slow, until it has room', () => {
    const { socket, toUpstream, tunnel } = setUp();
    tunnel.start(undefined);
    toUpstream.open = false;
    tunnel.fromClient(Buffer.from('x'));
    expect(socket.paused).toBe(true);
    toUpstream.onDrain?.();
    expect(socket.paused).toBe(false);
  });

  test('keeps a client stopped whose early bytes filled a slow upstream', () => {
    const { socket, toUpstream, tunnel } = setUp();
    toUpstream.open = false;
    tunnel.start(Buffer.from('early'));
    expect(socket.paused).toBe(true);
  });

  test('lets a client go on that was stopped before', () => {
    const { socket, tunnel } = setUp();
    socket.pause();
    tunnel.start(undefined);
    expect(socket.paused).toBe(false);
  });

  test('stops an upstream whose client is slow, until it has room', () => {
    const { socket, fromUpstream, tunnel } = setUp();
    tunnel.start(undefined);
    socket.writableLength = 1;
    expect(fromUpstream.send('x')).toBe(false);
    tunnel.clientDrained();
    expect(fromUpstream.asked).toEqual(['pipe', 'resume']);
  });
});

describe('The end of a tunnel', () => {
  test('comes when both have ended, the client first', () => {
    const { socket, fromUpstream, toUpstream, over, tunnel } = setUp();
    tunnel.start(undefined);
    tunnel.clientEnd();
    expect([toUpstream.ends, over, socket.ended]).toEqual([['end'], [], false]);
    fromUpstream.send('still');
    fromUpstream.end();
    expect([socket.text, socket.ended, over]).toEqual(['still', true, [undefined]]);
  });

  test('comes when both have ended, the upstream first', () => {
    const { socket, fromUpstream, toUpstream, over, tunnel } = setUp();
    tunnel.start(undefined);
    fromUpstream.end();
    expect([socket.ended, over]).toEqual([true, []]);
    tunnel.fromClient(Buffer.from('still'));
    tunnel.clientEnd();
    expect([toUpstream.text, toUpstream.ends, over]).toEqual(['still', ['end'], [undefined]]);
  });

  test('comes with the error of an upstream that breaks', () => {
    const { fromUpstream, over, tunnel } = setUp();
    const error = new Error('broken');
    tunnel.start(undefined);
    fromUpstream.fail(error);
    expect(over).toEqual([error]);
  });

  test('was told to the upstream already when the client had ended before it went', () => {
    const { fromUpstream, toUpstream, tunnel } = setUp();
    tunnel.start(undefined);
    tunnel.clientEnd();
    tunnel.clientGone(new Error('gone'));
    expect([fromUpstream.cancelled, toUpstream.ends]).toEqual([true, ['end']]);
  });

  test('is told to the upstream when the client is gone', () => {
    const { fromUpstream, toUpstream, tunnel } = setUp();
    tunnel.start(undefined);
    tunnel.clientGone(new Error('gone'));
    expect([fromUpstream.cancelled, toUpstream.ends]).toEqual([true, ['gone']]);
  });
});
