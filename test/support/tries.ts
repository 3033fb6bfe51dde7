import type { Exchange } from '../../src/http/exchange.ts';
import type { Reply } from '../../src/http/reply.ts';
import { finishRetry, hedgeSchema, retrySchema } from '../../src/upstream/retry/config.ts';
import { tries } from '../../src/upstream/retry/tries.ts';
import { addresses, BackendRig } from './backends.ts';
import { turns } from './channels.ts';
import { type Asking, exchangeOf } from './exchanges.ts';

type Written = Record<string, unknown>;

/** A request that is tried, and what became of it: one entry in `settled`, or the promise is broken. */
export interface Tried {
  readonly exchange: Exchange;
  /** `200`, or the code of an error. */
  readonly settled: (number | string)[];
  readonly answer: Promise<Reply>;
}

/** Tries over fake endpoints `a`, `b` and `c`: no waits between them and no limits unless a test asks for some. */
export class TriesRig extends BackendRig {
  terms: { retry: Written; hedge?: Written | undefined } = { retry: {} };
  /** What waits between tries are drawn with. */
  draw: () => number = () => 0;

  constructor(backend: Written = {}) {
    super();
    this.apply({ upstreams: addresses('a', 'b', 'c'), retry_budget: { ratio: 1, min_per_second: 100 }, ...backend });
  }

  ask(asking: Asking & { readonly exchange?: Exchange } = {}): Tried {
    const { retry, hedge } = this.terms;
    const terms = {
      retry: finishRetry(retrySchema.parse({ max_retries: 3, ...retry }), 0),
      hedge: hedge === undefined ? undefined : hedgeSchema.parse(hedge),
    };
    const handler = tries(this.backend, terms, { wheel: this.tools.wheel, random: () => this.draw() });
    const exchange = asking.exchange ?? exchangeOf({ startedAt: this.clock.now(), ...asking });
    const settled: (number | string)[] = [];
    const answer = Promise.resolve(handler(exchange));
    answer.then(
      ({ status }) => settled.push(status),
      ({ code }) => settled.push(code),
    );
    return { exchange, settled, answer };
  }

  /** Lets the last request be answered in this way: a status, or the code of an error. Everybody has heard of it then. */
  async answer(how: number | string, sent = this.last): Promise<void> {
    if (typeof how === 'number') sent.reply(how);
    else sent.fail(how as Parameters<typeof sent.fail>[0]);
    await turns(1);
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turns(1);
  }

  /** Closes the backend, whose pauses are its own business, and tells what else waits: in a moment, on the wheel's timer. */
  get idle(): string {
    const { active } = this;
    this.backends.close();
    const waiting = this.tools.wheel.size;
    this.clock.advance(100);
    return `${active} active, ${waiting} on the wheel, ${this.clock.pending} on the clock`;
  }
}

export const IDLE = '0 active, 0 on the wheel, 0 on the clock';
