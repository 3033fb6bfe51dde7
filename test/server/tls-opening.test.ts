import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/http/exchange.ts';
import { Reply } from '../../src/http/reply.ts';
import { soon, turns } from '../support/channels.ts';
import { helloOf } from '../support/client-hellos.ts';
import { get, LATE } from '../support/connections.ts';
import { BELIEVING, shownTo, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig;

afterEach(() => tls.close());

/** The first bytes of a client: a record of 512 bytes is announced. */
const BEGUN = '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03';
const HELLO = (await helloOf({ servername: 'a.example' })).toString('latin1');
/** Where a client may stop: in the first message, or when it has been answered. */
const STOPS = [
  ['its first message', BEGUN],
  ['its handshake', HELLO],
] as const;
const outcomes = () => tls.series('gateway_tls_handshakes_total');
const problems = () => tls.rig.log.entries.map(([, fields]) => (fields as { problem: string }).problem);

describe('A connection to a port that speaks TLS', () => {
  test('that speaks HTTP in the clear is told why it comes to nothing', async () => {
    tls = await TlsRig.open();
    const client = tls.rig.connectPlainly(get('/secret'));
    await client.gone();
    expect(client.text).toMatch(/^HTTP\/1\.1 400 .*"detail":"this port speaks TLS alone","code":"bad_request"/s);
    expect(client.text).not.toContain('hello');
    client.socket.end();
    await tls.rig.open(0);
    expect([outcomes(), problems()]).toEqual([expect.arrayContaining(['1 failed']), ['it was no TLS']]);
  });

  test.each([
    ['zeros', '\0\0\0\0'],
    ['an alert', '\x15\x03\x01\0\x02\x02\x46'],
    ['SSL 2', '\x80\x2e\x01\0\x02'],
    ['a PROXY header of version 2', '\r\n\r\n\0\r\nQUIT\n'],
    ['lower-case words', 'hello\r\n'],
  ])('that says %s is closed without a word', async (_, bytes) => {
    tls = await TlsRig.open();
    const client = tls.rig.connectPlainly(bytes);
    await client.gone();
    expect(client.text).toBe('');
    await tls.rig.open(0);
    expect(outcomes()).toContain('1 failed');
  });

  test('whose record is broken gets an alert', async () => {
    tls = await TlsRig.open();
    const client = tls.rig.connectPlainly('\x16\x03\x01\0\x05\x01\0\0\x01\0');
    await client.gone();
    expect(client.text.charCodeAt(0)).toBe(21);
    await tls.rig.open(0);
    expect(outcomes()).toContain('1 failed');
  });

  test('may say who it is in pieces', async () => {
    tls = await TlsRig.open();
    const raw = tls.rig.connectPlainly();
    const relay = new Duplex({
      read() {},
      write(bytes: Buffer, _, done) {
        void (async () => {
          for (let at = 0; at < bytes.length; at += 50) {
            raw.socket.write(bytes.subarray(at, at + 50));
            await turns(1);
          }
          done();
        })();
      },
    });
    raw.socket.on('data', (bytes: Buffer) => relay.push(bytes));
    const client = tls.connect({ ...BELIEVING, socket: relay }, get('/'));
    await client.endsWith('hello');
    expect(shownTo(client)).toBe('a.example');
  });

  test('that says nothing and leaves is no failure: balancers look so', async () => {
    tls = await TlsRig.open();
    const client = tls.rig.connectPlainly();
    await tls.rig.open(1);
    client.socket.end();
    await tls.rig.open(0);
    expect([outcomes().sort(), problems()]).toEqual([['0 failed', '0 ok 1.2', '0 ok 1.3', '0 timeout'], []]);
  });

  test('that says nothing is closed in time, and no failure either', async () => {
    tls = await TlsRig.open({ tls: { handshake_timeout: '3s' } });
    const client = tls.rig.connectPlainly();
    await tls.rig.open(1);
    tls.rig.clock.advance(2900);
    expect(client.left).toBe('open');
    tls.rig.clock.advance(100 + LATE);
    await client.gone();
    expect([tls.rig.server.open, outcomes().includes('0 timeout')]).toEqual([0, true]);
  });

  test.each(STOPS)('that never comes to the end of %s is closed in time, however it drips', async (_, bytes) => {
    tls = await TlsRig.open({ tls: { handshake_timeout: '3s' } });
    const client = tls.rig.connectPlainly(bytes);
    await tls.rig.open(1);
    for (let second = 0; second < 2; second++) {
      await turns(5);
      tls.rig.clock.advance(1000);
      client.send('\x14');
    }
    expect(client.left).toBe('open');
    await turns();
    tls.rig.clock.advance(1000 + LATE);
    await client.gone();
    await tls.rig.open(0);
    expect([outcomes().includes('1 timeout'), outcomes().includes('0 failed'), problems()]).toEqual([
      true,
      true,
      ['not done in time'],
    ]);
  });

  test.each(STOPS.flatMap(([where, bytes]) => (['end', 'resetAndDestroy'] as const).map((how) => [where, how, bytes] as const)))(
    'that leaves in the middle of %s by %s is forgotten',
    async (_, how, bytes) => {
      tls = await TlsRig.open();
      const client = tls.rig.connectPlainly(bytes);
      await tls.rig.open(1);
      await turns();
      client.socket[how]();
      await tls.rig.open(0);
      await soon(() => tls.rig.compiled.tools.wheel.size === 0);
      expect([outcomes().includes('0 failed'), problems()]).toEqual([true, []]);
    },
  );

  test('counts before it is secured, and does not give way', async () => {
    tls = await TlsRig.open({ server: { max_connections: 2 } });
    tls.rig.connectPlainly(HELLO);
    tls.rig.connectPlainly();
    await tls.rig.open(2);
    await turns();
    const third = tls.connect();
    await third.gone();
    expect([tls.rig.metrics.overLimit.value, tls.rig.server.open]).toEqual([1, 2]);
  });

  test('is cut when the server closes', async () => {
    tls = await TlsRig.open();
    const clients = [HELLO, BEGUN, ''].map((bytes) => tls.rig.connectPlainly(bytes));
    await tls.rig.open(3);
    await turns();
    tls.rig.server.close();
    for (const client of clients) await client.gone();
    expect(tls.rig.server.open).toBe(0);
  });

  test.each(STOPS)('that stands still in %s has a moment left when the server drains', async (_, bytes) => {
    tls = await TlsRig.open();
    const stuck = tls.rig.connectPlainly(bytes);
    await tls.rig.open(1);
    await turns();
    const drained = tls.rig.server.drain();
    tls.rig.clock.advance(1000 + LATE);
    await stuck.gone();
    expect(await drained).toBe(true);
  });
});

describe('Behind a PROXY header', () => {
  const source = 'PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\n';
  const behind = { proxy_protocol: { from: ['127.0.0.1'] } };
  const peers: unknown[] = [];
  const handler = ({ peer }: Exchange) => {
    peers.push([peer.address, peer.port]);
    return new Reply(200, undefined, 'hello');
  };

  test('TLS is spoken with the one whom it names', async () => {
    tls = await TlsRig.open({ server: behind }, { handler });
    const raw = tls.rig.connectPlainly(source);
    const client = tls.connect({ ...BELIEVING, socket: raw.socket }, get('/'));
    await client.endsWith('hello');
    expect(peers).toEqual([['192.0.2.7', 4711]]);
  });

  test('a handshake may begin in the same packet', async () => {
    tls = await TlsRig.open({ server: behind });
    const client = tls.rig.connectPlainly(`${source}\x16\x03\x01\0\x05\x01\0\0\x01\0`);
    await client.gone();
    expect([client.text.charCodeAt(0), outcomes().includes('1 failed')]).toEqual([21, true]);
  });

  test('there may be none at all', async () => {
    tls = await TlsRig.open({ server: behind });
    const client = tls.connect();
    await client.gone();
    expect(tls.rig.metrics.notProxied.value).toBe(1);
  });

  test('one that comes while the server drains has a moment left', async () => {
    tls = await TlsRig.open({ server: behind });
    const client = tls.rig.connectPlainly('PROXY ');
    await tls.rig.open(1);
    const drained = tls.rig.server.drain();
    client.send(source.slice('PROXY '.length), HELLO);
    await turns();
    tls.rig.clock.advance(1000 + LATE);
    await client.gone();
    expect(await drained).toBe(true);
  });
});
