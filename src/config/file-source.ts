import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from './config-error.ts';
import { MAX_TEXT } from './parse.ts';
import type { ConfigSource, ConfigText } from './source.ts';

/** Reads a file as it is at each {@link ConfigSource.read}. */
export function fileSource(file: string): ConfigSource {
  return { read: () => readText(file) };
}

async function readText(file: string): Promise<ConfigText> {
  const bytes = await readBytes(file);
  const version = createHash('sha256').update(bytes).digest('hex');
  try {
    return { version, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), file };
  } catch (cause) {
    throw refuse(file, 'is not UTF-8', cause);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    // Before reading: a name that leads to a disk image should not fill the memory first.
    if ((await stat(file)).size > MAX_TEXT) throw refuse(file, `is larger than ${MAX_TEXT} bytes`);
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'no such file',
      EACCES: 'no permission to read it',
      EISDIR: 'is a directory, not a file',
    };
    throw refuse(file, reasons[code ?? ''] ?? message, cause);
  }
}

function refuse(file: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ path: '', message }], file, cause);
}
