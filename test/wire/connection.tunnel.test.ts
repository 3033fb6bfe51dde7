import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import { Reply } from '../../src/http/reply.ts';
import { turns } from '../support/channels.ts';
import { ConnectionRig, get } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let rig: ConnectionRig;
let fromUpstream: ManualSource;
let toUpstream: RecordingSink & { onDrain: (() => void) | undefined };

beforeEach(async () => {
  rig = await ConnectionRig.open();
  fromUpstream = new ManualSource();
  toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined });
  rig.onServe = (exchange, connection) => connection.reply(exchange, switching());
});
afterEach(() => rig.close());

const switching = () => new Reply(101, Headers.from([['Upgrade', 'x']]), { fromUpstream, toUpstream });
const ask = get('/', 'Connection: upgrade', 'Upgrade: x');

async function open(early = '') {
  const client = await rig.connect(ask + early);
  await client.until('101 Switching Protocols');
  await client.until('Connection: upgrade\r\nUpgrade: x\r\n\r\n');
  return client;
}

describe('A tunnel', () => {
  test('carries what the client sends, early or late, and what the upstream sends', async () => {
    const client = await open('early');
    await toUpstream.until(() => toUpstream.text === 'early');
    client.send(' late');
    await toUpstream.until(() => toUpstream.text === 'early late');
    fromUpstream.send('back');
    await client.until('back');
    expect(rig.outcomes).toEqual([]);
  });

  test('is silent for as long as it likes', async () => {
    const client = await open();
    rig.clock.advance(10_000_000);
    client.send('still');
    await toUpstream.until(() => toUpstream.text === 'still');
  });

  test('stops an upstream whose client does not read, and lets it go on', async () => {
    const client = await open();
    client.socket.pause();
    let sent = 0;
    for (let full = 0; full < 10; ) {
      full = fromUpstream.send('x'.repeat(1_000_000)) ? 0 : full + 1;
      sent += 1_000_000;
      await turns(2);
    }
    const before = fromUpstream.resumes;
    client.socket.resume();
    await client.until(() => client.size > sent);
    await turns();
    expect(fromUpstream.resumes).toBe(before + 1);
  });

  test('stops a client whose upstream does not read, and lets it go on', async () => {
    const client = await open();
    toUpstream.open = false;
    client.send('a');
    await toUpstream.until(() => toUpstream.text === 'a');
    client.send('b');
    await turns();
    expect(toUpstream.text).toBe('a');
    toUpstream.open = true;
    toUpstream.onDrain?.();
    await toUpstream.until(() => toUpstream.text === 'ab');
  });

  test('ends when both have ended, the client first', async () => {
    const client = await open();
    client.socket.end();
    await toUpstream.ended();
    fromUpstream.send('still');
    fromUpstream.end();
    await client.gone();
    expect([toUpstream.ends, client.left, client.text.endsWith('still')]).toEqual([['end'], 'ended', true]);
    expect(await rig.outcome()).toEqual({ status: 101, error: undefined });
    await rig.closedAll();
  });

  test('ends when both have ended, the upstream first', async () => {
    const client = await open();
    fromUpstream.end();
    await client.gone();
    client.send('still');
    await toUpstream.until(() => toUpstream.text === 'still');
    client.socket.end();
    await toUpstream.ended();
    expect(await rig.outcome()).toEqual({ status: 101, error: undefined });
    await rig.closedAll();
  });

  test('passes on the end of a client that came before it was open', async () => {
    rig.onServe = () => {};
    const client = await rig.connect(ask);
    const exchange = await rig.exchange();
    client.socket.end();
    await turns();
    rig.connections[0]?.reply(exchange, switching());
    expect(toUpstream.ends).toEqual(['end']);
    fromUpstream.send('reply');
    fromUpstream.end();
    await client.gone();
    expect([client.left, client.text.endsWith('reply')]).toEqual(['ended', true]);
    expect(await rig.outcome()).toEqual({ status: 101, error: undefined });
  });

  test('is cut when the upstream breaks', async () => {
    const client = await open();
    fromUpstream.fail(new Error('broken'));
    await client.gone();
    expect(client.left).toBe('reset');
    expect(await rig.outcome()).toMatchObject({ status: 101, error: { code: 'upstream_reset' } });
  });

  test('is over for the upstream when the client breaks', async () => {
    const client = await open();
    client.socket.resetAndDestroy();
    expect(await rig.outcome()).toMatchObject({ status: 101, error: { code: 'client_gone' } });
    expect([fromUpstream.cancelled, toUpstream.ends]).toEqual([true, ['The client went away']]);
  });

  test('outlives a drain until it is cut', async () => {
    const client = await open();
    rig.connections[0]?.drain();
    client.send('still');
    await toUpstream.until(() => toUpstream.text === 'still');
    rig.connections[0]?.destroy();
    await client.gone();
    expect(fromUpstream.cancelled).toBe(true);
  });
});
