import { resolve } from 'node:path';
import type { Finding } from './config-error.ts';
import { codeOf, type Files } from './inputs.ts';
import { valueAt } from './path.ts';

const MAX_BODY = 64 * 1024;
const REASONS: Readonly<Record<string, string>> = { ENOENT: 'no such file', EACCES: 'no permission to read it' };

/**
 * Reads the files that `server.error_bodies` names, by status, so that a wrong one is found now and not with the first
 * error.
 * @param directory what relative names are relative to
 */
export function readErrorBodies(
  document: unknown,
  directory: string,
  files: Files,
): { texts: Map<string, string>; findings: Finding[] } {
  const texts = new Map<string, string>();
  const findings: Finding[] = [];
  const named = valueAt(document, ['server', 'error_bodies']);
  for (const [status, file] of Object.entries(
    typeof named === 'object' && named !== null && !Array.isArray(named) ? named : {},
  )) {
    if (typeof file !== 'string') continue;
    const text = readText(resolve(directory, file), files);
    if (typeof text === 'string') texts.set(status, text);
    else findings.push({ path: ['server', 'error_bodies', status], message: `${file}: ${text.wrong}` });
  }
  return { texts, findings };
}

function readText(file: string, files: Files): string | { wrong: string } {
  let bytes: Buffer;
  try {
    bytes = files.read(file);
  } catch (error) {
    return { wrong: REASONS[codeOf(error)] ?? (error as Error).message };
  }
  if (bytes.length > MAX_BODY) return { wrong: `is larger than ${MAX_BODY} bytes` };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { wrong: 'is not UTF-8' };
  }
}
