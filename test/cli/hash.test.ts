import { describe, expect, test } from 'vitest';
import { cli } from '../../src/cli/cli.ts';
import { hash } from '../../src/cli/hash.ts';
import { hashKey } from '../../src/layers/authentication/key-hash.ts';
import { parsePasswordHash } from '../../src/layers/authentication/password-hash.ts';
import { Wrong } from '../../src/lib/fields.ts';
import { Recorder } from './recorder.ts';

const KEY = 'a-key-that-is-long-enough';

async function ask(words: string[], secret?: string, generate = false) {
  const terminal = new Recorder();
  const prompts: string[] = [];
  const read = async (prompt: string) => {
    prompts.push(prompt);
    return secret;
  };
  const code = await hash({ words, generate }, terminal, read);
  return { code, prompts, printed: terminal.printed, complained: terminal.complained };
}

describe('sluice hash', () => {
  test('prints the hash of a key', async () => {
    expect(await ask(['api-key'], KEY)).toEqual({
      ...{ code: 0, prompts: ['API key: '], printed: `${hashKey(KEY)}\n`, complained: '' },
    });
  });

  test('says of a short key that it can be found by trying', async () => {
    const { code, printed, complained } = await ask(['api-key'], 'short');
    expect([code, printed]).toEqual([0, `${hashKey('short')}\n`]);
    expect(complained).toMatch(/--generate/);
    expect(complained).not.toMatch('"short"');
  });

  test('makes a new key each time, and prints it with its hash', async () => {
    const [one, other] = [await ask(['api-key'], undefined, true), await ask(['api-key'], undefined, true)];
    const [, key = '', hashed] = /^key: (sluice_[A-Za-z0-9_-]{43})\nhash: (sha256:[0-9a-f]{64})\n$/.exec(one.printed) ?? [];
    expect(hashKey(key)).toBe(hashed);
    expect(one).toMatchObject({ code: 0, prompts: [], complained: '' });
    expect(other.printed).not.toContain(key);
  });

  test('prints the hash of a password, in the form that a configuration takes', async () => {
    const { code, printed, prompts } = await ask(['password'], 'open sesame');
    expect([code, prompts]).toEqual([0, ['Password: ']]);
    expect(parsePasswordHash(printed.trimEnd())).not.toBeInstanceOf(Wrong);
  });

  test.each([
    ['api-key', undefined, 'nothing was given'],
    ['password', undefined, 'nothing was given'],
    ['api-key', '', 'an empty key'],
    ['password', '', 'an empty password'],
    ['api-key', ` ${KEY}`, 'spaces around it'],
    ['api-key', `${KEY}\n`, 'control characters'],
    ['api-key', 'k'.repeat(1025), 'at most 1024'],
    ['password', 'a\nb', 'control characters'],
    ['password', 'é'.repeat(701), 'at most 1400 bytes'],
  ])('%s: %j cannot be sent, and is not shown', async (kind, secret, why) => {
    const { code, printed, complained } = await ask([kind], secret);
    expect([code, printed]).toEqual([1, '']);
    expect(complained).toMatch(why);
    if (secret !== undefined && secret.length > 3) expect(complained).not.toContain(secret.trim());
  });

  test.each([
    [['apikey'], false, 'hash makes api-key or password, not "apikey"; did you mean api-key?'],
    [['x'], false, 'hash makes api-key or password, not "x"'],
    [['password'], true, '--generate makes an api-key'],
    [['api-key', 'hunter2'], false, 'a secret on the command line is for everybody to read: give it on standard input'],
  ])('%j is not understood', async (words, generate, why) => {
    expect(await ask(words, KEY, generate)).toEqual({ code: 2, prompts: [], printed: '', complained: `sluice: ${why}\n` });
  });
});

test('the command line knows it', async () => {
  const terminal = new Recorder();
  expect(await cli(['hash', 'api-key', '--generate'], terminal)).toBe(0);
  expect(terminal.printed).toMatch(/^key: sluice_/);
  expect(await cli(['hash'], terminal)).toBe(2);
  expect(await cli(['check', '--generate'], terminal)).toBe(2);
});
