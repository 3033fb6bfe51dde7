import { Headers } from '../../../src/http/headers.ts';
import type { Identity, IdentityMethod } from '../../../src/http/identity.ts';
import { Reply } from '../../../src/http/reply.ts';
import { authenticationSchema, routeAuthenticationSchema } from '../../../src/layers/authentication/config.ts';
import { authentication } from '../../../src/layers/authentication/layer.ts';
import type { Finding, Method } from '../../../src/layers/authentication/method.ts';
import { authenticationMethods } from '../../../src/layers/authentication/methods.ts';
import { authMetrics } from '../../../src/layers/authentication/metrics.ts';
import { Passwords } from '../../../src/layers/authentication/passwords.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { type Asking, exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { consumerOf } from './consumer-of.ts';

export const ALICE = consumerOf({ name: 'alice', keys: ['key-of-alice'], password: 'open sesame', groups: ['admin'] });
export const BOB = consumerOf({ name: 'bob', keys: ['key-of-bob'], certificates: ['CN:bob'] });

export const TOKEN_OF_CAROL: Identity = Object.freeze({
  ...{ method: 'jwt', subject: 'carol', consumer: undefined, groups: [], scopes: ['users:read'], claims: { role: 'user' } },
});

/** Stands for tokens: what it finds, or throws, is the test's to say. */
export class FakeTokens implements Method {
  readonly name = 'jwt';
  asked = 0;
  find: () => Finding | Promise<Finding> = () => undefined;

  identify(): Finding | Promise<Finding> {
    this.asked += 1;
    return this.find();
  }
}

/** A route that asks who it is, in front of an upstream that notes what reaches it. */
export function gateOf(types: readonly IdentityMethod[], route: Record<string, unknown> = {}) {
  const jwt = new FakeTokens();
  const block = { auth_type: [...types], jwt: { secret: 'a-secret-of-sixteen-bytes-or-more' }, api_key: { query: 'api_key' } };
  const parts = { consumers: [ALICE, BOB], passwords: new Passwords(new ManualClock()), jwt };
  const methods = authenticationMethods(authenticationSchema.parse(block), parts);
  const metrics = authMetrics(new Metrics());
  const layer = authentication(routeAuthenticationSchema.parse(route), 'users', methods, metrics);
  const seen: { target: string; fields: string[]; identity: Identity | undefined }[] = [];
  const handler = layer((exchange) => {
    seen.push({ target: exchange.target, fields: exchange.headers.flat(), identity: exchange.identity });
    return new Reply(200);
  });
  /** Outcomes that were counted, as `method outcome`. */
  const counts = () =>
    Object.fromEntries(
      metrics.total.entries().map(({ labels, cell }) => [`${labels['method']} ${labels['outcome']}`, cell.value]),
    );
  const ask = (fields: Record<string, string> = {}, asking: Asking = {}) =>
    handler(exchangeOf({ ...asking, headers: Headers.from(Object.entries(fields)) }));
  return { jwt, handler, ask, seen, counts, metrics };
}

/** The challenges of a reply, one a line. */
export function challenges(reply: Reply): string[] {
  return reply.headers.all('www-authenticate');
}

export function problemOf(reply: Reply): Record<string, unknown> {
  return JSON.parse(String(reply.body)) as Record<string, unknown>;
}
