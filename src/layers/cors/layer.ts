import type { Exchange } from '../../http/exchange.ts';
import type { Layer } from '../../http/layer.ts';
import { preflightMethod } from '../../http/preflight.ts';
import { Reply } from '../../http/reply.ts';
import { addVary } from '../../http/vary.ts';
import type { CorsConfig } from './config.ts';
import { Origins } from './origins.ts';

/** What an upstream says of it gives way: one of the two must decide, and that is who answers preflights. */
const OURS = [
  ...['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-allow-methods'],
  ...['access-control-allow-headers', 'access-control-expose-headers', 'access-control-max-age'],
  ...['access-control-allow-private-network'],
];
const ON_PREFLIGHTS = ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers'];
/** Those need no leave (Fetch §4.8). */
const SIMPLE_METHODS = ['GET', 'HEAD', 'POST'];

/**
 * Cross-origin requests of browsers (Fetch standard §3.2). Answers preflights itself, allowed or not, and puts the fields
 * on every other reply of the route, errors too: without them a page cannot even read why it was refused. A request of an
 * origin that is not allowed goes on: the browser keeps its reply from the page. This is no access control.
 */
export function cors(config: CorsConfig): Layer {
  const policy = new Policy(config);
  return (next) => (exchange) => {
    const method = preflightMethod(exchange);
    if (method !== undefined) return policy.preflight(exchange, method);
    policy.mark(exchange);
    return next(exchange);
  };
}

type Mark = (reply: Reply) => void;

class Policy {
  private readonly config: CorsConfig;
  private readonly origins: Origins;
  private readonly headers: ReadonlySet<string>;
  private readonly exposed: string;
  /** Whether every origin gets the same fields. */
  private readonly alike: boolean;
  private readonly unmarked: Mark;
  private readonly marks = new Map<string, Mark>();

  constructor(config: CorsConfig) {
    this.config = config;
    this.origins = new Origins(config.allowed_origins);
    this.headers = new Set(config.allowed_headers.map((name) => name.toLowerCase()));
    this.exposed = config.exposed_headers.join(', ');
    this.alike = this.origins.all;
    this.unmarked = (reply) => this.write(reply, undefined);
    for (const origin of config.allowed_origins) this.marks.set(origin, (reply) => this.write(reply, origin));
  }

  mark(exchange: Exchange): void {
    const origin = exchange.headers.get('origin');
    if (this.alike) exchange.onReply(origin === undefined ? this.unmarked : (this.marks.get('*') as Mark));
    else if (origin === undefined || !this.origins.has(origin)) exchange.onReply(this.unmarked);
    else exchange.onReply(this.marks.get(origin) ?? ((reply) => this.write(reply, origin)));
  }

  /** @param origin undefined: no page may read it */
  private write({ headers }: Reply, origin: string | undefined): void {
    for (const name of OURS) headers.remove(name);
    if (!this.alike) addVary(headers, ['Origin']);
    if (origin === undefined) return;
    headers.add('Access-Control-Allow-Origin', origin);
    if (this.config.credentials) headers.add('Access-Control-Allow-Credentials', 'true');
    if (this.exposed !== '') headers.add('Access-Control-Expose-Headers', this.exposed);
  }

  preflight(exchange: Exchange, method: string): Reply {
    const reply = new Reply(204);
    const { headers } = reply;
    addVary(headers, ON_PREFLIGHTS);
    const origin = exchange.headers.get('origin') ?? '';
    if (!this.origins.has(origin) || !this.allowsMethod(method)) return reply;
    const { credentials, max_age, private_network } = this.config;
    headers.add('Access-Control-Allow-Origin', this.alike ? '*' : origin);
    headers.add('Access-Control-Allow-Methods', this.config.allowed_methods.join(', '));
    const fields = this.allowedFields(exchange.headers.get('access-control-request-headers'));
    if (fields !== '') headers.add('Access-Control-Allow-Headers', fields);
    if (credentials) headers.add('Access-Control-Allow-Credentials', 'true');
    if (max_age !== undefined) headers.add('Access-Control-Max-Age', String(Math.floor(max_age / 1000)));
    if (private_network && exchange.headers.get('access-control-request-private-network') === 'true')
      headers.add('Access-Control-Allow-Private-Network', 'true');
    return reply;
  }

  private allowsMethod(method: string): boolean {
    const { allowed_methods: allowed } = this.config;
    return allowed.includes('*') || allowed.includes(method) || SIMPLE_METHODS.includes(method);
  }

  /** Of those that were asked for, the ones that may be sent. `*` does not cover Authorization (Fetch §3.2.5). */
  private allowedFields(asked: string | undefined): string {
    if (asked === undefined) return '';
    const names = asked.split(',').map((name) => name.trim().toLowerCase());
    const all = this.headers.has('*');
    const may = (name: string) => FIELD.test(name) && (this.headers.has(name) || (all && name !== 'authorization'));
    return names.filter(may).join(', ');
  }
}

const FIELD = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/;
