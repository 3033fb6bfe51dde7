import { ConfigError } from './config-error.ts';
import { codeOf, type Files } from './inputs.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'is a directory, not a file',
};

/**
 * Reads a file as text.
 * @param file also its name in messages
 * @throws ConfigError when it cannot be read, is too large or is not UTF-8
 */
export function readText(file: string, files: Files, path = file): string {
  const bytes = readBytes(file, files, path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError([{ path: '', message: 'is not UTF-8' }], file, cause);
  }
}

function readBytes(file: string, files: Files, path: string): Buffer {
  try {
    return files.read(path);
  } catch (cause) {
    throw new ConfigError([{ path: '', message: REASONS[codeOf(cause)] ?? (cause as Error).message }], file, cause);
  }
}
