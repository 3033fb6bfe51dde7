import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { onDemand } from '../lib/on-demand.ts';
import { codeOf, type Files } from './inputs.ts';

const tls = onDemand<typeof import('node:tls')>('node:tls');

/** What is wrong with a file, in words for the person who named it. */
export interface WrongFile {
  readonly wrong: string;
}

/** The text itself stands where its file is to be named. It is told nowhere: it may be a private key. */
export const INLINE = /-----BEGIN /;

/** A file of certificates as it stands, and what is in it: at least one. */
export interface Certificates {
  readonly text: string;
  readonly all: readonly X509Certificate[];
}

/** Clocks differ by this much, in ms: a certificate that was made a moment ago somewhere else is taken. */
const SLACK = 60_000;
const REASONS: Readonly<Record<string, string>> = { ENOENT: 'no such file', EACCES: 'no permission to read it' };
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

export function readCertificates(file: string, files: Files): Certificates | WrongFile {
  const text = readText(file, files);
  if (typeof text !== 'string') return text;
  const blocks = text.match(BLOCK);
  if (blocks === null && KEY.test(text)) return { wrong: 'holds a private key where a certificate is wanted' };
  try {
    if (blocks !== null) return { text, all: blocks.map((block) => new X509Certificate(block)) };
  } catch {
    // Base64 of something else.
  }
  return { wrong: 'not a PEM certificate' };
}

/** A private key as it stands, and what it is. */
export interface PrivateKey {
  readonly text: string;
  readonly key: KeyObject;
}

export function readPrivateKey(file: string, files: Files): PrivateKey | WrongFile {
  const text = readText(file, files);
  if (typeof text !== 'string') return text;
  if (ENCRYPTED.test(text)) return { wrong: 'is encrypted, and there is no place for its passphrase' };
  try {
    return { text, key: createPrivateKey(text) };
  } catch {
    const other = text.includes('-----BEGIN CERTIFICATE-----');
    return { wrong: other ? 'holds a certificate where a private key is wanted' : 'not a PEM private key' };
  }
}

export function readText(file: string, files: Files): string | WrongFile {
  try {
    return files.read(file).toString();
  } catch (error) {
    return { wrong: REASONS[codeOf(error)] ?? (error as Error).message };
  }
}

/**
 * Whether a certificate can be shown: the first of the file, to which the others lead.
 * @param now milliseconds since 1970
 * @returns what is wrong with it, if something is
 */
export function outOfDate({ all: [leaf] }: Certificates, now: number): string | undefined {
  return leaf && datesOf(leaf, now);
}

/** The same of authorities: a bundle may hold old ones, as long as there is one that can sign. */
export function allOutOfDate({ all }: Certificates, now: number): string | undefined {
  const problems = all.map((one) => datesOf(one, now));
  return problems.includes(undefined) ? undefined : problems.at(-1);
}

function datesOf({ validFromDate, validToDate }: X509Certificate, now: number): string | undefined {
  if (now > validToDate.getTime()) return `expired on ${written(validToDate)}`;
  return now < validFromDate.getTime() - SLACK ? `is not valid before ${written(validFromDate)}` : undefined;
}

function written(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/**
 * Whether a certificate and a key are one pair that TLS can be spoken with: that the key is large enough, for one.
 * @returns what is wrong with it, if something is
 */
export function unusablePair(
  certificates: Certificates,
  { text, key }: PrivateKey,
): { of: 'cert' | 'key'; why: string } | undefined {
  if (!(certificates.all[0] as X509Certificate).checkPrivateKey(key))
    return { of: 'key', why: 'does not belong to its certificate' };
  try {
    tls().createSecureContext({ cert: certificates.text, key: text });
    return undefined;
  } catch (error) {
    const { reason, message } = error as Error & { reason?: string };
    return { of: 'cert', why: `cannot be used for TLS: ${reason ?? message}` };
  }
}
