/** Ms for which traffic counts (see the script of reports). */
const TRAFFIC = 10_000;

/** What this member has seen of one endpoint itself: what its reports say. Pure: times are given, in ms of its monotonic clock. */
export class FleetEvidence {
  /** When its own circuit opened, and has not closed since. */
  openedAt: number | undefined;
  /** Whether the endpoint has done well since the fleet's last turn. */
  hasSuccess = false;
  /** Whether it has since Redis was reached last, and its own circuit has not opened since. */
  isWell = false;
  /** On the path there is a mark, and no look at the clock. */
  private hadTraffic = false;
  private lastTraffic = Number.NEGATIVE_INFINITY;

  attempted(): void {
    this.hadTraffic = true;
  }

  succeeded(): void {
    this.hasSuccess = true;
    this.isWell = true;
  }

  opened(now: number): void {
    this.openedAt = now;
    this.isWell = false;
  }

  closed(): void {
    this.openedAt = undefined;
    this.succeeded();
  }

  fleetTurned(): void {
    this.hasSuccess = false;
  }

  redisLost(): void {
    this.isWell = false;
  }

  /** Gives attempts since the last look a time. */
  look(now: number): void {
    if (this.hadTraffic) this.lastTraffic = now;
    this.hadTraffic = false;
  }

  /** Ms since there was traffic; undefined: none that counts. */
  traffic(now: number): number | undefined {
    const ms = now - this.lastTraffic;
    return ms <= TRAFFIC ? ms : undefined;
  }

  /** Ms since its own circuit opened; undefined: it has not, or has closed. */
  vote(now: number): number | undefined {
    return this.openedAt === undefined ? undefined : now - this.openedAt;
  }
}
