import type { Circuit, CircuitPlace, CircuitState, CircuitTurned, Permit } from './circuits.ts';
import type { CircuitConfig } from './config.ts';
import { FleetCalls, type FleetTools } from './fleet-calls.ts';
import { FleetEvidence } from './fleet-evidence.ts';
import { FleetPermit } from './fleet-permit.ts';
import { Standing } from './fleet-standing.ts';
import { type FleetReply, type Turn, turnId } from './fleet-turn.ts';
import { MemoryCircuit } from './memory-circuit.ts';

/** Ms between two reports of a circuit in use, or open; and of one whose vote may be what others wait for. */
const EVERY = 2000;
const VOTING = 1000;
/** Ms between two renewals of a lease. */
const RENEWAL = 1000;
/** Ms that an owner waits for a request to try with: those of a quiet member are that far apart. */
const PATIENCE = 15_000;
/** Ms before what has got no answer is tried again. */
const AGAIN = 500;

/**
 * The circuit of one endpoint as a member of a fleet has it: its own (a {@link MemoryCircuit}), and over that what the fleet
 * says. While the fleet says open, only who owns the trials sends any, by its own circuit, which is half-open then; its verdict is
 * the fleet's. Otherwise, and while Redis is away, its own circuit is all there is: one that it has opened itself closes by its
 * own trials.
 */
export class FleetCircuit implements Circuit {
  state: CircuitState = 'closed';
  since: number;
  reason = '';
  openings = 0;
  private readonly tools: FleetTools;
  private readonly own: MemoryCircuit;
  private readonly calls: FleetCalls;
  private readonly standing = new Standing();
  private readonly seen = new FleetEvidence();
  private policy: CircuitConfig;
  private turned: CircuitTurned;
  /** Grows when the fleet's verdict changes: what began under another one says nothing. */
  private term = 0;
  /** Outages of Redis: answers from before one are none. */
  private contact = 0;
  private isClosed = false;
  /** Its own circuit is being made half-open, and says nothing that counts; why it then is. */
  private isPreparing = false;
  private preparedFor: string | undefined;
  private reportedAt = Number.NEGATIVE_INFINITY;
  private isReporting = false;
  private reportsAgain = false;
  private claimedAt = Number.NEGATIVE_INFINITY;
  private isClaiming = false;
  /** What its trials have shown, until the fleet has it. */
  private verdict: Omit<Turn, 'n'> | undefined;
  private isJudging = false;
  /** Trials that are out, and when one last began or ended. */
  private trials = 0;
  private triedAt = Number.NEGATIVE_INFINITY;

  constructor(place: CircuitPlace, policy: CircuitConfig, tools: FleetTools, turned: CircuitTurned) {
    this.tools = tools;
    this.policy = policy;
    this.turned = turned;
    this.calls = new FleetCalls(tools, place.label);
    this.own = new MemoryCircuit(place, policy, tools.clock, (state) => this.ownTurned(state));
    this.since = tools.clock.wall();
    this.read();
  }

  get place(): CircuitPlace {
    return this.own.place;
  }

  adopt(place: CircuitPlace, policy: CircuitConfig, turned: CircuitTurned): void {
    this.policy = policy;
    this.turned = turned;
    this.own.adopt(place, policy, (state) => this.ownTurned(state));
  }

  get admits(): boolean {
    return this.own.admits && (!this.standing.isOpen || this.mayTry);
  }

  /** Its lease is looked at when it is used: a process that was stopped may have lost it. */
  private get mayTry(): boolean {
    return this.verdict === undefined && this.own.state === 'half_open' && this.standing.owns(this.tools.clock.now());
  }

  get wait(): number {
    const { own, policy, standing, tools } = this;
    return standing.isOpen ? Math.max(own.wait, standing.wait(policy.open_for, tools.clock.now())) : own.wait;
  }

  get requests(): number {
    return this.own.requests;
  }

  get failures(): number {
    return this.own.failures;
  }

  want(): void {
    const { standing, own } = this;
    if (!standing.isOpen || this.isClaiming || this.verdict !== undefined || own.state === 'open') return;
    const now = this.tools.clock.now();
    if (standing.owns(now) || !standing.mayClaim(now) || standing.wait(this.policy.open_for, now) > 0) return;
    void this.claim(now);
  }

  enter(policy: CircuitConfig): Permit | undefined {
    this.policy = policy;
    const isTrial = this.standing.isOpen;
    if (isTrial && !this.mayTry) return undefined;
    const permit = this.own.enter(policy);
    if (permit === undefined) return undefined;
    this.seen.attempted();
    if (isTrial) this.tried(1);
    return new FleetPermit(this, permit, this.term, isTrial);
  }

  /** @param term in which the attempt began @returns whether it counts */
  succeeded(term: number): boolean {
    if (term !== this.term) return false;
    this.seen.succeeded();
    return true;
  }

  counts(term: number): boolean {
    return term === this.term;
  }

  /** @param by 1: a trial has begun; -1: one is over */
  tried(by: 1 | -1): void {
    this.trials += by;
    this.triedAt = this.tools.clock.now();
  }

  /** Its own circuit has turned. */
  private ownTurned(state: CircuitState): void {
    if (this.isPreparing || this.isClosed) return;
    if (state === 'open') this.seen.opened(this.tools.clock.now());
    else if (state === 'closed') this.seen.closed();
    if (state !== 'half_open') {
      this.preparedFor = undefined;
      if (this.standing.isOpen && this.standing.token !== '') this.judge(state);
      this.read();
    }
    this.show();
  }

  private judge(state: 'open' | 'closed'): void {
    const random = this.calls.newRandom();
    if (state === 'open') this.standing.failed();
    this.verdict = { random, state, reason: state === 'open' ? this.own.reason : '' };
    void this.tell();
  }

  private async tell(): Promise<void> {
    const { verdict, standing, contact } = this;
    if (verdict === undefined || this.isJudging) return;
    this.isJudging = true;
    const reply = await this.calls.verdict(standing.turn, this.policy.open_for, standing.token, verdict);
    this.isJudging = false;
    if (reply === undefined || this.isPast(contact)) return;
    // Also when it was refused: somebody else has taken over.
    if (this.verdict === verdict) this.verdict = undefined;
    this.hear(reply);
  }

  private async claim(now: number): Promise<void> {
    const { standing, contact } = this;
    this.isClaiming = true;
    this.claimedAt = now;
    if (standing.token === '') standing.token = this.calls.newRandom();
    const { token, turn } = standing;
    const reply = await this.calls.claim(turn, this.policy.open_for, token);
    this.isClaiming = false;
    if (this.isPast(contact)) return;
    const heardAt = this.tools.clock.now();
    if (reply !== undefined) this.hear(reply);
    if (standing.token !== token) return;
    if (!reply?.done) standing.denied(Math.max(reply?.left ?? 0, AGAIN / 5), heardAt);
    else if (this.own.state !== 'open') this.owned(now);
    this.show();
  }

  /** @param sentAt when the lease was asked for */
  private owned(sentAt: number): void {
    if (!this.standing.owns(sentAt)) this.triedAt = sentAt;
    this.standing.granted(sentAt);
    if (this.standing.objects) this.judge('closed');
    else if (this.verdict === undefined && this.own.state === 'closed') this.prepare();
  }

  /** Its own circuit did not open: now it is half-open, as if it had, so that trials are trials. */
  private prepare(): void {
    const { own, policy } = this;
    const atOnce = { ...policy, consecutive_failures: 1, open_for: 0 };
    this.isPreparing = true;
    own.enter(atOnce)?.failed(this.standing.turn.reason);
    own.enter(atOnce)?.giveBack();
    own.adopt(own.place, policy, (state) => this.ownTurned(state));
    this.isPreparing = false;
    this.preparedFor = this.standing.turn.reason;
  }

  /** Says what there is to say, and hears how the fleet's circuit is. */
  read(): void {
    if (this.tools.store.state.condition === 'down') return;
    if (this.isReporting) this.reportsAgain = true;
    else void this.report();
  }

  private async report(): Promise<void> {
    const { contact, standing, policy, seen } = this;
    const now = this.tools.clock.now();
    this.isReporting = true;
    this.reportedAt = now;
    seen.look(now);
    const reply = await this.calls.report(standing.turn, policy.open_for, {
      traffic: seen.traffic(now),
      vote: seen.vote(now),
      success: seen.hasSuccess ? turnId(standing.turn) : '',
      quorum: policy.quorum,
      reason: this.own.reason,
    });
    this.isReporting = false;
    if (reply !== undefined && !this.isPast(contact)) this.hear(reply);
    if (!this.reportsAgain || this.isClosed) return;
    this.reportsAgain = false;
    this.read();
  }

  private isPast(contact: number): boolean {
    return this.isClosed || contact !== this.contact || this.tools.store.state.condition === 'down';
  }

  private hear({ turn }: FleetReply): void {
    const { standing } = this;
    const wasOpen = standing.isOpen;
    const isNew = standing.hear(turn, this.seen.isWell && this.own.state === 'closed', this.tools.clock.now());
    if (isNew || wasOpen !== standing.isOpen) this.term += 1;
    if (isNew) {
      this.seen.fleetTurned();
      this.verdict = undefined;
    }
    const now = this.tools.clock.now();
    if (standing.objects && !this.isClaiming && this.verdict === undefined && standing.mayClaim(now)) void this.claim(now);
    this.show();
  }

  /** Redis is away: its own circuit is all there is. */
  lost(): void {
    this.contact += 1;
    this.standing.lost();
    this.verdict = undefined;
    this.seen.redisLost();
    this.show();
  }

  /** Some time has passed. Called every few hundred ms while Redis is there. */
  look(now: number): void {
    const { standing, seen, own } = this;
    seen.look(now);
    const isVoting = seen.openedAt !== undefined;
    if (this.verdict !== undefined) void this.tell();
    else if (standing.isOpen && standing.owns(now) && own.state === 'half_open') this.renew(now);
    const every = isVoting && !standing.isOpen ? VOTING : EVERY;
    const isInUse = standing.isOpen || isVoting || seen.traffic(now) !== undefined;
    if ((isInUse || !standing.isKnown) && now - this.reportedAt >= every) this.read();
    this.show();
  }

  /** While there are trials, or may soon be; else another may have it, who has requests. */
  private renew(now: number): void {
    const since = now - this.triedAt;
    const isTrying = since < PATIENCE || (this.trials > 0 && since < this.policy.open_for);
    if (isTrying && !this.isClaiming && now - this.claimedAt >= RENEWAL) void this.claim(now);
  }

  private show(): void {
    const { own, standing } = this;
    let [state, reason]: [CircuitState, string] = [own.state, this.preparedFor ?? own.reason];
    if (standing.isOpen) {
      const isTrying = this.verdict?.state === 'closed' || (own.state === 'half_open' && standing.owns(this.tools.clock.now()));
      state = isTrying ? 'half_open' : 'open';
      if (own.state !== 'open') reason = standing.turn.reason;
    }
    this.reason = reason;
    if (state === this.state || this.isClosed) return;
    this.state = state;
    this.since = this.tools.clock.wall();
    if (state === 'open') this.openings += 1;
    this.turned(state, reason);
  }

  close(): void {
    this.isClosed = true;
    this.term += 1;
    this.own.close();
  }
}
