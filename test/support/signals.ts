/** Named events between the two ends of a test: whoever waits is woken once, whether it came before or after. */
export class Signals {
  private readonly raised = new Set<string>();
  private readonly waiting = new Map<string, (() => void)[]>();

  raise(name: string): void {
    this.raised.add(name);
    for (const wake of this.waiting.get(name) ?? []) wake();
    this.waiting.delete(name);
  }

  wait(name: string): Promise<void> {
    if (this.raised.has(name)) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.set(name, [...(this.waiting.get(name) ?? []), resolve]);
    });
  }
}

/** Waits until something holds, looking again whenever the owner says that something has changed. */
export class Changes {
  private readonly watchers = new Set<() => void>();

  changed(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  /** @returns whether it held within the time */
  until(holds: () => boolean, ms: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (held: boolean): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve(held);
      };
      const look = (): void => {
        if (holds()) finish(true);
      };
      const timer = setTimeout(() => finish(holds()), ms);
      this.watchers.add(look);
    });
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether the work came to an end within the time; what it says itself, where that is a boolean. */
export async function within(work: Promise<boolean | undefined>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const outcome = await Promise.race([work, late]);
  clearTimeout(timer);
  return outcome !== false;
}
