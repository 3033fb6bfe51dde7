import type { Exchange } from '../../http/exchange.ts';
import type { Reply } from '../../http/reply.ts';
import { type Announced, policyField, setOldFields, standingField } from './fields.ts';
import type { Limit } from './limit.ts';
import type { Decision, Demand, Standing } from './limiter.ts';

/** Says that Redis could not be asked, and what was done instead: `local` or `open`. */
const WITHOUT = 'Sluice-Limits';

/** Limits that a request must pass together, and how they are told. */
export class LimitSet {
  readonly limits: readonly Limit[];
  readonly needsForm: boolean;
  /** Those that are told in each of the two ways, and where their standings are. */
  private readonly told: Style;
  private readonly toldOld: Style;
  private readonly policy: string;
  /** Whether two of them may lead to one bucket. */
  private readonly mayMeet: boolean;

  constructor(limits: readonly Limit[]) {
    this.limits = limits;
    this.mayMeet = new Set(limits.map(({ id }) => id)).size < limits.length;
    this.needsForm = limits.some((limit) => limit.needsForm);
    const labels = uniqueLabels(limits);
    this.told = new Style(limits, labels, 'ratelimit');
    this.toldOld = new Style(limits, labels, 'x-ratelimit');
    this.policy = policyField(this.told.limits);
  }

  /** A request counts once in a bucket, however many of its limits lead there: further ones cost nothing. */
  demands(exchange: Exchange): Demand[] {
    const demands: Demand[] = [];
    for (const limit of this.limits) {
      const demand = limit.demand(exchange);
      const again = this.mayMeet && demands.some((one) => one.limit === demand.limit && one.key === demand.key);
      demands.push(again ? { ...demand, cost: 0 } : demand);
    }
    return demands;
  }

  /** Whether clients are told anything. */
  get speaks(): boolean {
    return this.told.limits.length > 0 || this.toldOld.limits.length > 0;
  }

  /** Puts the fields on a reply. An upstream's own of these names give way: it knows of other limits, which clients do not meet. */
  tell(reply: Reply, { standings, without }: Decision): void {
    const { headers } = reply;
    if (without !== undefined) headers.set(WITHOUT, without);
    if (this.told.limits.length > 0) {
      headers.remove('ratelimit-policy');
      headers.remove('ratelimit');
      headers.add('RateLimit-Policy', this.policy);
      headers.add('RateLimit', standingField(this.told.limits, this.told.pick(standings)));
    }
    if (this.toldOld.limits.length > 0) setOldFields(reply, this.toldOld.limits, this.toldOld.pick(standings));
  }
}

class Style {
  readonly limits: readonly Announced[];
  private readonly places: readonly number[];
  private readonly all: boolean;

  constructor(limits: readonly Limit[], labels: readonly string[], style: 'ratelimit' | 'x-ratelimit') {
    this.places = [...limits.keys()].filter((at) => limits[at]?.config.headers.includes(style));
    this.limits = this.places.map((at) => ({ config: (limits[at] as Limit).config, label: labels[at] as string }));
    this.all = this.places.length === limits.length;
  }

  pick(standings: readonly Standing[]): readonly Standing[] {
    return this.all ? standings : this.places.map((at) => standings[at] as Standing);
  }
}

/** A route's, the shared and a consumer's limit may have one name; no field may have an item twice. */
function uniqueLabels(limits: readonly Limit[]): string[] {
  const labels: string[] = [];
  for (const { config } of limits) {
    let label = config.name;
    for (let count = 2; labels.includes(label); count++) label = `${config.name}-${count}`;
    labels.push(label);
  }
  return labels;
}
