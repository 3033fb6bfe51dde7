import type { Identity, IdentityMethod } from '../../http/identity.ts';
import type { ConsumerConfig } from './config.ts';
import type { PasswordHash } from './password-hash.ts';

/** How a consumer that is known by its password is checked. */
export interface PasswordHolder {
  readonly hash: PasswordHash;
  readonly identity: Identity;
}

const NONE: readonly string[] = Object.freeze([]);
const NO_CLAIMS: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null));

/**
 * The consumers of one configuration, by what they are known by. Made anew for each configuration, and asked at each
 * request: who is no longer in it is nobody at once, whatever else is remembered of their credentials.
 */
export class Consumers {
  /** By `sha256:` and the hash of a key. */
  readonly byKey: ReadonlyMap<string, Identity>;
  readonly byUser: ReadonlyMap<string, PasswordHolder>;
  private readonly byCertificate: ReadonlyMap<string, ConsumerConfig>;

  constructor(consumers: readonly ConsumerConfig[]) {
    const [byKey, byUser] = [new Map<string, Identity>(), new Map<string, PasswordHolder>()];
    const byCertificate = new Map<string, ConsumerConfig>();
    for (const consumer of consumers) {
      const { name, basic, api_keys, certificates } = consumer;
      const holder = identityOf('api_key', undefined, consumer);
      for (const key of api_keys) byKey.set(key, holder);
      if (basic !== undefined) byUser.set(name, { hash: basic, identity: identityOf('basic', name, consumer) });
      for (const one of certificates) byCertificate.set(one, consumer);
    }
    this.byKey = byKey;
    this.byUser = byUser;
    this.byCertificate = byCertificate;
  }

  /** @param names as `readCertificateName` spells them; the first that is somebody's counts */
  withCertificate(names: readonly string[], subject: string | undefined): Identity {
    for (const name of names) {
      const consumer = this.byCertificate.get(name);
      if (consumer !== undefined) return identityOf('certificate', subject, consumer);
    }
    return identityOf('certificate', subject, undefined);
  }
}

function identityOf(method: IdentityMethod, subject: string | undefined, consumer: ConsumerConfig | undefined): Identity {
  const groups = consumer?.groups ?? NONE;
  return Object.freeze({ method, subject, consumer: consumer?.name, groups, scopes: NONE, claims: NO_CLAIMS });
}
