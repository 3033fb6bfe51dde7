/** How somebody proved who they are, in the words of `authentication.methods`. */
export type IdentityMethod = 'jwt' | 'api_key' | 'basic' | 'certificate';

/** Who asks, as far as that has been proved. Frozen: the same object serves every request with the same credential. */
export interface Identity {
  readonly method: IdentityMethod;
  /** `sub` of a token, the user of basic authentication, the common name of a certificate; undefined: it has none. */
  readonly subject: string | undefined;
  /** The consumer of the configuration that it is; undefined: none of them. */
  readonly consumer: string | undefined;
  readonly groups: readonly string[];
  /** Of a token (`scope`, `scp`). */
  readonly scopes: readonly string[];
  /** Of a token, all of them. Without a prototype or with: ask by `Object.hasOwn`. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a client showed in its TLS handshake, after it was verified. */
export interface ClientCertificate {
  /** As in RFC 4514: `CN=alice,O=Example`. */
  readonly subject: string;
  readonly commonName: string | undefined;
  /** Subject alternative names with their kinds: `DNS:a.example`, `URI:spiffe://a/b`, `email:a@b`. */
  readonly names: readonly string[];
  /** SHA-256 in lower-case hex. */
  readonly fingerprint: string;
  /** Until when it proves anything, in ms since 1970. */
  readonly notAfter: number;
}

/** A claim of the name as it stands; else, steps by dots through blocks: `realm_access.roles`. Never what is inherited. */
export function claimOf({ claims }: Pick<Identity, 'claims'>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** {@link claimOf} as text: strings, numbers and booleans as they are; undefined for what is absent or has parts. */
export function claimText(identity: Identity | undefined, claim: string): string | undefined {
  const value = identity === undefined ? undefined : claimOf(identity, claim);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
