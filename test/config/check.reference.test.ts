import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';
import type { Config } from '../../src/config/document.ts';
import { parse } from '../../src/config/parse.ts';
import { NamedFiles } from '../support/named-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Example {
  readonly place: string;
  readonly format: string;
  readonly text: string;
}

function examplesIn(file: string): Example[] {
  const found = readFileSync(`${ROOT}${file}`, 'utf8').matchAll(/^```(yaml|toml)\n(.*?)^```/gms);
  return [...found].map(([, format = '', text = ''], at) => ({ place: `${file}, number ${at + 1}`, format, text }));
}

/** What an example makes; conditions alone are those of a route. */
function load({ format, text }: Example): Config {
  const name = `example.${format}`;
  const value = parse(text, name, {}).value as Record<string, unknown>;
  if (!('when' in value)) return checkText(text, name, {}, new NamedFiles());
  return checkText(JSON.stringify({ routes: [{ id: 'a', path: '/a', respond: {}, ...value }] }), 'example.json', {});
}

const pages = ['README.md', ...readdirSync(`${ROOT}docs`).map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));

describe('An example of the documentation is a configuration:', () => {
  const examples = pages.flatMap(examplesIn);

  test('there are some', () => expect(examples.length).toBeGreaterThan(5));

  test.each(examples)('$place', (example) => {
    expect(() => load(example)).not.toThrow();
  });
});

test('every example file begins with what it is', () => {
  for (const name of readdirSync(`${ROOT}examples`).filter((one) => one.includes('.')))
    expect([name, readFileSync(`${ROOT}examples/${name}`, 'utf8')]).toEqual([name, expect.stringMatching(/^(#|\/\/) [A-Z]/)]);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((one) =>
      one
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  const text = readFileSync(`${ROOT}${page}`, 'utf8').replaceAll(/^```.*?^```/gms, '');
  const broken = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, file = '', anchor]) => {
    try {
      const target = readFileSync(file === '' ? `${ROOT}${page}` : `${ROOT}${dirname(page)}/${file}`, 'utf8');
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    } catch {
      return true;
    }
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});
