import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { routes } from '../../src/cli/routes.ts';
import { Recorder } from './recorder.ts';

const ROOT = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/routing.md', ROOT), 'utf8');
const shown = [...page.matchAll(/^```console\n\$ sluice routes (\S+)([^\n]*)\n(.*?)^```/gms)].map(
  ([, file = '', options = '', printed = '']) => ({ file, options, printed }),
);

test('docs/routing.md shows the table and an answer', () => expect(shown).toHaveLength(2));

test.each(shown)('docs/routing.md shows what "sluice routes $file$options" prints', async ({ file, options, printed }) => {
  const [, match] = /--match '(.*?)'/.exec(options) ?? [];
  const headers = [...options.matchAll(/-H '(.*?)'/g)].map(([, header = '']) => header);
  const terminal = new Recorder();
  expect(await routes({ file: fileURLToPath(new URL(file, ROOT)), match, headers }, terminal)).toBe(0);
  expect(terminal.printed).toBe(printed);
});
