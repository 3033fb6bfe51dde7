import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { isSource } from '../../src/http/reply.ts';
import { CERTIFICATE } from '../config/certificate.ts';
import { bodyOf, soon, turns } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';
import { closedPort } from '../support/raw-server.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { OK, TIMES, type TransportRig } from '../support/transports.ts';

async function failureOf(work: Promise<unknown>): Promise<GatewayError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

/** How what an engine sends and receives comes to an end other than the good one: a part of `transport.contract.ts`. */
export function transportEndsContract(name: string, rig: () => TransportRig): void {
  describe(`${name}: an upstream`, () => {
    test('that nobody listens for cannot be reached', async () => {
      rig().engine = rig().openTo(await closedPort());
      expect((await failureOf(rig().start().reply)).code).toBe('upstream_connect');
    });

    test('that does not accept in time is late', async () => {
      rig().engine = rig().openTo(rig().server.port, { tls: { ca: CERTIFICATE, servername: 'users.internal' } });
      const { reply } = rig().start();
      const peer = await rig().server.next();
      await peer.until(() => peer.size > 0);
      await rig().engine.elapse(TIMES.connectTimeout);
      expect((await failureOf(reply)).code).toBe('upstream_connect_timeout');
    });

    test('that does not reply in time is late', async () => {
      const { peer, reply } = await rig().ask();
      await rig().engine.elapse(TIMES.readTimeout);
      expect((await failureOf(reply)).code).toBe('upstream_timeout');
      await peer.gone();
    });

    test('that stops in the middle of a body breaks it', async () => {
      const { peer, reply } = await rig().ask();
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      const body = bodyOf(await reply);
      body.catch(() => {});
      await turns();
      await rig().engine.elapse(TIMES.readTimeout);
      expect((await failureOf(body)).code).toBe('upstream_timeout');
    });

    test.each(['end', 'resetAndDestroy'] as const)('that leaves before its reply (%s) has reset it', async (way) => {
      const { peer, reply } = await rig().ask();
      peer.socket[way]();
      expect((await failureOf(reply)).code).toBe('upstream_reset');
    });

    test.each(['end', 'resetAndDestroy'] as const)('that leaves inside a body (%s) breaks it', async (way) => {
      const { peer, reply } = await rig().ask();
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      const body = bodyOf(await reply);
      peer.socket[way]();
      expect((await failureOf(body)).code).toBe('upstream_reset');
    });

    test('that leaves before anybody reads the body breaks it for the one who comes', async () => {
      const { peer, reply } = await rig().ask();
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      const late = await reply;
      peer.socket.resetAndDestroy();
      await turns(50);
      expect((await failureOf(bodyOf(late))).code).toBe('upstream_reset');
    });

    test.each([
      ['garbage', 'SSH-2.0\r\n\r\n'],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
      ['a status that is none', 'HTTP/1.1 600 x\r\nContent-Length: 0\r\n\r\n'],
    ])('that sends %s has not replied', async (_, text) => {
      const { peer, reply } = await rig().ask();
      peer.send(text);
      expect((await failureOf(reply)).code).toBe('upstream_invalid_reply');
    });

    test('that replies before it has the request ends it', async () => {
      const body = new ManualSource();
      const { peer, reply } = await rig().upload(body);
      peer.send('HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno');
      peer.socket.end();
      const { status } = await reply.then(async (given) => ({ status: given.status, body: await bodyOf(given) }));
      expect(status).toBe(413);
      await soon(() => body.cancelled);
      expect(body.cancelled).toBe(true);
    });
  });

  describe(`${name}: a cancel`, () => {
    const late = new GatewayError('route_timeout');

    test('before the request rejects it, and nobody connects', async () => {
      const exchange = exchangeOf();
      exchange.cancel(late);
      expect(await failureOf(rig().engine.transport.send(exchange))).toBe(late);
      await turns();
      expect(rig().server.peers).toEqual([]);
    });

    test('while the connection is made rejects at once', async () => {
      rig().engine = rig().openTo(rig().server.port, { tls: { ca: CERTIFICATE, servername: 'users.internal' } });
      const { exchange, reply } = rig().start();
      const peer = await rig().server.next();
      await peer.until(() => peer.size > 0);
      exchange.cancel(late);
      let told = false;
      reply.catch(() => {
        told = true;
      });
      await turns(5);
      expect(told).toBe(true);
      expect(await failureOf(reply)).toBe(late);
    });

    test('while the reply is due rejects at once, and frees the connection', async () => {
      const { exchange, peer, reply } = await rig().ask();
      exchange.cancel(late);
      expect(await failureOf(reply)).toBe(late);
      await peer.gone();
    });

    test('while the request is sent cancels its body', async () => {
      const body = new ManualSource();
      const { exchange, peer, reply } = await rig().upload(body);
      exchange.cancel(late);
      expect(await failureOf(reply)).toBe(late);
      await peer.gone();
      expect(body.cancelled).toBe(true);
    });

    test('by who reads the reply frees the connection, and says nothing further', async () => {
      const { peer, reply } = await rig().ask();
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      const { body } = await reply;
      const sink = new RecordingSink();
      if (!isSource(body)) throw new Error('not a stream');
      body.pipe(sink);
      await sink.until(() => sink.text === 'abc');
      body.cancel();
      body.cancel();
      await peer.gone();
      await turns();
      expect([sink.text, sink.ends]).toEqual(['abc', []]);
    });

    test('by who has not read the reply frees the connection', async () => {
      const { peer, reply } = await rig().ask();
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      const { body } = await reply;
      if (isSource(body)) body.cancel();
      await peer.gone();
    });
  });

  describe(`${name}: a close`, () => {
    test('closes idle connections, and lets what goes on finish', async () => {
      const { peer, reply } = await rig().ask();
      rig().engine.transport.close();
      await turns();
      expect(peer.left).toBe('open');
      peer.send(OK);
      expect(await bodyOf(await reply)).toBe('ok');
      await peer.gone();
    });

    test('leaves nothing that is counted', async () => {
      const { peer, reply } = await rig().ask();
      expect(rig().engine.transport.state.connections).toBe(1);
      peer.send(OK);
      await bodyOf(await reply);
      rig().engine.transport.close();
      await peer.gone();
      expect(rig().engine.transport.state).toEqual({ connections: 0, idle: 0, queued: 0 });
    });
  });
}
