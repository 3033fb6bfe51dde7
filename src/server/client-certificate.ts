import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../http/identity.ts';
import { alternativeNames } from './alternative-names.ts';
import { commonName, subjectText } from './subject.ts';

/**
 * What the client has proved to be, or undefined: it showed nothing, what it showed was not signed by one of the
 * authorities, or is out of date. A session that goes on brings what was proved when it began, and nobody has looked at
 * the dates since.
 * @param now milliseconds since 1970
 */
export function clientCertificate(socket: TLSSocket, now: number): ClientCertificate | undefined {
  // Both: a session without a certificate that goes on counts as authorized (it did, for some versions of Node).
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined || now > certificate.validToDate.getTime()) return undefined;
  return Object.freeze({
    subject: subjectText(certificate),
    commonName: commonName(certificate),
    names: Object.freeze(alternativeNames(certificate).map(({ kind, value }) => `${kind}:${value}`)),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notAfter: certificate.validToDate.getTime(),
  });
}

/** The same when whoever signed it is believed no longer: it proves nothing from then on. */
export function disbelieved(certificate: ClientCertificate): ClientCertificate {
  return Object.freeze({ ...certificate, notAfter: Number.NEGATIVE_INFINITY });
}
