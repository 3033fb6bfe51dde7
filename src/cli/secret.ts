import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Bytes. No secret is longer. */
const MOST = 64 * 1024;

interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

/**
 * Reads a secret: from a terminal one line, which is not shown while it is typed; else all that comes, without the line end
 * that `echo` puts behind it.
 * @param prompt is written to `output` when there is somebody to read it
 * @returns undefined when there is none: it was broken off, or is too long
 */
export async function readSecret(
  prompt: string,
  input: Input = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string | undefined> {
  return input.isTTY ? typed(prompt, input, output) : piped(input);
}

async function piped(input: Input): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MOST) return undefined;
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  return text === '' ? undefined : text;
}

function typed(prompt: string, input: Input, output: NodeJS.WritableStream): Promise<string | undefined> {
  // It edits the line as people expect, and what it would echo goes nowhere.
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: hidden, terminal: true });
  output.write(prompt);
  return new Promise((resolve) => {
    const settle = (text: string | undefined) => {
      resolve(text);
      lines.close();
    };
    lines.once('SIGINT', () => settle(undefined));
    lines.once('line', (text) => settle(text === '' ? undefined : text));
    // Also at the end of the input (Ctrl-D); after one of the others the promise has been settled.
    lines.once('close', () => {
      output.write('\n');
      resolve(undefined);
    });
  });
}
