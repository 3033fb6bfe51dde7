import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { helloOf } from '../support/client-hellos.ts';
import { get } from '../support/connections.ts';
import { BELIEVING, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig;

beforeEach(async () => {
  tls = await TlsRig.open({ tls: { client_auth: { mode: 'request' } } });
});
afterEach(() => tls.close());

/** A hello with some bytes changed, cut somewhere, and with something behind it. */
const broken = (hello: Buffer) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 4 }),
      fc.oneof(fc.constant(hello.length), fc.nat(hello.length)),
      fc.uint8Array({ maxLength: 80 }),
    )
    .map(([changes, end, more]) => {
      const bytes = Buffer.from(hello);
      for (const [at, value] of changes) bytes[at] = value;
      return Buffer.concat([bytes.subarray(0, end), more]);
    });

test('whatever a client says instead of a handshake, its connection ends and others are served', async () => {
  const hello = await helloOf({ ...BELIEVING });
  await fc.assert(
    fc.asyncProperty(fc.oneof(broken(hello), fc.uint8Array({ minLength: 1, maxLength: 300 }).map(Buffer.from)), async (bytes) => {
      const client = tls.rig.connectPlainly(bytes.toString('latin1'));
      client.socket.end();
      await client.gone();
      await tls.rig.open(0);
    }),
    { numRuns: 150 },
  );
  const client = tls.connect(BELIEVING, get('/'));
  await client.endsWith('hello');
});

test('handshakes that are cut at any moment leave nothing behind', async () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await fc.assert(
    fc.asyncProperty(fc.nat(12), fc.constantFrom('client', 'server', 'time'), async (moment, who) => {
      const clients = [tls.connect(), tls.connect({ ...BELIEVING, maxVersion: 'TLSv1.2' })];
      for (let step = 0; step < moment; step++) await turn();
      if (who === 'client') for (const client of clients) client.socket.destroy();
      else if (who === 'time') tls.rig.clock.advance(100_000);
      else tls.apply({ tls: { client_auth: { mode: 'none' }, handshake_timeout: `${moment + 1}s` } });
      for (const client of clients) {
        await turn();
        client.socket.destroy();
      }
      await tls.rig.open(0);
    }),
    { numRuns: 60 },
  );
  expect(tls.rig.server.open).toBe(0);
  expect(tls.rig.log.entries.filter(([level]) => level === 'error')).toEqual([]);
});
