import type { LookupAddress, LookupOptions } from 'node:dns';
import { NameCache } from '../../src/upstream/name-cache.ts';
import { turns } from './channels.ts';
import { ManualClock } from './manual-clock.ts';

/** A cache whose resolver is the test's: what each name resolves to, an error, or `wait`. */
export class NamesRig {
  readonly clock: ManualClock;
  readonly answers = new Map<string, readonly string[] | Error | 'wait'>();
  readonly asked: string[] = [];
  readonly problems: string[] = [];
  readonly names: NameCache;
  private readonly waiting: (() => void)[] = [];

  constructor(clock = new ManualClock()) {
    this.clock = clock;
    this.names = new NameCache({
      clock,
      random: () => 0.5,
      resolve: (host) => this.resolve(host),
      onProblem: (host, problem) => this.problems.push(`${host}: ${problem}`),
    });
  }

  private async resolve(host: string): Promise<readonly LookupAddress[]> {
    this.asked.push(host);
    if (this.answers.get(host) === 'wait') await new Promise<void>((resolve) => this.waiting.push(resolve));
    const found = this.answers.get(host) ?? [];
    if (found instanceof Error) throw found;
    return (found === 'wait' ? [] : found).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  }

  /** Gives those who wait the answer that there is now. */
  async answer(): Promise<void> {
    for (const go of this.waiting.splice(0)) go();
    await turns(1);
  }

  /** What a lookup finds, its addresses with a space between, or the code of its error. */
  lookup(host: string, options: LookupOptions = { all: true }): Promise<string> {
    return new Promise((resolve) => {
      this.names.lookup(host, options, (error, address, family) => {
        if (error !== null) resolve(error.code ?? error.message);
        else if (typeof address === 'string') resolve(`${address}/${family}`);
        else resolve(address.map((one) => one.address).join(' '));
      });
    });
  }

  /** Lets so many intervals pass, and what is resolved in each be heard. */
  async pass(intervals = 1): Promise<void> {
    await turns(1);
    for (let each = 0; each < intervals; each++) {
      this.clock.advance(5000);
      await turns(1);
    }
  }
}
