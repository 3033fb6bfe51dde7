import { EMPTY, type Source } from '../../http/body.ts';
import { asGatewayError, GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Handler } from '../../http/layer.ts';
import { Replay } from '../../http/replay.ts';
import type { Reply } from '../../http/reply.ts';
import { fullJitter } from '../../lib/backoff.ts';
import type { Timeout, Wheel } from '../../lib/wheel.ts';
import { Attempt } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import { isCause } from '../cause.ts';
import type { Endpoint } from '../endpoint.ts';
import { type Fault, faultOf } from '../fault.ts';
import type { HedgeConfig, RetryConfig } from './config.ts';

export interface TriesTerms {
  readonly retry: RetryConfig;
  readonly hedge: HedgeConfig | undefined;
}

export interface TriesTools {
  readonly wheel: Wheel;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** The end of a route's chain that asks again: another upstream after a failure, or besides one that is slow. */
export function tries(backend: Backend, terms: TriesTerms, tools: TriesTools): Handler {
  const { retry, hedge } = terms;
  const more = (exchange: Exchange, begin: (tries: Tries) => void) =>
    new Promise<Reply>((resolve, reject) => begin(new Tries(exchange, backend, terms, tools, resolve, reject)));
  // A first try that nothing has to be done for meanwhile costs what a single one costs.
  const watched = retry.per_try_timeout !== undefined || hedge !== undefined;

  return (exchange) => {
    backend.budget.count(exchange.startedAt);
    if (watched || exchange.body.length !== 0) return more(exchange, (all) => all.start());
    const endpoint = backend.pick(exchange);
    if (endpoint === undefined) return Promise.reject(backend.refusal());
    const first = new Attempt(exchange, endpoint, EMPTY, backend, tools.wheel.clock);
    exchange.upstream = endpoint.label;
    return first.send().then(
      (reply) => {
        if (isCause(retry.on, undefined, reply.status)) return more(exchange, (all) => all.goOn(first, reply));
        first.keep();
        return reply;
      },
      (thrown) => more(exchange, (all) => all.goOn(first, asGatewayError(thrown))),
    );
  };
}

/** An attempt that has not been answered, and its own limit. */
interface Running {
  readonly attempt: Attempt;
  readonly limit: Timeout | undefined;
}

/**
 * All attempts of one exchange. Retries follow each other, each at an endpoint that has not been tried while there is
 * one; hedges run beside. The first reply that is no reason to try again is the answer; what else runs then is dropped.
 */
class Tries {
  private readonly exchange: Exchange;
  private readonly backend: Backend;
  private readonly terms: TriesTerms;
  private readonly tools: TriesTools;
  private readonly resolve: (reply: Reply) => void;
  private readonly reject: (error: GatewayError) => void;
  private readonly tried = new Set<Endpoint>();
  private readonly repeatable: boolean;
  private running: Running[] = [];
  private replay: Replay | undefined;
  private retries = 0;
  private hedges = 0;
  private callOff: (() => void) | undefined;
  private settled = false;

  constructor(
    exchange: Exchange,
    backend: Backend,
    terms: TriesTerms,
    tools: TriesTools,
    resolve: (reply: Reply) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.exchange = exchange;
    this.backend = backend;
    this.terms = terms;
    this.tools = tools;
    this.resolve = resolve;
    this.reject = reject;
    // What a connection becomes in an upstream's hands is not undone by asking another one.
    this.repeatable = exchange.upgrade === undefined && terms.retry.methods.includes(exchange.method);
  }

  start(): void {
    const { body } = this.exchange;
    const { body_limit } = this.terms.retry;
    // What cannot be sent twice need not be kept: it is still whole if the first try never gets to it.
    if (body.length !== 0) this.replay = new Replay(body, this.repeatable && body.length <= body_limit ? body_limit : 0);
    this.exchange.onCancel((error) => this.cancelled(error));
    if (this.settled) return;
    this.launch(undefined);
    this.armHedge();
  }

  /** As {@link start}, with a first try behind it. @param ended what became of that */
  goOn(attempt: Attempt, ended: Reply | GatewayError): void {
    const first = { attempt, limit: undefined };
    this.tried.add(attempt.endpoint);
    this.running.push(first);
    this.exchange.onCancel((error) => this.cancelled(error));
    if (ended instanceof GatewayError) this.failed(first, ended);
    else this.replied(first, ended);
  }

  /** @param otherwise why there is no reply, should there be no endpoint or no body to send; undefined: nothing but that */
  private launch(otherwise: GatewayError | undefined): void {
    const endpoint = this.backend.pick(this.exchange, this.tried.size === 0 ? undefined : this.tried);
    const body: Source | undefined = this.replay === undefined ? EMPTY : this.replay.again();
    if (endpoint === undefined || body === undefined) {
      this.fail(otherwise ?? (endpoint === undefined ? undefined : new GatewayError('upstream_unavailable')));
      return;
    }
    this.tried.add(endpoint);
    const attempt = new Attempt(this.exchange, endpoint, body, this.backend, this.tools.wheel.clock);
    const running = { attempt, limit: this.limit(attempt) };
    this.running.push(running);
    this.exchange.upstream = endpoint.label;
    attempt.send().then(
      (reply) => this.replied(running, reply),
      (thrown) => this.failed(running, asGatewayError(thrown)),
    );
  }

  private limit(attempt: Attempt): Timeout | undefined {
    const ms = this.terms.retry.per_try_timeout;
    if (ms === undefined) return undefined;
    const limit = this.tools.wheel.timeout(() => attempt.cancel(new GatewayError('upstream_timeout')));
    limit.set(ms);
    return limit;
  }

  private over(running: Running): void {
    running.limit?.remove();
    this.running = this.running.filter((one) => one !== running);
  }

  private replied(running: Running, reply: Reply): void {
    this.over(running);
    if (this.settled) {
      running.attempt.drop(reply);
      return;
    }
    if (this.isCause(undefined, reply.status)) {
      if (this.running.length > 0) {
        running.attempt.drop(reply);
        return;
      }
      if (this.mayRetry(this.repeatable)) {
        running.attempt.drop(reply);
        this.retry(undefined);
        return;
      }
    }
    this.settle();
    this.replay?.seal();
    running.attempt.keep();
    this.resolve(reply);
  }

  private failed(running: Running, error: GatewayError): void {
    this.over(running);
    if (this.settled || this.running.length > 0) return;
    const fault = faultOf(error.code);
    const untouched = fault === 'connect' || error.code === 'upstream_queue_full' || error.code === 'upstream_queue_timeout';
    const cause = untouched ? this.isCause('connect', error.status) : fault !== undefined && this.isCause(fault, error.status);
    if (cause && this.mayRetry(this.repeatable || untouched)) this.retry(error);
    else this.fail(error);
  }

  private isCause(fault: Fault | undefined, status: number): boolean {
    return isCause(this.terms.retry.on, fault, status);
  }

  /** @param safe sending it once more does what sending it once would have done */
  private mayRetry(safe: boolean): boolean {
    if (this.retries >= this.terms.retry.max_retries || this.exchange.cancelError !== undefined) return false;
    return safe && this.replay?.known !== false && this.backend.admits && this.afford();
  }

  private afford(): boolean {
    const affordable = this.backend.budget.take();
    if (!affordable) this.backend.metrics.retries.no_budget.value += 1;
    return affordable;
  }

  private retry(error: GatewayError | undefined): void {
    const { base, max } = this.terms.retry.backoff;
    const wait = fullJitter(base, max, this.retries, this.tools.random());
    this.retries += 1;
    this.backend.metrics.retries.sent.value += 1;
    this.callOff?.();
    // An upstream that answered early may still be reading: what it takes during the wait would be missing later.
    this.replay?.again();
    if (wait < 1) this.launch(error);
    else this.callOff = this.tools.wheel.clock.after(wait, () => this.launch(error));
  }

  /** A body can go to one upstream at a time: only requests without one are hedged. */
  private armHedge(): void {
    const { hedge } = this.terms;
    if (hedge === undefined || this.hedges >= hedge.max) return;
    if (this.settled || !this.repeatable || this.replay !== undefined) return;
    const { after } = hedge;
    const ms = 'ms' in after ? after.ms : this.backend.replyTimes.near(after.percentile);
    if (ms !== undefined) this.callOff = this.tools.wheel.clock.after(ms, () => this.sendHedge());
  }

  private sendHedge(): void {
    if (this.settled || this.running.length === 0) return;
    // To ask the same upstream twice would only add to what makes it slow.
    const other = this.backend.endpoints.some(
      (one) => one.readiness.ready && one.readiness.reachable && one.admits && !this.tried.has(one),
    );
    if (!other || !this.afford()) return;
    this.hedges += 1;
    this.backend.metrics.retries.hedged.value += 1;
    this.launch(undefined);
    this.armHedge();
  }

  private cancelled(error: GatewayError): void {
    // Attempts hear of it by themselves; between two of them nobody else does.
    if (this.running.length === 0) this.fail(error);
  }

  /** @param error undefined: there is no endpoint to ask */
  private fail(error: GatewayError | undefined): void {
    if (this.settled || this.running.length > 0) return;
    this.settle();
    this.exchange.body.cancel();
    this.reject(this.exchange.cancelError ?? error ?? this.backend.refusal());
  }

  private settle(): void {
    this.settled = true;
    this.callOff?.();
    for (const { attempt, limit } of this.running) {
      limit?.remove();
      // It would have taken at least so long: without it, percentiles would sink with every hedge that wins.
      if (this.hedges > 0) this.backend.replyTimes.add(attempt.age);
      attempt.cancel();
    }
  }
}
