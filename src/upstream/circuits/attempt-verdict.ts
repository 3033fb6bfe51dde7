import { type Cause, isCause } from '../cause.ts';
import type { Fault } from '../fault.ts';
import type { Permit } from './circuits.ts';

/** Switching protocols: what follows is not HTTP, and how it ends says nothing (RFC 9110 §15.2.2). */
const TUNNEL = 101;

/** What the end of one attempt says about its endpoint, by a policy's `failure_on`. Whoever has one calls {@link end}. */
export class AttemptVerdict {
  private readonly permit: Permit;
  private readonly failureOn: readonly Cause[];

  constructor(permit: Permit, failureOn: readonly Cause[]) {
    this.permit = permit;
    this.failureOn = failureOn;
  }

  /** The head of a reply came. A status that is a failure is one whatever follows, a tunnel is a success at once. */
  replied(status: number): void {
    if (status === TUNNEL) this.permit.succeeded();
    else if (status >= 400 && isCause(this.failureOn, undefined, status)) this.permit.failed(`status ${status}`);
    else this.permit.answered();
  }

  /** The endpoint broke it off, before its head or in its body. One that is no failure here says nothing. */
  broke(fault: Fault | undefined): void {
    if (fault !== undefined && this.failureOn.includes(fault)) this.permit.failed(fault);
  }

  /** It is over. @param whole its reply came to its end */
  end(whole: boolean): void {
    if (whole) this.permit.succeeded();
    else this.permit.giveBack();
  }
}
