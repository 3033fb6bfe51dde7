import type { Exchange } from '../../http/exchange.ts';
import type { ClientCertificate, Identity } from '../../http/identity.ts';
import { readCertificateName } from './certificate-name.ts';
import type { Consumers } from './consumers.ts';
import type { Finding, Method } from './method.ts';

/**
 * The certificate that a client showed in its TLS handshake, which has been verified there. It makes the client a consumer
 * by its fingerprint, else by its alternative names in their order, else by its common name; who is no consumer is still
 * known by the common name.
 */
export class Certificates implements Method {
  readonly name = 'certificate';
  private readonly consumers: Consumers;
  /** A connection's requests show the same certificate. */
  private readonly known = new WeakMap<ClientCertificate, Identity>();

  constructor(consumers: Consumers) {
    this.consumers = consumers;
  }

  identify({ peer: { certificate } }: Exchange): Finding {
    if (certificate === undefined) return undefined;
    let identity = this.known.get(certificate);
    if (identity === undefined) {
      identity = this.consumers.withCertificate(namesOf(certificate), certificate.commonName);
      this.known.set(certificate, identity);
    }
    return identity;
  }
}

/** The kinds by which an authority may say who somebody is. What else stands there is nobody's name. */
const KIND = /^(?:DNS|URI|email|IP|IP Address):/i;

function namesOf({ fingerprint, names, commonName }: ClientCertificate): string[] {
  const alternative = names.filter((name) => KIND.test(name));
  const written = [`sha256:${fingerprint}`, ...alternative, ...(commonName === undefined ? [] : [`CN:${commonName}`])];
  return written.flatMap((name) => readCertificateName(name) ?? []);
}
