import { randomBytes } from 'node:crypto';
import { CONTROL, LONGEST_PASSWORD } from '../layers/authentication/basic-credential.ts';
import { hashKey, LONGEST_KEY } from '../layers/authentication/key-hash.ts';
import { hashPassword } from '../layers/authentication/scrypt.ts';
import { suggest } from '../lib/suggest.ts';
import { readSecret } from './secret.ts';
import type { Terminal } from './terminal.ts';

const KINDS = ['api-key', 'password'];
const FAILED = 1;
const MISUSED = 2;
const GENERATED_BYTES = 32;
/** Characters below which a key could be found by trying: its hash is quick. */
const SHORT_KEY = 20;

/** What `sluice hash` is asked for: the words behind it, and whether a new key is wanted. */
export interface HashOptions {
  readonly words: readonly string[];
  readonly generate: boolean;
}

/**
 * Prints the form in which a configuration keeps a secret. The secret comes from standard input, or is asked for on a
 * terminal without showing it: what stands on a command line is for all users of a machine to read.
 * @returns 0; 1 for a secret that nobody could send; 2 when it is not clear what is wanted
 */
export async function hash({ words, generate }: HashOptions, terminal: Terminal, read = readSecret): Promise<number> {
  const problem = misuse(words, generate);
  if (problem !== undefined) {
    terminal.complain(`sluice: ${problem}`);
    return MISUSED;
  }
  if (generate) {
    // The name before it lets programs that look for leaked secrets know what they see.
    const key = `sluice_${randomBytes(GENERATED_BYTES).toString('base64url')}`;
    terminal.print(`key: ${key}\nhash: ${hashKey(key)}`);
    return 0;
  }
  const isKey = words[0] === 'api-key';
  const secret = await read(isKey ? 'API key: ' : 'Password: ');
  const wrong = secret === undefined ? 'nothing was given' : isKey ? wrongKey(secret) : wrongPassword(secret);
  if (secret === undefined || wrong !== undefined) {
    terminal.complain(`sluice: ${wrong}`);
    return FAILED;
  }
  if (isKey && secret.length < SHORT_KEY)
    terminal.complain('sluice: a key this short can be found by trying; --generate makes one that cannot');
  terminal.print(isKey ? hashKey(secret) : await hashPassword(secret));
  return 0;
}

function misuse([kind = '', ...more]: readonly string[], generate: boolean): string | undefined {
  if (!KINDS.includes(kind)) {
    const meant = suggest(kind, KINDS);
    return `hash makes ${KINDS.join(' or ')}, not ${JSON.stringify(kind)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  }
  if (more.length > 0) return 'a secret on the command line is for everybody to read: give it on standard input';
  return generate && kind !== 'api-key' ? '--generate makes an api-key' : undefined;
}

function wrongKey(key: string): string | undefined {
  if (key === '') return 'an empty key';
  if (key.length > LONGEST_KEY) return `a key has at most ${LONGEST_KEY} characters`;
  if (CONTROL.test(key)) return 'a key with control characters in it cannot be sent';
  return key.trim() === key ? undefined : 'a key with spaces around it cannot be sent';
}

function wrongPassword(password: string): string | undefined {
  if (password === '') return 'an empty password';
  if (Buffer.byteLength(password) > LONGEST_PASSWORD) return `a password has at most ${LONGEST_PASSWORD} bytes`;
  return CONTROL.test(password) ? 'a password with control characters in it cannot be sent' : undefined;
}
