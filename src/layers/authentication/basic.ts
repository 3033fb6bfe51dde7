import { randomBytes } from 'node:crypto';
import type { Exchange } from '../../http/exchange.ts';
import { ipKey } from '../../http/ip-key.ts';
import { isBasic, readBasic } from './basic-credential.ts';
import type { Consumers } from './consumers.ts';
import type { Hiding } from './hiding.ts';
import type { Finding, Refused } from './method.ts';
import { DEFAULT_COSTS, formatPasswordHash, HASH_BYTES, type PasswordHash, SALT_BYTES } from './password-hash.ts';
import type { Passwords } from './passwords.ts';

const MALFORMED: Refused = Object.freeze({ refused: 'invalid_token', description: 'The credential is malformed' });
const REFUSED: Refused = Object.freeze({ refused: 'invalid_token', description: 'User or password is not valid' });
const SEVERAL: Refused = Object.freeze({ refused: 'invalid_request', description: 'There is more than one Authorization field' });

/** Bits of an IPv6 address that are one guesser's: who has one address of a network has all of them. */
const NETWORK = 64;

/** Basic authentication (RFC 7617): consumers by their names and passwords. */
export class Basic implements Hiding {
  readonly name = 'basic';
  private readonly consumers: Consumers;
  private readonly passwords: Passwords;
  private readonly nobody: PasswordHash;

  constructor(consumers: Consumers, passwords: Passwords) {
    this.consumers = consumers;
    this.passwords = passwords;
    this.nobody = hashOfNobody([...consumers.byUser.values()].map(({ hash }) => hash));
  }

  identify(exchange: Exchange): Finding | Promise<Finding> {
    const shown = shownIn(exchange);
    if (shown === undefined) return undefined;
    if (shown.length > 1) return SEVERAL;
    const credential = readBasic(shown[0] as string);
    if (credential === undefined) return MALFORMED;
    const holder = this.consumers.byUser.get(credential.user);
    // Who does not exist takes as long as who does: the time says nothing about names.
    const from = ipKey(exchange.clientAddress, NETWORK);
    const fits = this.passwords.fits(credential.password, holder?.hash ?? this.nobody, from);
    const found = holder?.identity ?? REFUSED;
    if (typeof fits === 'boolean') return fits ? found : REFUSED;
    return fits.then((does) => (does ? found : REFUSED));
  }

  hide(exchange: Exchange): void {
    if (shownIn(exchange) !== undefined) exchange.headers.remove('authorization');
  }
}

/** The values of `Authorization` when one of them is a basic credential. */
function shownIn({ headers }: Exchange): string[] | undefined {
  if (!headers.has('authorization')) return undefined;
  const values = headers.all('authorization');
  return values.some(isBasic) ? values : undefined;
}

/** A hash that no password is known for, and that costs what the costliest of the others does. */
function hashOfNobody(hashes: readonly PasswordHash[]): PasswordHash {
  const work = ({ cost, blockSize, parallel }: PasswordHash) => cost * blockSize * parallel;
  const [first, ...rest] = hashes;
  const costs = first === undefined ? DEFAULT_COSTS : rest.reduce((most, one) => (work(one) > work(most) ? one : most), first);
  const [salt, hash] = [randomBytes(SALT_BYTES), randomBytes(HASH_BYTES)];
  const { cost, blockSize, parallel } = costs;
  const text = formatPasswordHash(costs, salt, hash);
  return { text, cost, blockSize, parallel, salt: salt.toString('base64url'), hash: hash.toString('base64url') };
}
