import type { Clock } from './clock.ts';

/**
 * Runs work that is long for an event loop: between two of its steps others get their turn whenever it has had its
 * share. The first steps run at once. Steps longer than the share are not cut: yield often.
 * @param steps yields where it may be interrupted; what it returns is the result, what it throws rejects
 * @param budgetMs milliseconds in a row
 */
export async function inSlices<T>(steps: Generator<unknown, T>, clock: Clock, budgetMs = 2): Promise<T> {
  let end = clock.now() + budgetMs;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (clock.now() < end) continue;
    // After what waits at sockets and timers, not before it as a microtask would be.
    await new Promise<void>((resolve) => setImmediate(resolve));
    end = clock.now() + budgetMs;
  }
}
