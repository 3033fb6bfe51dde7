import type { Clock } from '../lib/clock.ts';

/** What was asked for did not come in time. It may come yet; nobody waits for it any more. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** @param ms how long it is waited for; @throws TooLate then */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = clock.after(ms, () => reject(new TooLate(`no answer within ${ms} ms`)));
    promise.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error) => {
        stop();
        reject(error);
      },
    );
  });
}
