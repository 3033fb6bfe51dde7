import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange, Peer } from '../../src/http/exchange.ts';
import { Reply } from '../../src/http/reply.ts';
import { soon } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { ServerRig } from '../support/servers.ts';
import { binary, IPV4 } from './proxy-headers.cases.ts';

let rig: ServerRig;
const seen: { peer: Peer; client: string }[] = [];

afterEach(() => {
  seen.length = 0;
  return rig.close();
});

async function open(server: object = {}, from = '127.0.0.0/8'): Promise<void> {
  const handler = ({ peer, clientAddress }: Exchange) => {
    seen.push({ peer, client: clientAddress });
    return new Reply(200, undefined, 'hello');
  };
  rig = await ServerRig.open({ server: { proxy_protocol: { from: [from] }, ...server } }, { handler });
}

const LINE = 'PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n';
const BINARY = binary(0x21, 0x11, IPV4).toString('latin1');
const SELF = { address: '127.0.0.1', port: expect.any(Number), trusted: false };

describe('A connection from a balancer', () => {
  test.each([
    ['version 1', LINE, { address: '192.0.2.1', port: 4711, trusted: false }],
    ['version 2', BINARY, { address: '192.0.2.1', port: 4711, trusted: false }],
    ['version 1 over IPv6', 'PROXY TCP6 2001:db8::1 ::1 4711 80\r\n', { address: '2001:db8::1', port: 4711, trusted: false }],
    ['version 1 of nobody it knows', 'PROXY UNKNOWN\r\n', SELF],
    ['version 2 of its own', binary(0x20, 0).toString('latin1'), SELF],
  ])('begins with a header of %s, which says whose it is', async (_, header, peer) => {
    await open();
    const client = rig.connect(header, get('/'));
    await client.endsWith('hello');
    client.send(get('/'));
    await soon(() => seen.length === 2);
    expect(seen).toEqual([0, 1].map(() => ({ peer, client: peer.address })));
  });

  test.each([
    ['version 1', LINE],
    ['version 2', BINARY],
  ])('may send its header of %s and the request in any pieces', async (_, header) => {
    await open();
    const client = rig.connect();
    for (const byte of header + get('/')) await client.sent(byte);
    await client.endsWith('hello');
    expect(seen[0]?.client).toBe('192.0.2.1');
  });

  test('is trusted as the address of its header is, not as its own', async () => {
    await open({ trusted_proxies: ['192.0.2.0/24'] });
    await rig.connect(LINE, get('/', 'X-Forwarded-For: 203.0.113.7')).endsWith('hello');
    expect(seen[0]).toEqual({ peer: { address: '192.0.2.1', port: 4711, trusted: true }, client: '203.0.113.7' });
    await open({ trusted_proxies: ['127.0.0.0/8'] });
    await rig.connect(LINE, get('/', 'X-Forwarded-For: 203.0.113.7')).endsWith('hello');
    expect(seen[1]).toEqual({ peer: { address: '192.0.2.1', port: 4711, trusted: false }, client: '192.0.2.1' });
  });

  test.each([
    ['version 1', LINE],
    ['version 2', BINARY],
  ])('says once whose it is: a second header, of %s, is a bad request', async (_, header) => {
    await open();
    const client = rig.connect(LINE, header, get('/'));
    await client.gone();
    expect([client.text.slice(9, 12), seen]).toEqual(['400', []]);
  });

  test.each([
    ['no header', get('/')],
    ['a broken one', 'PROXY TCP4 999.0.2.1 10.0.0.1 99999 80\r\n'],
    ['half a one, and leaves', LINE.slice(0, 20)],
  ])('that sends %s is closed without a word', async (what, bytes) => {
    await open();
    const client = rig.connect(bytes);
    await rig.open(1);
    if (what.endsWith('leaves')) client.socket.end();
    await client.gone();
    expect([client.text, seen, rig.metrics.notProxied.value]).toEqual(['', [], 1]);
    expect(rig.metrics.proxyProtocolErrors.value).toBe(what.endsWith('leaves') ? 0 : 1);
    await rig.open(0);
  });

  test('that sends none is closed when its time is over', async () => {
    await open();
    const [silent, slow, good] = [rig.connect(), rig.connect(LINE.slice(0, 20)), rig.connect(LINE, get('/'))];
    await good.endsWith('hello');
    await rig.open(3);
    rig.clock.advance(1900);
    expect(silent.left).toBe('open');
    rig.clock.advance(300);
    await Promise.all([silent.gone(), slow.gone()]);
    expect(rig.metrics.notProxied.value).toBe(2);
    good.send(get('/'));
    await good.until(/hello.*hello/s);
  });

  test('that leaves without a word is no fault', async () => {
    await open();
    const client = rig.connect();
    await rig.open(1);
    client.socket.end();
    await rig.open(0);
    expect([rig.metrics.notProxied.value, rig.log.entries]).toEqual([0, []]);
  });
});

test('faults are logged once a second at most', async () => {
  await open();
  const bad = async () => {
    const before = rig.metrics.notProxied.value;
    const client = rig.connect('GET / HTTP/1.1\r\n');
    await soon(() => rig.metrics.notProxied.value > before);
    client.socket.destroy();
  };
  await bad();
  await bad();
  const entry = { peer: '127.0.0.1', problem: 'no PROXY protocol header' };
  expect(rig.log.entries).toEqual([['warn', entry, 'a connection without a valid PROXY header was closed']]);
  rig.clock.advance(1000);
  await bad();
  expect(rig.log.entries).toHaveLength(2);
});

describe.each([
  ['version 1', LINE],
  ['version 2', BINARY],
])('A header of %s from anyone else', (_, header) => {
  test('is a bad request, and changes nobody’s address', async () => {
    await open({}, '10.0.0.0/8');
    const client = rig.connect(header, get('/'));
    await client.gone();
    expect([client.text.slice(9, 12), seen]).toEqual(['400', []]);
    await rig.connect(get('/')).endsWith('hello');
    expect(seen[0]?.client).toBe('127.0.0.1');
  });
});

describe('A drain', () => {
  test('waits for those that have not said who they are, and closes them soon after', async () => {
    await open();
    const [silent, half] = [rig.connect(), rig.connect(LINE.slice(0, 20))];
    await rig.open(2);
    let clean: boolean | undefined;
    void rig.server.drain().then((done) => {
      clean = done;
    });
    half.send(LINE.slice(20), get('/'));
    await half.until(/\r\nConnection: close\r\n.*hello$/s);
    rig.clock.advance(2200);
    await Promise.all([silent.gone(), half.gone()]);
    half.socket.end();
    await soon(() => clean !== undefined);
    expect(clean).toBe(true);
  });

  test('without time closes them at once', async () => {
    await open({ timeouts: { drain: '0s' } });
    const silent = rig.connect();
    await rig.open(1);
    const drained = rig.server.drain();
    rig.clock.advance(0);
    expect(await drained).toBe(false);
    await silent.gone();
    expect([rig.server.open, rig.compiled.tools.wheel.size]).toEqual([0, 0]);
  });
});
