interface Row {
  /** The one type of key that it takes (RFC 7518 §6.1). */
  readonly kty: 'oct' | 'RSA' | 'EC' | 'OKP';
  /** The one curve; undefined: keys of this type have none. */
  readonly crv?: string;
  /** Bytes of its hash: what a secret should have at least (RFC 7518 §3.2). */
  readonly bytes: number;
}

/**
 * The signatures that can be believed, and the whole vocabulary of `alg`: no word for "none" is in it. Each takes keys of
 * one type only, and no type serves both a secret and a public key, so that neither can pass for the other.
 */
const ROWS = {
  HS256: { kty: 'oct', bytes: 32 },
  HS384: { kty: 'oct', bytes: 48 },
  HS512: { kty: 'oct', bytes: 64 },
  RS256: { kty: 'RSA', bytes: 32 },
  RS384: { kty: 'RSA', bytes: 48 },
  RS512: { kty: 'RSA', bytes: 64 },
  PS256: { kty: 'RSA', bytes: 32 },
  PS384: { kty: 'RSA', bytes: 48 },
  PS512: { kty: 'RSA', bytes: 64 },
  ES256: { kty: 'EC', crv: 'P-256', bytes: 32 },
  ES384: { kty: 'EC', crv: 'P-384', bytes: 48 },
  ES512: { kty: 'EC', crv: 'P-521', bytes: 64 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', bytes: 64 },
  /** The same signature under the name of RFC 9864. */
  Ed25519: { kty: 'OKP', crv: 'Ed25519', bytes: 64 },
} as const satisfies Record<string, Row>;

export type Algorithm = keyof typeof ROWS;

export const ALGORITHMS = Object.freeze(Object.keys(ROWS) as [Algorithm, ...Algorithm[]]);
export const WITH_SECRET: readonly Algorithm[] = ALGORITHMS.filter((name) => ROWS[name].kty === 'oct');
export const WITH_PUBLIC_KEY: readonly Algorithm[] = ALGORITHMS.filter((name) => ROWS[name].kty !== 'oct');

/** Bytes of the hash. */
export function hashBytes(algorithm: Algorithm): number {
  return ROWS[algorithm].bytes;
}

/** Whether a key of this type and curve can be used with the algorithm. */
export function fitsKey(algorithm: Algorithm, key: { readonly kty?: unknown; readonly crv?: unknown }): boolean {
  const row: Row = ROWS[algorithm];
  return row.kty === key.kty && (row.crv === undefined || row.crv === key.crv);
}
