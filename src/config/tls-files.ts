import { createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { Finding } from './config-error.ts';
import type { Files } from './inputs.ts';
import { type Path, valueAt } from './path.ts';

/** PEM text in the place of each file name of a backend's `tls` block. */
export interface TlsTexts {
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * Reads the files that the backends of a document name for TLS and looks into them, so that a wrong one is found now
 * and not by the first request. Synchronous: a check is one step, and these files are few and small.
 * @param directory what relative names are relative to
 */
export function readTlsFiles(
  document: unknown,
  directory: string,
  files: Files,
): { texts: Map<string, TlsTexts>; findings: Finding[] } {
  const texts = new Map<string, TlsTexts>();
  const findings: Finding[] = [];
  const backends = valueAt(document, ['load_balancing', 'backends']);
  for (const backend of Object.keys(typeof backends === 'object' && backends !== null ? backends : {})) {
    const path: Path = ['load_balancing', 'backends', backend, 'tls'];
    const found: TlsTexts = {};
    for (const key of ['ca', 'cert', 'key'] as const) {
      const file = valueAt(document, [...path, key]);
      if (typeof file !== 'string') continue;
      const text = readPem(resolve(directory, file), key, files);
      if (typeof text === 'string') found[key] = text;
      else findings.push({ path: [...path, key], message: `${file}: ${text.wrong}` });
    }
    const pair = wrongPair(document, path, found);
    if (pair !== undefined) findings.push(pair);
    texts.set(backend, found);
  }
  return { texts, findings };
}

function readPem(file: string, key: keyof TlsTexts, files: Files): string | { wrong: string } {
  try {
    const text = files.read(file).toString();
    if (key === 'key') createPrivateKey(text);
    else for (const one of certificates(text)) new X509Certificate(one);
    return text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { wrong: 'no such file' };
    if (code === 'EACCES') return { wrong: 'no permission to read it' };
    return {
      wrong:
        code?.startsWith('E') && !code.startsWith('ERR_')
          ? message
          : `not a PEM ${key === 'key' ? 'private key' : 'certificate'}`,
    };
  }
}

/** @throws Error when there is none */
function certificates(text: string): string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (found === null) throw new Error('no certificate');
  return [...found];
}

function wrongPair(document: unknown, path: Path, { cert, key }: TlsTexts): Finding | undefined {
  const named = (one: string) => valueAt(document, [...path, one]) !== undefined;
  if (named('cert') !== named('key')) {
    const [there, missing] = named('cert') ? ['cert', 'key'] : ['key', 'cert'];
    return { path: [...path, there], message: `needs ${missing} beside it` };
  }
  if (cert === undefined || key === undefined) return undefined;
  const matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  return matches ? undefined : { path: [...path, 'key'], message: 'does not belong to the certificate in cert' };
}
