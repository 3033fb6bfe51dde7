import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFile } from '../../src/config/check-file.ts';
import { MAX_TEXT } from '../../src/config/parse.ts';
import { CERTIFICATE } from './certificate.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-check-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

const check = (file: string | undefined, known?: Parameters<typeof checkFile>[1]) => checkFile({ file, environment: {} }, known);

describe('A file', () => {
  test('becomes a configuration with its version', () => {
    const { loaded } = check(write('a.yaml', 'log: {} # ä\n'));
    expect(loaded).toMatchObject({ kind: 'checked', config: { log: { level: 'info' } } });
    expect(loaded.version).toBe(createHash('sha256').update('log: {} # ä\n').digest('hex'));
  });

  test('is not checked again while it is as it was', () => {
    const file = write('b.yaml', 'log: {}');
    const first = check(file);
    write('b.yaml', 'log: {}');
    expect(check(file, first.known).loaded).toEqual({ kind: 'unchanged', version: first.loaded.version });
    write('b.yaml', 'log: { }');
    expect(check(file, first.known).loaded.kind).toBe('checked');
  });

  test('that is bad has a version too, and is not checked again either', () => {
    const file = write('c.yaml', 'log: { level: inof }');
    const first = check(file);
    expect(first.loaded).toMatchObject({
      kind: 'refused',
      error: { file, problems: [{ path: 'log.level', line: 1, column: 15 }] },
    });
    expect(check(file, first.known).loaded).toEqual({ kind: 'unchanged', version: first.loaded.version });
  });

  test.each([
    ['that is not there', () => join(directory, 'none.yaml'), 'no such file'],
    ['that is a directory', () => directory, 'is a directory'],
    ['that is not UTF-8', () => write('latin1.yaml', Uint8Array.of(0x61, 0xe4, 0x0a)), 'is not UTF-8'],
    ['whose name runs through a file', () => join(write('d.yaml', ''), 'e.yaml'), 'ENOTDIR'],
  ])('%s is refused by name', (_, make, why) => {
    const file = make();
    const { loaded } = check(file);
    expect(loaded.kind === 'refused' && loaded.error.message).toMatch(new RegExp(`^${file}: .*${why}`));
  });

  test('that is too large is refused before it is read', () => {
    const file = write('huge.yaml', '');
    truncateSync(file, MAX_TEXT + 1);
    const { loaded } = check(file);
    expect(loaded.kind === 'refused' && loaded.error.message).toMatch(/is larger than/);
  });

  test('that is not needed is not missed', () => {
    expect(check(undefined).loaded).toMatchObject({ kind: 'checked', config: { routes: [] } });
  });
});

describe('A file that others belong to', () => {
  test('is a new version when one of them changes, comes or goes', () => {
    mkdirSync(join(directory, 'routes.d'));
    const route = (name: string, path: string) =>
      write(`routes.d/${name}`, `routes: [{ id: "${path}", path: "/${path}", respond: {} }]\n`);
    route('a.yaml', 'a');
    write('ca.pem', CERTIFICATE);
    const backends = '{ users: { upstreams: [{ address: "https://127.0.0.1:1" }], tls: { ca: ca.pem } } }';
    const file = write('main.yaml', `include: ["routes.d/*.yaml"]\nload_balancing: { backends: ${backends} }\n`);
    let { known, loaded } = check(file);
    expect(loaded.kind).toBe('checked');

    const steps: [string, () => void, 'checked' | 'refused'][] = [
      ['an included file changes', () => route('a.yaml', 'other'), 'checked'],
      ['another one comes', () => route('b.yaml', 'b'), 'checked'],
      ['one is bad', () => write('routes.d/b.yaml', 'routes: [{}]'), 'refused'],
      ['it goes', () => rmSync(join(directory, 'routes.d/b.yaml')), 'checked'],
      ['a certificate changes', () => write('ca.pem', `# the same\n${CERTIFICATE}`), 'checked'],
      ['a certificate goes', () => rmSync(join(directory, 'ca.pem')), 'refused'],
    ];
    for (const [what, step, kind] of steps) {
      step();
      const next = check(file, known);
      expect(next.loaded.kind, what).toBe(kind);
      expect(next.loaded.version, what).not.toBe(known.version);
      ({ known, loaded } = next);
    }
    write('routes.d/notes.txt', 'not included');
    expect(check(file, known).loaded.version).toBe(known.version);
  });
});
