import { asGatewayError } from '../../../http/errors.ts';
import type { Exchange } from '../../../http/exchange.ts';
import type { Identity } from '../../../http/identity.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Hiding } from '../hiding.ts';
import { type Finding, isRefused, type Refused } from '../method.ts';
import { type Algorithm, WITH_SECRET } from './algorithms.ts';
import { bearerToken } from './bearer.ts';
import { checkClaims, checkLife, lifeOf } from './claims.ts';
import type { JwtConfig } from './config.ts';
import type { JwtKeys } from './keys.ts';
import type { JwtMetrics } from './metrics.ts';
import { readPublicKey } from './public-key.ts';
import { secretBytes } from './secret.ts';
import { readToken, type Token } from './token.ts';
import { tokenIdentity } from './token-identity.ts';
import { publicVerificationKey, secretVerificationKey, type VerificationKey } from './verification-key.ts';
import type { Policy } from './verified-tokens.ts';

/** Where the keys of a token come from. */
interface KeySource {
  find(algorithm: Algorithm, kid: string | undefined): readonly VerificationKey[];
  /** For a token whose key is not among those: there may be others after it. */
  refresh(): Promise<void>;
}

export interface JwtTools {
  readonly keys: JwtKeys;
  readonly clock: Clock;
  readonly metrics: JwtMetrics;
}

/**
 * Tokens signed by somebody whose key is known (RFC 7519, RFC 6750, with the advice of RFC 8725). A token that was found good
 * is known from then on, and answered synchronously; the first use of each takes about 0.1 ms, off the event loop in part.
 */
export function jwtMethod(config: JwtConfig, tools: JwtTools): Hiding {
  return new JwtMethod(config, tools);
}

class JwtMethod implements Hiding {
  readonly name = 'jwt';
  private readonly config: JwtConfig;
  private readonly field: string;
  private readonly tools: JwtTools;
  private readonly policy: Policy;
  private readonly secret: KeySource;
  private readonly publicKeys: KeySource;
  /** Tokens that are being verified: a burst of requests with one token verifies it once. */
  private readonly pending = new Map<string, Promise<Identity | Refused>>();

  constructor(config: JwtConfig, tools: JwtTools) {
    this.config = config;
    this.field = config.header.toLowerCase();
    this.tools = tools;
    this.policy = tools.keys.tokens.policy(config);
    this.secret = fixedKeys(secretKeys(config, tools.keys));
    this.publicKeys =
      config.jwks_uri === undefined ? fixedKeys(staticKeys(config, tools.keys)) : tools.keys.open(config.jwks_uri, config);
  }

  identify(exchange: Exchange): Finding | Promise<Finding> {
    const { keys, clock, metrics } = this.tools;
    const text = bearerToken(exchange.headers, this.field);
    if (text === undefined) return undefined;
    if (typeof text !== 'string') return this.settle(text);
    const known = keys.tokens.get(text, this.policy, clock.wall());
    if (known === undefined) return this.examine(text);
    metrics.verifications.cached.value += 1;
    return known;
  }

  hide({ headers }: Exchange): void {
    if (!this.config.forward && bearerToken(headers, this.field) !== undefined) headers.remove(this.field);
  }

  private examine(text: string): Finding | Promise<Finding> {
    let verifying = this.pending.get(text);
    if (verifying === undefined) {
      const token = this.read(text);
      if (typeof token === 'string') return this.settle(invalid(token));
      verifying = this.verify(token).finally(() => this.pending.delete(text));
      this.pending.set(text, verifying);
    }
    return verifying.then(
      (finding) => this.settle(finding),
      (error) => {
        this.tools.metrics.verifications.unavailable.value += 1;
        throw asGatewayError(error);
      },
    );
  }

  private settle(finding: Identity | Refused): Identity | Refused {
    const { verifications } = this.tools.metrics;
    if (isRefused(finding)) verifications.refused.value += 1;
    else verifications.valid.value += 1;
    return finding;
  }

  /** All that can refuse a token without its key: cheaper, and nobody fetches keys for a token that would be refused anyway. */
  private read(text: string): Token | string {
    const token = readToken(text, this.config.algorithms);
    if (typeof token === 'string') return token;
    return checkClaims(token, this.config) ?? this.checkLife(token) ?? token;
  }

  private checkLife({ claims }: Token): string | undefined {
    return checkLife(lifeOf(claims, this.config.leeway), this.tools.clock.wall());
  }

  private async verify(token: Token): Promise<Identity | Refused> {
    const key = await this.keyOf(token);
    if (key === undefined) return invalid('the signature of the token does not verify');
    // Keys may have been waited for.
    const late = this.checkLife(token);
    if (late !== undefined) return invalid(late);
    const identity = tokenIdentity(token.claims);
    const { policy } = this;
    this.tools.keys.tokens.put(token.text, {
      identity,
      key,
      policy,
      size: token.size,
      ...lifeOf(token.claims, this.config.leeway),
    });
    return identity;
  }

  /** The key that has signed it; undefined: none of those that could have. */
  private async keyOf(token: Token): Promise<VerificationKey | undefined> {
    const { algorithm, kid } = token;
    const source = WITH_SECRET.includes(algorithm) ? this.secret : this.publicKeys;
    const known = source.find(algorithm, kid);
    const key = await firstThatVerifies(known, token);
    // A key that was asked for by its name is the right one. Without a name it may have been changed for another.
    if (key !== undefined || (kid !== undefined && known.length > 0)) return key;
    await source.refresh();
    return await firstThatVerifies(
      source.find(algorithm, kid).filter((one) => !known.includes(one)),
      token,
    );
  }
}

async function firstThatVerifies(keys: readonly VerificationKey[], token: Token): Promise<VerificationKey | undefined> {
  for (const key of keys) if (await key.verifies(token)) return key;
  return undefined;
}

function invalid(description: string): Refused {
  return { refused: 'invalid_token', description };
}

/** Keys that the configuration itself names. They have no names of their own, so any `kid` will do. */
function fixedKeys(keys: readonly VerificationKey[]): KeySource {
  return { find: (algorithm) => keys.filter((key) => key.fits(algorithm)), refresh: async () => {} };
}

function secretKeys({ secret, algorithms }: JwtConfig, { load }: JwtKeys): VerificationKey[] {
  const bytes = secret === undefined ? undefined : secretBytes(secret);
  return bytes === undefined ? [] : [secretVerificationKey(bytes, algorithms, load)];
}

function staticKeys({ public_key, algorithms }: JwtConfig, { load }: JwtKeys): VerificationKey[] {
  if (public_key === undefined) return [];
  const jwk = readPublicKey(public_key);
  // The check of the configuration has read it; a key that is none verifies nothing.
  return typeof jwk === 'string' ? [] : [publicVerificationKey(jwk, algorithms, load)];
}
