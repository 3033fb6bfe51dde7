import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompressedBody } from '../../../src/layers/compression/compressed-body.ts';
import { CODINGS, compressionSchema } from '../../../src/layers/compression/config.ts';
import { encodingOf } from '../../../src/layers/compression/encoders.ts';
import { Counter } from '../../../src/lib/cell.ts';
import { decoded } from '../../support/decoders.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';

const { levels } = compressionSchema.parse({});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A piece of a body, and what happens after it: the source pauses, the sink stops for a while. */
const step = fc.record({
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 2000 })).map(([some, times]) => {
      return new Uint8Array(Array.from({ length: some.length * times }, (_, at) => some[at % some.length] as number));
    }),
  ),
  pause: fc.boolean(),
  stop: fc.boolean(),
});

test('Any body, split anywhere, with pauses of either side, is at the other end what it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...CODINGS),
      fc.array(step, { maxLength: 12 }),
      fc.boolean(),
      async (coding, steps, known) => {
        const whole = Buffer.concat(steps.map(({ bytes }) => bytes));
        const source = new ManualSource(known ? whole.length : -1);
        const body = new CompressedBody(source, encodingOf(coding, levels), !known, { into: new Counter(), out: new Counter() });
        const sink = new RecordingSink();
        body.pipe(sink);
        for (const { bytes, pause, stop } of steps) {
          sink.open = !stop;
          source.sink?.chunk(bytes);
          if (pause) await turn();
          sink.open = true;
          body.resume();
        }
        source.end();
        await sink.ended();
        expect(sink.ends).toEqual(['end']);
        expect(decoded(coding, Buffer.from(sink.text, 'latin1')).equals(whole)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
