import { X509Certificate } from 'node:crypto';
import { alternativeNames } from './alternative-names.ts';
import { commonName } from './subject.ts';

/** What a certificate for clients says about itself. */
export interface Leaf {
  /** Lower-case hosts and addresses it is for. The common name stands in where there are none, as in certificates of old. */
  readonly names: readonly string[];
  /** The kind of its key: `ec`, `rsa` and so on. */
  readonly kind: string | undefined;
  /** Seconds since 1970. */
  readonly notAfter: number;
}

/** @param pem the certificate, then those that lead to its authority. @throws Error when it is none */
export function readLeaf(pem: string): Leaf {
  const certificate = new X509Certificate(pem);
  const names = alternativeNames(certificate)
    .filter(({ kind }) => kind === 'DNS' || kind === 'IP')
    .map(({ value }) => value.toLowerCase());
  const common = commonName(certificate)?.toLowerCase();
  return {
    names: names.length > 0 || common === undefined ? names : [common],
    kind: certificate.publicKey.asymmetricKeyType,
    notAfter: certificate.validToDate.getTime() / 1000,
  };
}
