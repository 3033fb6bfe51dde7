import type { X509Certificate } from 'node:crypto';

type Subject = Pick<X509Certificate, 'subject'>;

/** The subject as RFC 4514 writes it, the most exact part first: `CN=alice,O=Example`. Empty: it has none. */
export function subjectText(certificate: Subject): string {
  return parts(certificate)
    .map((values) => values.join('+'))
    .join(',');
}

/** The most exact of its common names, as plain text. */
export function commonName(certificate: Subject): string | undefined {
  const written = parts(certificate)
    .flat()
    .find((value) => value.startsWith('CN='));
  return written
    ?.slice(3)
    .replaceAll(/\\([0-9A-F]{2}|.)/g, (_, escaped: string) =>
      escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped,
    );
}

/** Node writes a part in a line, least exact first, escaped as RFC 4514 wants it but for spaces around a plus sign. */
function parts({ subject }: Subject): string[][] {
  // A certificate may have no subject at all, whatever the types say.
  const lines = ((subject as string | undefined) ?? '').split('\n').filter((line) => line !== '');
  return lines.reverse().map((line) => line.split(' + '));
}
