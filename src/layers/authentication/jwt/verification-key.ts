import { createSecretKey } from 'node:crypto';
import type * as Jose from 'jose';
import { type Algorithm, fitsKey, hashBytes, WITH_SECRET } from './algorithms.ts';
import type { Token } from './token.ts';

/** Loads jose; the same promise each time. */
export type LoadJose = () => Promise<typeof Jose>;
type Open = (algorithm: Algorithm) => Jose.CryptoKey | Promise<Jose.CryptoKey>;

/**
 * A key with the algorithms that it may be used with, bound to it when it is made: no token can choose otherwise. WebCrypto
 * binds it once more, to one algorithm and one hash for each of its forms.
 */
export class VerificationKey {
  readonly kid: string | undefined;
  /** False once whoever publishes it does so no more: what it has verified is believed no longer. */
  live = true;
  private readonly algorithms: readonly Algorithm[];
  private readonly load: LoadJose;
  private readonly open: Open;
  private readonly opened = new Map<Algorithm, Jose.CryptoKey | Promise<Jose.CryptoKey>>();

  constructor(kid: string | undefined, algorithms: readonly Algorithm[], load: LoadJose, open: Open) {
    this.kid = kid;
    this.algorithms = algorithms;
    this.load = load;
    this.open = open;
  }

  fits(algorithm: Algorithm): boolean {
    return this.algorithms.includes(algorithm);
  }

  /** Whether it has made the token's signature. False as well for a key that turns out not to be one; never rejects for that. */
  async verifies({ text, algorithm }: Token): Promise<boolean> {
    if (!this.fits(algorithm)) return false;
    const { compactVerify } = await this.load();
    try {
      let key = this.opened.get(algorithm);
      if (key === undefined) {
        key = this.open(algorithm);
        this.opened.set(algorithm, key);
      }
      await compactVerify(text, await key, { algorithms: [algorithm] });
      return true;
    } catch {
      return false;
    }
  }
}

/** @param algorithms those that are believed; the key takes those of them that go with it */
export function publicVerificationKey(
  jwk: Jose.JWK,
  algorithms: readonly Algorithm[],
  load: LoadJose,
  kid?: string,
): VerificationKey {
  const fitting = algorithms.filter((name) => fitsKey(name, jwk));
  return new VerificationKey(kid, fitting, load, async (algorithm) => {
    const key = await (await load()).importJWK(jwk, algorithm);
    if (key instanceof Uint8Array) throw new TypeError('not a public key');
    return key;
  });
}

export function secretVerificationKey(bytes: Buffer, algorithms: readonly Algorithm[], load: LoadJose): VerificationKey {
  const fitting = algorithms.filter((name) => WITH_SECRET.includes(name));
  const secret = createSecretKey(bytes);
  return new VerificationKey(undefined, fitting, load, (algorithm) =>
    // As bytes jose would import it anew for each token.
    secret.toCryptoKey({ name: 'HMAC', hash: `SHA-${hashBytes(algorithm) * 8}` }, false, ['verify']),
  );
}
