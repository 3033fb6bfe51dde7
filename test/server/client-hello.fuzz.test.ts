import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readClientHello } from '../../src/server/client-hello.ts';
import { helloOf } from '../support/client-hellos.ts';

/** Bytes that begin as a handshake, so that they get somewhere. */
const begun = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(400)).map(([bytes, length]) => {
  const head = [22, 3, 1, length >> 8, length & 255, 1, 0, Math.max(0, length - 4) >> 8, Math.max(0, length - 4) & 255];
  return Buffer.from([...head, ...bytes]);
});

test('whatever comes is read without a fault, and a name is a text of some length', () => {
  fc.assert(
    fc.property(fc.oneof(begun, fc.uint8Array({ maxLength: 600 }).map(Buffer.from)), (bytes) => {
      const reading = readClientHello(bytes);
      if (reading.kind === 'read' && reading.name !== undefined) expect(reading.name.length).toBeGreaterThan(0);
    }),
    { numRuns: 3000 },
  );
});

test('a good one with a few bytes changed is read without a fault', async () => {
  const hello = await helloOf({ servername: 'a.example' });
  const change = fc.tuple(fc.nat(hello.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(hello.length), (changes, end) => {
      const bytes = Buffer.from(hello);
      for (const [at, value] of changes) bytes[at] = value;
      const whole = readClientHello(bytes);
      // What is decided early is decided so for good: more bytes do not change it.
      const early = readClientHello(bytes.subarray(0, end));
      if (early.kind === 'read') expect(early).toEqual(whole);
    }),
    { numRuns: 3000 },
  );
});
