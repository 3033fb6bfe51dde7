import type { Exchange } from '../../http/exchange.ts';
import { fieldIdOf } from '../../http/field-names.ts';
import type { Layer } from '../../http/layer.ts';
import { preflightMethod } from '../../http/preflight.ts';
import type { Reply } from '../../http/reply.ts';
import { addVary } from '../../http/vary.ts';
import { Origins } from '../../lib/origins.ts';
import type { CorsConfig } from './config.ts';
import { Preflights } from './preflights.ts';

/** What an upstream says of it gives way: one of the two must decide, and that is who answers preflights. */
const OURS = [
  ...['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-allow-methods'],
  ...['access-control-allow-headers', 'access-control-expose-headers', 'access-control-max-age'],
  ...['access-control-allow-private-network'],
];
const ORIGIN = ['Origin'];

/**
 * Cross-origin requests of browsers (Fetch standard §3.2). Answers preflights itself, allowed or not, and puts the fields
 * on every other reply of the route, errors too: without them a page cannot even read why it was refused. A request of an
 * origin that is not allowed goes on: the browser keeps its reply from the page. This is no access control.
 */
export function cors(config: CorsConfig): Layer {
  const origins = new Origins(config.allowed_origins);
  const preflights = new Preflights(config, origins);
  const marks = new Marks(config, origins);
  return (next) => (exchange) => {
    const method = preflightMethod(exchange);
    if (method !== undefined) return preflights.answer(exchange, method);
    exchange.onReply(marks.of(exchange));
    return next(exchange);
  };
}

type Mark = (reply: Reply) => void;

/** What is written on replies, made once for each origin that can be foreseen. */
class Marks {
  private readonly origins: Origins;
  private readonly rest: readonly Field[];
  /**
   * For every request, one without an origin too, where all origins are the same: who caches the reply gives it to pages
   * later, and there is no `Vary` that keeps it from that (Fetch §3.2.7).
   */
  private readonly forAll: Mark | undefined;
  private readonly forNobody: Mark;
  private readonly byOrigin: ReadonlyMap<string, Mark>;

  constructor(config: CorsConfig, origins: Origins) {
    const { credentials, exposed_headers: exposed, allowed_origins: allowed } = config;
    this.origins = origins;
    this.rest = [
      ...(credentials ? [fieldOf('Access-Control-Allow-Credentials', 'true')] : []),
      ...(exposed.length > 0 ? [fieldOf('Access-Control-Expose-Headers', exposed.join(', '))] : []),
    ];
    this.forAll = origins.all ? this.mark('*', false) : undefined;
    this.forNobody = this.mark(undefined, true);
    this.byOrigin = new Map(allowed.filter((one) => !one.includes('*')).map((origin) => [origin, this.mark(origin, true)]));
  }

  of(exchange: Exchange): Mark {
    if (this.forAll !== undefined) return this.forAll;
    const origin = exchange.headers.get('origin');
    if (origin === undefined) return this.forNobody;
    return this.byOrigin.get(origin) ?? (this.origins.has(origin) ? this.mark(origin, true) : this.forNobody);
  }

  /** @param origin undefined: no page may read it */
  private mark(origin: string | undefined, varies: boolean): Mark {
    return ({ headers }) => {
      for (const name of OURS) headers.remove(name);
      if (varies) addVary(headers, ORIGIN);
      if (origin === undefined) return;
      headers.add('Access-Control-Allow-Origin', origin, ALLOW_ORIGIN);
      for (const { name, value, id } of this.rest) headers.add(name, value, id);
    };
  }
}

interface Field {
  readonly name: string;
  readonly value: string;
  readonly id: number;
}

const ALLOW_ORIGIN = fieldIdOf('Access-Control-Allow-Origin');

function fieldOf(name: string, value: string): Field {
  return { name, value, id: fieldIdOf(name) };
}
