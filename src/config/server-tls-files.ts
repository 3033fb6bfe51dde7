import type { Finding } from './config-error.ts';
import { type Path, pathText, valueAt } from './path.ts';
import { loneHalf, type Reading, readAuthorities, readPair, type TlsTexts } from './tls-files.ts';

const HTTPS: Path = ['server', 'https_addr'];
const LIST: Path = ['server', 'tls', 'certificates'];
const MODE: Path = ['server', 'tls', 'client_auth', 'mode'];
const CA: Path = ['server', 'tls', 'client_auth', 'ca'];

/** What the files say that `server` names for TLS towards clients. */
interface ServerTls {
  /** In the order in which the schema puts the certificates: the single one first. */
  readonly pairs: readonly TlsTexts[];
  readonly ca: string | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads the certificates that clients are shown and the authorities of theirs. One that cannot be used, or not now, is
 * a problem of the configuration: the one before goes on, with the certificates it had.
 */
export function readServerTls(document: unknown, reading: Reading): ServerTls {
  const single = { cert: ['server', 'tls_cert'], key: ['server', 'tls_key'] };
  const list = valueAt(document, LIST);
  const more = (Array.isArray(list) ? [...list.keys()] : []).map((at) => ({
    cert: [...LIST, at, 'cert'],
    key: [...LIST, at, 'key'],
  }));
  const read = [single, ...more].map((paths) => readPair(document, paths, reading));
  const authorities = readAuthorities(document, CA, reading);
  const ofFiles = [...read.flatMap((one) => one.findings), ...authorities.findings];
  const findings = firstReasons([...ofFiles, ...loneHalf(document, single), ...togetherness(document)]);
  const pairs = read.map(({ texts }) => texts).filter(({ cert }) => cert !== undefined);
  return { pairs, ca: authorities.texts.ca, findings };
}

/** One reason is enough to look at a place again. */
function firstReasons(findings: readonly Finding[]): Finding[] {
  const told = new Map<string, Finding>();
  for (const finding of findings) if (!told.has(pathText(finding.path))) told.set(pathText(finding.path), finding);
  return [...told.values()];
}

/** A certificate without a port that shows it protects nobody, and looks as if it did. */
function togetherness(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const certificates = [
    ['server', 'tls_cert'],
    ['server', 'tls_key'],
    [...LIST, 0],
  ].filter((path) => valueAt(document, path) !== undefined);
  const asked = ['request', 'require'].includes(String(valueAt(document, MODE)));
  if (asked && valueAt(document, CA) === undefined)
    findings.push({ path: MODE, message: 'needs ca beside it: who signs certificates of clients' });
  const [first] = certificates;
  if (valueAt(document, HTTPS) === undefined) {
    const unused = first ?? (asked ? MODE : undefined);
    if (unused !== undefined) findings.push({ path: unused, message: 'acts on https_addr alone, which is not there' });
  } else if (first === undefined)
    findings.push({ path: HTTPS, message: 'needs a certificate', expected: 'tls_cert and tls_key, or tls.certificates' });
  return findings;
}

/** Puts the texts where the schema has left the names of the files. */
export function putServerTls(tls: { certificates: object[]; client_auth: object }, { pairs, ca }: ServerTls): void {
  for (const [at, texts] of pairs.entries()) Object.assign(tls.certificates[at] as object, texts);
  if (ca !== undefined) Object.assign(tls.client_auth, { ca });
}
