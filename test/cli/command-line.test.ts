import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLine } from '../../src/cli/command-line.ts';
import { COMMANDS, OPTIONS } from '../../src/cli/commands.ts';

test.each([
  ['', { kind: 'command', command: 'run', words: [], options: {} }],
  ['-c a.yaml -l warn', { kind: 'command', command: 'run', words: [], options: { config: 'a.yaml', 'log-level': 'warn' } }],
  [
    'run --backend a:1 --backend b:2 --listen c:3',
    { kind: 'command', command: 'run', words: [], options: { backend: ['a:1', 'b:2'], listen: 'c:3' } },
  ],
  ['check a.yaml', { kind: 'command', command: 'check', words: ['a.yaml'], options: {} }],
  ['import fluxgate a.json', { kind: 'command', command: 'import', words: ['fluxgate', 'a.json'], options: {} }],
  [
    'routes --match GET -H A:b -H C:d',
    { kind: 'command', command: 'routes', words: [], options: { match: 'GET', header: ['A:b', 'C:d'] } },
  ],
  ['help', { kind: 'help', about: undefined }],
  ['help help', { kind: 'help', about: undefined }],
  ['help --help', { kind: 'help', about: undefined }],
  ['help check', { kind: 'help', about: 'check' }],
  ['check -h a b c', { kind: 'help', about: 'check' }],
  ['-h', { kind: 'help', about: undefined }],
  ['run -V -h', { kind: 'version' }],
])('"%s" is understood', (text, line) => {
  expect(readLine(text.split(' ').filter((word) => word !== ''))).toEqual(line);
});

const word = fc.oneof(
  fc.constantFrom(
    ...Object.keys(COMMANDS),
    ...Object.keys(OPTIONS).map((name) => `--${name}`),
    '-c',
    '-H',
    '--',
    '-',
    '--no-help',
    '--config=',
  ),
  fc.string({ maxLength: 5 }),
);

test('a command line of any kind is understood or refused in one line', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      const line = readLine(args);
      if (typeof line !== 'string')
        return Object.hasOwn(COMMANDS, line.kind === 'command' ? line.command : ('about' in line && line.about) || 'run');
      return line.length > 0;
    }),
    { numRuns: 1000 },
  );
});
