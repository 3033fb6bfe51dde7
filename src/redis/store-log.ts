import type { StoreCondition, StoreState } from './store.ts';

/** Where lines go: fields first, then a message of fixed words. The log of telemetry/ is one; that room and this do not know each other. */
export interface LineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says each thing once, however often it is found: an outage is a line when it begins, one for each new reason, and one when it ends. */
export class StoreLog {
  /** Where Redis is. */
  place = '';
  private readonly logger: LineLog;
  private told: StoreCondition | undefined;
  private readonly reasons = new Set<string>();
  private deafFor = '';

  constructor(logger: LineLog) {
    this.logger = logger;
  }

  condition({ condition, reason }: StoreState): void {
    const isNews = condition !== this.told;
    if (isNews) this.reasons.clear();
    // Reasons may come and go in turn, such as "refused" and "no answer": each is told once an outage.
    if (!isNews && (this.reasons.has(reason) || this.reasons.size >= 10)) return;
    this.told = condition;
    this.reasons.add(reason);
    if (condition === 'up') this.logger.info({ redis: this.place }, 'redis is up');
    else this.logger.warn({ redis: this.place, reason }, condition === 'down' ? 'redis is down' : 'redis is slow');
  }

  /** @param reason why no channel can be listened to; empty: they can be */
  channels(reason: string): void {
    if (reason === this.deafFor || (reason !== '' && this.deafFor !== '')) return;
    this.deafFor = reason;
    if (reason === '') this.logger.info({ redis: this.place }, 'redis channels are heard again');
    else this.logger.warn({ redis: this.place, reason }, 'redis channels are not heard');
  }

  eviction(evicts: boolean): void {
    if (evicts) this.logger.warn({ redis: this.place }, 'redis evicts keys when its memory is full: limits have no bound');
    else this.logger.info({ redis: this.place }, 'redis evicts no keys any more');
  }

  thrown(err: unknown): void {
    this.logger.error({ err }, 'a listener to a redis channel has thrown');
  }
}
