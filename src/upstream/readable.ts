import { Readable } from 'node:stream';
import type { Source } from '../http/body.ts';

/** A source as a node stream, for engines that take nothing else. */
export function readableOf(source: Source): Readable {
  let started = false;
  const readable = new Readable({
    read() {
      if (started) {
        source.resume();
        return;
      }
      started = true;
      source.pipe({
        chunk: (bytes) => readable.push(bytes),
        end: () => readable.push(null),
        fail: (error) => readable.destroy(error),
      });
    },
    destroy(error, done) {
      source.cancel();
      done(error);
    },
  });
  // The engine that reads it is told in its own way; without a listener a broken body would end the process.
  readable.on('error', () => {});
  return readable;
}
