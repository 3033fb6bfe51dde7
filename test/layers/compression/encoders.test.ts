import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODINGS, compressionSchema } from '../../../src/layers/compression/config.ts';
import { encodingOf } from '../../../src/layers/compression/encoders.ts';
import { decoded, decodedSoFar } from '../../support/decoders.ts';

const { levels } = compressionSchema.parse({});
const LEVELS = { gzip: [1, 9], br: [1, 6], zstd: [1, 9] } as const;

describe.each(CODINGS)('%s', (coding) => {
  test.each(LEVELS[coding])('of level %i is read by a decoder, whole and as a stream', async (level) => {
    const encoding = encodingOf(coding, { ...levels, [coding]: level });
    const body = Buffer.from('{"name":"value"},'.repeat(5000));
    expect(decoded(coding, encoding.whole(body)).equals(body)).toBe(true);
    const stream = encoding.stream(false);
    stream.end(body);
    expect(decoded(coding, Buffer.concat(await stream.toArray())).equals(body)).toBe(true);
  });

  test('gives back any body', () => {
    const encoding = encodingOf(coding, levels);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(decoded(coding, encoding.whole(bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('makes text a fraction', () => {
    const body = Buffer.from(Array.from({ length: 500 }, (_, at) => `{"id":${at},"name":"user ${at}"}`).join());
    expect(encodingOf(coding, levels).whole(body).length).toBeLessThan(body.length / 4);
  });

  test('tells all that went in after each write, when it is prompt', async () => {
    const stream = encodingOf(coding, levels).stream(true);
    const parts: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => parts.push(bytes));
    let sent = '';
    for (const event of ['one', 'two', 'three']) {
      sent += event;
      await new Promise<void>((resolve) => stream.write(event, () => resolve()));
      expect(decodedSoFar(coding, Buffer.concat(parts)).toString()).toBe(sent);
    }
    stream.destroy();
  });

  test('comes in pieces that are bounded', async () => {
    const stream = encodingOf(coding, levels).stream(false);
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (Math.imul(at, 2654435761) >>> 13) & 255));
    stream.end(noise);
    const sizes = (await stream.toArray()).map((one: Buffer) => one.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16 * 1024);
  });
});
