import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readSecret } from '../../src/cli/secret.ts';

async function piped(...chunks: (string | Buffer)[]): Promise<string | undefined> {
  const input = new PassThrough();
  const output = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  input.end();
  const secret = await readSecret('Password: ', input, output);
  expect(output.read()).toBeNull();
  return secret;
}

describe('A secret that comes through a pipe', () => {
  test.each([
    [['hunter2'], 'hunter2'],
    [['hun', 'ter2\n'], 'hunter2'],
    [['hunter2\r\n'], 'hunter2'],
    [[' hunter 2 \n'], ' hunter 2 '],
    [['two\nlines\n'], 'two\nlines'],
    [[Buffer.from('clé').subarray(0, 3), Buffer.from('clé').subarray(3)], 'clé'],
    [['\n'], undefined],
    [[], undefined],
    [['x'.repeat(65_537)], undefined],
  ])('%j is read without the last line end', async (chunks, secret) => {
    expect(await piped(...chunks)).toBe(secret);
  });
});

function typing(...keys: string[]): { secret: Promise<string | undefined>; shown: () => string; modes: boolean[] } {
  const modes: boolean[] = [];
  const setRawMode = (mode: boolean) => void modes.push(mode);
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
  const output = new PassThrough();
  let shown = '';
  output.on('data', (bytes) => {
    shown += bytes;
  });
  const secret = readSecret('Password: ', input, output);
  for (const key of keys) input.write(key);
  if (keys.at(-1) === '') input.end();
  return { secret, shown: () => shown, modes };
}

describe('A secret that is typed', () => {
  test('is asked for and not shown', async () => {
    const { secret, shown, modes } = typing('hunter', '2\r');
    expect(await secret).toBe('hunter2');
    await expect.poll(shown).toBe('Password: \n');
    expect(modes).toEqual([true, false]);
  });

  test('can be corrected', async () => {
    expect(await typing('hunter3', '\x7f', '2', '\r').secret).toBe('hunter2');
  });

  test.each([
    ['Ctrl-C', ['hunter2', '\x03']],
    ['Ctrl-D', ['\x04']],
    ['an empty line', ['\r']],
    ['the end of the input', ['']],
  ])('is none after %s', async (_, keys) => {
    const { secret, modes } = typing(...keys);
    expect(await secret).toBeUndefined();
    expect(modes).toEqual([true, false]);
  });
});
