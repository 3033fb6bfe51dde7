import type { IdentityMethod } from '../../http/identity.ts';
import { ApiKeys } from './api-key.ts';
import { Basic } from './basic.ts';
import { Certificates } from './certificate.ts';
import type { AuthenticationConfig, ConsumerConfig } from './config.ts';
import { Consumers } from './consumers.ts';
import type { Method } from './method.ts';
import type { Passwords } from './passwords.ts';

/** What the methods of one configuration are made of. */
export interface MethodParts {
  readonly consumers: readonly ConsumerConfig[];
  /** Outlives configurations. */
  readonly passwords: Passwords;
  /** Tokens; undefined: `auth_type` does not have them. */
  readonly jwt: Method | undefined;
}

/** The ways to prove who asks of one configuration, made once and shared by all its routes. */
export interface Methods {
  readonly realm: string;
  /** In the order in which they are tried. */
  readonly byName: ReadonlyMap<IdentityMethod, Method>;
}

/** @throws Error when `auth_type` has jwt and there is no method for it */
export function authenticationMethods({ auth_type, realm, api_key }: AuthenticationConfig, parts: MethodParts): Methods {
  const consumers = new Consumers(parts.consumers);
  const make = (name: IdentityMethod): Method => {
    switch (name) {
      case 'api_key':
        return new ApiKeys(api_key, consumers);
      case 'basic':
        return new Basic(consumers, parts.passwords);
      case 'certificate':
        return new Certificates(consumers);
      case 'jwt':
        if (parts.jwt === undefined) throw new Error('auth_type has jwt, and nobody reads tokens');
        return parts.jwt;
    }
  };
  return { realm, byName: new Map(auth_type.map((name) => [name, make(name)])) };
}
