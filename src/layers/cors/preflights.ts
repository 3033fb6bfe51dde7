import type { Exchange } from '../../http/exchange.ts';
import { Reply } from '../../http/reply.ts';
import { addVary } from '../../http/vary.ts';
import type { Origins } from '../../lib/origins.ts';
import type { CorsConfig } from './config.ts';

const ON_PREFLIGHTS = ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers'];
const WITH_NETWORK = [...ON_PREFLIGHTS, 'Access-Control-Request-Private-Network'];
const FIELD = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/;

/** Answers the questions that browsers ask before they send what no page could send without CORS (Fetch §4.8). */
export class Preflights {
  private readonly config: CorsConfig;
  private readonly origins: Origins;
  private readonly methods: ReadonlySet<string>;
  private readonly headers: ReadonlySet<string>;
  private readonly varying: readonly string[];

  constructor(config: CorsConfig, origins: Origins) {
    const { allowed_methods: methods, allowed_headers: headers } = config;
    this.config = config;
    this.origins = origins;
    // GET implies HEAD, as in a route's methods.
    this.methods = new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods);
    this.headers = new Set(headers.map((name) => name.toLowerCase()));
    this.varying = config.private_network ? WITH_NETWORK : ON_PREFLIGHTS;
  }

  /**
   * 204, allowed or not: a browser looks at the fields, and what is missing says no.
   * @param method that the preflight asks about, as the client wrote it
   */
  answer({ headers: asked }: Exchange, method: string): Reply {
    const reply = new Reply(204);
    const { headers } = reply;
    addVary(headers, this.varying);
    const origin = asked.get('origin') ?? '';
    if (!this.origins.has(origin) || !this.mayAsk(method)) return reply;
    const { credentials, max_age, private_network } = this.config;
    headers.add('Access-Control-Allow-Origin', this.origins.all ? '*' : origin);
    headers.add('Access-Control-Allow-Methods', [...this.methods].join(', '));
    const fields = this.allowedFields(asked.get('access-control-request-headers'));
    if (fields !== '') headers.add('Access-Control-Allow-Headers', fields);
    if (credentials) headers.add('Access-Control-Allow-Credentials', 'true');
    if (max_age !== undefined) headers.add('Access-Control-Max-Age', String(Math.floor(max_age / 1000)));
    if (private_network && asked.get('access-control-request-private-network') === 'true')
      headers.add('Access-Control-Allow-Private-Network', 'true');
    return reply;
  }

  /** What is not listed is refused, GET and POST too, for which a browser would need no word of ours in the list. */
  private mayAsk(method: string): boolean {
    return this.methods.has(method) || this.methods.has('*');
  }

  /** Of those that were asked for, the ones that may be sent. `*` does not cover Authorization (Fetch §3.2.5). */
  private allowedFields(asked: string | undefined): string {
    if (asked === undefined) return '';
    const all = this.headers.has('*');
    const may = (name: string) => FIELD.test(name) && (this.headers.has(name) || (all && name !== 'authorization'));
    const names = asked.split(',').map((name) => name.trim().toLowerCase());
    return [...new Set(names.filter(may))].join(', ');
  }
}
