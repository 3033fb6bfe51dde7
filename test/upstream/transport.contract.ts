import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { isSource, type Reply } from '../../src/http/reply.ts';
import { arrived } from '../support/arrived.ts';
import { bodyOf, soon, turns } from '../support/channels.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { OK, type OpenEngine, TransportRig } from '../support/transports.ts';
import { transportEndsContract } from './transport-ends.contract.ts';

/** What every engine behind the port promises. */
export function transportContract(name: string, open: OpenEngine): void {
  let rig: TransportRig;

  beforeEach(async () => {
    rig = await TransportRig.open(open);
  });
  afterEach(() => rig.close());

  describe(`${name}: a request`, () => {
    test('has the method, target and fields of the exchange', async () => {
      const headers = arrived('Host: a.example:8', 'X-A: b', 'x-a: c \xff', 'Accept: */*');
      const { peer } = await rig.ask({ method: 'DELETE', target: '/b?c=%20', headers });
      expect(peer.text).toMatch(/^DELETE \/b\?c=%20 HTTP\/1\.1\r\n/);
      expect(peer.text.toLowerCase().match(/\r\nhost: [^\r]*/g)).toEqual(['\r\nhost: a.example:8']);
      for (const line of ['X-A: b', 'x-a: c \xff', 'Accept: */*']) expect(peer.text).toContain(`\r\n${line}\r\n`);
    });

    test('names the endpoint when the exchange names no host', async () => {
      const { peer } = await rig.ask({ headers: arrived('X-A: b'), authority: '' });
      expect(peer.text.toLowerCase()).toContain(`\r\nhost: 127.0.0.1:${rig.server.port}\r\n`);
    });

    test.each([
      [5, 'Content-Length: 5', 'hello'],
      [-1, 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ])('of body length %d says %s', async (length, field, text) => {
      const body = new ManualSource(length);
      const fields = length < 0 ? [] : ['Content-Length: 5'];
      const { peer, reply } = await rig.upload(body, { headers: arrived('Host: a', ...fields) });
      body.end();
      await peer.until(text);
      expect(peer.text.toLowerCase().split(`\r\n${field.toLowerCase()}\r\n`)).toHaveLength(2);
      peer.send(OK);
      expect(await bodyOf(await reply)).toBe('ok');
    });

    test('whose body breaks off fails with its error, and the upstream does not take the part for the whole', async () => {
      const body = new ManualSource();
      const { peer, reply } = await rig.upload(body);
      body.fail(new GatewayError('client_gone'));
      await expect(reply).rejects.toMatchObject({ code: 'client_gone', name: 'GatewayError' });
      await peer.gone();
      expect(peer.text).not.toContain('0\r\n\r\n');
    });

    test('is sent as slowly as the upstream takes it', async () => {
      rig.server.onPeer = (peer) => peer.socket.pause();
      const body = new ManualSource();
      const { reply } = rig.start({ method: 'POST', body });
      const peer = await rig.server.next();
      let sent = 0;
      await soon(() => {
        const full = body.sink !== undefined && !body.send('x'.repeat(1_000_000));
        if (body.sink !== undefined) sent += 1_000_000;
        return full;
      });
      peer.socket.resume();
      await peer.until(() => peer.size > sent);
      await soon(() => body.resumes !== 0);
      expect(body.resumes).toBeGreaterThan(0);
      body.end();
      await peer.endsWith('0\r\n\r\n');
      peer.send(OK);
      expect(await bodyOf(await reply)).toBe('ok');
    });
  });

  describe(`${name}: a reply`, () => {
    test.each([
      ['of a known length', 'Content-Length: 3\r\n\r\nabc'],
      ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n'],
      ['of no bytes', 'Content-Length: 0\r\n\r\n'],
    ])('%s is whole, and its connection serves again', async (_, rest) => {
      const { peer, reply } = await rig.ask();
      peer.send(`HTTP/1.1 201 Created\r\nX-A: b\r\n${rest}`);
      const { status, headers, body } = await reply;
      expect([status, headers.get('x-a')]).toEqual([201, 'b']);
      expect(await bodyOf({ body } as Reply)).toBe(rest.includes('a') ? 'abc' : '');
      expect(await rig.askAgain(peer, '/again')).toBe('ok');
      expect(rig.server.peers).toHaveLength(1);
    });

    test.each([
      ['to HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'],
      ['of status 204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
      ['of status 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n'],
    ])('%s has no body, and the next request is served', async (_, method, text) => {
      const { peer, reply } = await rig.ask({ method });
      peer.send(text);
      const { body } = await reply;
      expect(body).toBeUndefined();
      const next = rig.start({ target: '/next' });
      // undici leaves its connection after a reply that announces a body which it has not.
      await soon(() => rig.server.peers.some((one) => one.text.includes('/next')));
      rig.server.peers.find((one) => one.text.includes('/next'))?.send(OK);
      expect(await bodyOf(await next.reply)).toBe('ok');
    });

    test('may end with its connection', async () => {
      const { peer, reply } = await rig.ask();
      peer.send('HTTP/1.1 200 OK\r\n\r\nabc');
      peer.socket.end();
      expect(await bodyOf(await reply)).toBe('abc');
    });

    test('has no fields that were for the connection, listed ones too, and says through whom it came', async () => {
      const { peer, reply } = await rig.ask();
      const fields = ['Connection: keep-alive, X-Mine', 'Keep-Alive: timeout=5', 'X-Mine: 1', 'X-Yours: 2', 'Content-Length: 0'];
      peer.send(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n`);
      expect((await reply).headers.flat()).toEqual(['X-Yours', '2', 'Content-Length', '0', 'Via', '1.1 sluice']);
    });

    test('has its trailers', async () => {
      const { peer, reply } = await rig.ask();
      peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\nVia: 9\r\n\r\n');
      const sink = new RecordingSink();
      const { body } = await reply;
      if (isSource(body)) body.pipe(sink);
      await sink.ended();
      expect([sink.text, sink.trailers?.flat()]).toEqual(['a', ['X-T', '1']]);
    });

    test('is announced by interim ones, which go to the client at once', async () => {
      const { exchange, peer, reply } = await rig.ask();
      const told: unknown[] = [];
      exchange.informant = { informational: (_, status, headers) => void told.push([status, headers?.get('link')]) };
      peer.send(`HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OK}`);
      expect(await bodyOf(await reply)).toBe('ok');
      expect(told).toEqual([[103, 'a']]);
    });

    test('that is large comes as slowly as its reader takes it', async () => {
      const { peer, reply } = await rig.ask();
      const size = 8_000_000;
      peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const { body } = await reply;
      let all = false;
      const sending = peer.sent('x'.repeat(size)).then(() => {
        all = true;
      });
      const sink = new RecordingSink();
      sink.open = false;
      if (!isSource(body)) throw new Error('not a stream');
      expect(body.length).toBe(size);
      body.pipe(sink);
      await sink.until(() => sink.size > 0);
      await turns(50);
      expect([all, sink.size < 1_000_000]).toEqual([false, true]);
      sink.open = true;
      body.resume();
      await sink.ended();
      await sending;
      expect([sink.size, sink.ends]).toEqual([size, ['end']]);
    });
  });

  transportEndsContract(name, () => rig);
}
