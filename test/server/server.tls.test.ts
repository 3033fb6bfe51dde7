import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/http/exchange.ts';
import { Headers } from '../../src/http/headers.ts';
import { Reply } from '../../src/http/reply.ts';
import { soon, turns } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { BELIEVING, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig;

afterEach(() => tls.close());

/** Takes a request's body, and tells when it is there. */
function taking() {
  const sinks: RecordingSink[] = [];
  const handler = ({ body }: Exchange) => {
    const sink = new RecordingSink();
    sinks.push(sink);
    body.pipe(sink);
    return sink.ended().then(() => new Reply(200, undefined, `${sink.error === undefined ? sink.size : sink.error}`));
  };
  return { sinks, handler };
}

describe('Over TLS', () => {
  test('a request is answered, by one who knows that it came so', async () => {
    const seen: Exchange[] = [];
    const handler = (exchange: Exchange) => {
      seen.push(exchange);
      return new Reply(200, undefined, 'hello');
    };
    tls = await TlsRig.open({}, { handler });
    const client = tls.connect(BELIEVING, get('/x'));
    await client.endsWith('hello');
    expect(seen[0]).toMatchObject({ scheme: 'https', target: '/x' });
    expect(seen[0]?.peer).toEqual({
      address: '127.0.0.1',
      port: client.socket.localPort,
      trusted: false,
      certificate: undefined,
    });
    expect([client.socket.authorized, client.socket.alpnProtocol]).toEqual([true, 'http/1.1']);
  });

  test('requests that come together are answered in turn, on a connection that stays', async () => {
    tls = await TlsRig.open({}, { handler: ({ target }) => new Reply(200, undefined, `(${target})`) });
    const client = tls.connect(BELIEVING, get('/1') + get('/2'), get('/3'));
    await client.until(/\(\/1\).*\(\/2\).*\(\/3\)/s);
    client.send(get('/4'));
    await client.endsWith('(/4)');
    expect([client.left, tls.rig.server.open]).toEqual(['open', 1]);
  });

  test.each(['Content-Length', 'chunked'])('a large body arrives, %s', async (framing) => {
    const { handler } = taking();
    tls = await TlsRig.open({}, { handler });
    const text = 'x'.repeat(3_000_000);
    const client = tls.connect();
    if (framing === 'chunked') {
      client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let at = 0; at < 30; at++) client.send(`${(100_000).toString(16)}\r\n${text.slice(0, 100_000)}\r\n`);
      client.send('0\r\n\r\n');
    } else client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
    await client.endsWith('3000000');
  });

  test('a body waits for who reads it, and goes on then', async () => {
    const sink = new RecordingSink();
    sink.open = false;
    let resume = () => {};
    const handler = ({ body }: Exchange) => {
      resume = () => body.resume();
      body.pipe(sink);
      return sink.ended().then(() => new Reply(200, undefined, String(sink.size)));
    };
    tls = await TlsRig.open({}, { handler });
    const size = 8_000_000;
    const client = tls.connect(BELIEVING, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`, 'x'.repeat(size));
    await sink.until(() => sink.size > 0);
    await turns(30);
    expect(sink.size).toBeLessThan(1_000_000);
    sink.open = true;
    resume();
    await client.endsWith(String(size));
  });

  test('a reply waits for a client that does not read, and ends when it never does', async () => {
    const source = new ManualSource();
    tls = await TlsRig.open({}, { handler: () => new Reply(200, undefined, source) });
    const client = tls.connect(BELIEVING, get('/'));
    await client.until('200');
    client.socket.pause();
    while (source.send('y'.repeat(65_536))) await turns(1);
    const resumes = source.resumes;
    client.socket.resume();
    await soon(() => source.resumes > resumes);
    client.socket.pause();
    for (let at = 0; at < 400; at++) source.send('y'.repeat(65_536));
    tls.rig.clock.advance(61_000);
    await soon(() => source.cancelled && tls.rig.server.open === 0);
  });

  test('a client is asked for the body that it holds back', async () => {
    const { handler } = taking();
    tls = await TlsRig.open({}, { handler });
    const client = tls.connect(BELIEVING, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hi');
    await client.endsWith('2');
  });

  test.each(['TLSv1.3', 'TLSv1.2'] as const)('a client of %s that has closed its half gets its answer', async (maxVersion) => {
    const answers: ((reply: Reply) => void)[] = [];
    tls = await TlsRig.open({}, { handler: () => new Promise<Reply>((resolve) => void answers.push(resolve)) });
    const client = tls.connect({ ...BELIEVING, maxVersion }, get('/'));
    client.socket.end();
    await soon(() => answers.length === 1);
    await turns();
    answers[0]?.(new Reply(200, undefined, 'late'));
    await client.endsWith('late');
    await client.gone();
    await tls.rig.open(0);
  });

  test('a client that leaves in the middle of its body is noticed', async () => {
    const { sinks, handler } = taking();
    tls = await TlsRig.open({}, { handler });
    const client = tls.connect(BELIEVING, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi');
    await soon(() => sinks[0]?.size === 2);
    client.socket.destroy();
    await soon(() => sinks[0]?.error !== undefined);
    await tls.rig.open(0);
  });

  test('a reply that breaks off does not look whole, and TLS does not say that it is', async () => {
    const source = new ManualSource();
    tls = await TlsRig.open({}, { handler: () => new Reply(200, undefined, source) });
    const client = tls.connect(BELIEVING, get('/'));
    await soon(() => source.sink !== undefined);
    source.send('half');
    await client.until('half');
    source.fail(new Error('gone'));
    await client.gone();
    expect(client.text.endsWith('4\r\nhalf\r\n')).toBe(true);
    await tls.rig.open(0);
  });

  test('a tunnel carries both ways, and each side closes its half', async () => {
    const fromUpstream = new ManualSource();
    const toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined });
    const headers = Headers.from([['Upgrade', 'x']]);
    tls = await TlsRig.open({}, { handler: () => new Reply(101, headers, { fromUpstream, toUpstream }) });
    const client = tls.connect(BELIEVING, get('/', 'Connection: upgrade', 'Upgrade: x'));
    await client.until('101');
    client.send('there');
    await toUpstream.until(() => toUpstream.text === 'there');
    fromUpstream.send('back');
    await client.endsWith('back');
    client.socket.end();
    await toUpstream.ended();
    fromUpstream.send('!');
    await client.endsWith('!');
    fromUpstream.end();
    await client.gone();
    await tls.rig.open(0);
  });

  test('a drain lets what goes on end, and closes what is idle', async () => {
    const answers: ((reply: Reply) => void)[] = [];
    tls = await TlsRig.open({}, { handler: () => new Promise<Reply>((resolve) => void answers.push(resolve)) });
    const [busy, idle] = [tls.connect(BELIEVING, get('/')), await tls.connected()];
    await soon(() => answers.length === 1 && tls.rig.server.open === 2);
    const drained = tls.rig.server.drain();
    tls.rig.clock.advance(1200);
    await idle.gone();
    idle.socket.end();
    answers[0]?.(new Reply(200, undefined, 'done'));
    await busy.endsWith('done');
    expect(busy.text).toContain('Connection: close');
    busy.socket.end();
    expect(await drained).toBe(true);
  });

  test('the idlest connection gives way, and where there is none a new one is closed without a word', async () => {
    tls = await TlsRig.open({ server: { max_connections: 1 } });
    const first = tls.connect(BELIEVING, get('/'));
    await first.endsWith('hello');
    const second = tls.connect(BELIEVING, get('/'));
    await second.endsWith('hello');
    await first.gone();
    second.send('GET / HT');
    await turns();
    const third = tls.rig.connectPlainly();
    await third.gone();
    expect([third.text, tls.rig.metrics.overLimit.value]).toEqual(['', 1]);
  });

  test('every address is listened on, the ones without TLS too', async () => {
    tls = await TlsRig.open({ server: { https_addr: ['127.0.0.1:0', '[::1]:0'] } });
    const { addresses, secureAddresses } = tls.rig.server;
    expect([addresses.length, secureAddresses.length]).toEqual([1, 2]);
    expect(await (await fetch(`http://${addresses[0]}/`)).text()).toBe('hello');
    const client = tls.connect({ ...BELIEVING, port: Number(secureAddresses[1]?.slice('[::1]:'.length)), host: '::1' }, get('/'));
    await client.endsWith('hello');
  });

  test('an h1 client with a session of before goes on with it', async () => {
    tls = await TlsRig.open();
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      const sessions: Buffer[] = [];
      const first = tls.connect({ ...BELIEVING, maxVersion });
      first.socket.on('session', (session: Buffer) => sessions.push(session));
      first.send(get('/'));
      await first.endsWith('hello');
      await soon(() => sessions.length > 0);
      const second = tls.connect({ ...BELIEVING, maxVersion, session: sessions.at(-1) }, get('/'));
      await second.endsWith('hello');
      expect((second.socket as TLSSocket).isSessionReused()).toBe(true);
    }
    expect(tls.series('gateway_tls_sessions_resumed_total')).toEqual(['2']);
  });
});
