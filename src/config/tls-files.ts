import { resolve } from 'node:path';
import type { Finding } from './config-error.ts';
import type { Files } from './inputs.ts';
import { type Path, valueAt } from './path.ts';
import { allOutOfDate, INLINE, outOfDate, readCertificates, readPrivateKey, unusablePair, type WrongFile } from './pem.ts';

/** PEM text in the place of each file name of a `tls` block. */
export interface TlsTexts {
  ca?: string;
  cert?: string;
  key?: string;
}

/** How the files of a document are found, and the time that their dates are compared with, in ms since 1970. */
export interface Reading {
  /** What relative names are relative to. */
  readonly directory: string;
  readonly files: Files;
  readonly now: number;
}

/**
 * Reads the files that the backends of a document name for TLS and looks into them, so that a wrong one is found now
 * and not by the first request. Synchronous: a check is one step, and these files are few and small.
 */
export function readTlsFiles(document: unknown, reading: Reading): { texts: Map<string, TlsTexts>; findings: Finding[] } {
  const texts = new Map<string, TlsTexts>();
  const findings: Finding[] = [];
  const backends = valueAt(document, ['load_balancing', 'backends']);
  for (const backend of Object.keys(typeof backends === 'object' && backends !== null ? backends : {})) {
    const read = readTlsBlock(document, ['load_balancing', 'backends', backend, 'tls'], reading);
    findings.push(...read.findings);
    texts.set(backend, read.texts);
  }
  return { texts, findings };
}

/** {@link readTlsFiles} of one block with `ca`, `cert` and `key`. */
export function readTlsBlock(document: unknown, path: Path, reading: Reading): Read {
  const ca = readAuthorities(document, [...path, 'ca'], reading);
  const paths = { cert: [...path, 'cert'], key: [...path, 'key'] };
  const pair = readPair(document, paths, reading);
  return { texts: { ...ca.texts, ...pair.texts }, findings: [...ca.findings, ...pair.findings, ...loneHalf(document, paths)] };
}

/** What a part of a document says, with the texts of its files. */
interface Read {
  readonly texts: TlsTexts;
  readonly findings: readonly Finding[];
}

export function readAuthorities(document: unknown, path: Path, { directory, files, now }: Reading): Read {
  const file = valueAt(document, path);
  if (typeof file !== 'string') return { texts: {}, findings: [] };
  const read = readCertificates(resolve(directory, file), files);
  if (isWrong(read)) return { texts: {}, findings: [wrongFile(path, file, read.wrong)] };
  const late = allOutOfDate(read, now);
  return { texts: { ca: read.text }, findings: late === undefined ? [] : [wrongFile(path, file, late)] };
}

/** Where a certificate and its key are named. */
interface PairPaths {
  readonly cert: Path;
  readonly key: Path;
}

/** A certificate and its key stand together or not at all. */
export function loneHalf(document: unknown, { cert, key }: PairPaths): Finding[] {
  const [certIsThere, keyIsThere] = [cert, key].map((path) => valueAt(document, path) !== undefined);
  if (certIsThere === keyIsThere) return [];
  const [there, missing] = certIsThere ? [cert, key] : [key, cert];
  return [{ path: there, message: `needs ${String(missing.at(-1))} beside it` }];
}

/**
 * Reads a certificate and its key.
 * @returns both texts, or none and what is wrong
 */
export function readPair(document: unknown, paths: PairPaths, { directory, files, now }: Reading): Read {
  const findings: Finding[] = [];
  const refuse = (of: keyof PairPaths, wrong: string | undefined): void => {
    if (wrong !== undefined) findings.push(wrongFile(paths[of], String(valueAt(document, paths[of])), wrong));
  };
  // What is no text is the schema's to refuse.
  const read = <Content>(of: keyof PairPaths, how: (file: string, files: Files) => Content | WrongFile): Content | undefined => {
    const file = valueAt(document, paths[of]);
    const content = typeof file === 'string' ? how(resolve(directory, file), files) : undefined;
    if (!isWrong(content)) return content;
    refuse(of, content.wrong);
    return undefined;
  };
  const certificates = read('cert', readCertificates);
  const key = read('key', readPrivateKey);
  if (certificates !== undefined) refuse('cert', outOfDate(certificates, now));
  if (certificates === undefined || key === undefined) return { texts: {}, findings };
  const unusable = unusablePair(certificates, key);
  if (unusable !== undefined) refuse(unusable.of, unusable.why);
  return { texts: findings.length > 0 ? {} : { cert: certificates.text, key: key.text }, findings };
}

function isWrong(content: unknown): content is WrongFile {
  return typeof content === 'object' && content !== null && 'wrong' in content;
}

function wrongFile(path: Path, file: string, wrong: string): Finding {
  if (INLINE.test(file)) return { path, message: 'the text of a PEM file stands here: the name of the file is wanted' };
  return { path, message: `${file}: ${wrong}` };
}
