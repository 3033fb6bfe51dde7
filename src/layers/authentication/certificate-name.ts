/** What a consumer's certificate may be known by, for messages. */
export const CERTIFICATE_NAMES = 'sha256:HEX, CN:name, DNS:name, URI:…, email:…, IP:…, or a name alone, which is a common name';

const KINDS: ReadonlyMap<string, string> = new Map(
  ['CN', 'DNS', 'URI', 'email', 'IP', 'sha256'].map((kind) => [kind.toLowerCase(), kind]),
);
const FINGERPRINT = /^(?:sha256:)?((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$/i;
/** Node's name for it. */
const IP_ADDRESS = 'ip address';

/**
 * A name of a certificate in the one spelling in which it is compared: `sha256:` and lower-case hex, `CN:alice`,
 * `DNS:a.example` (in lower case), `URI:spiffe://a/b`, `email:a@b`, `IP:10.0.0.1`. A name of no kind is a common name.
 * @returns undefined for what is none
 */
export function readCertificateName(text: string): string | undefined {
  const [, digits] = FINGERPRINT.exec(text) ?? [];
  if (digits !== undefined) return `sha256:${digits.replaceAll(':', '').toLowerCase()}`;
  if (text.trim() !== text || text === '' || text.length > 1024) return undefined;
  const [, written = '', value = ''] = /^([A-Za-z0-9 ]+)[:=](.*)$/s.exec(text) ?? [];
  const lower = written.toLowerCase();
  const kind = KINDS.get(lower === IP_ADDRESS ? 'ip' : lower);
  if (kind === undefined) return `CN:${text}`;
  if (value === '' || kind === 'sha256') return undefined;
  return kind === 'DNS' ? `DNS:${value.toLowerCase()}` : `${kind}:${value}`;
}
