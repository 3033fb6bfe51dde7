import { packageVersion } from '../lib/package-version.ts';
import { type Line, readLine } from './command-line.ts';
import { COMMANDS, type Command } from './commands.ts';
import { commandHelp, help } from './help.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Exit codes: done; tried and failed; not understood. */
const FAILED = 1;
const MISUSED = 2;
/** Errors that whoever wrote the configuration solves. By name: the classes are part of what only some commands load. */
const OPERATORS: ReadonlySet<string> = new Set(['ConfigError', 'ModuleError']);

/**
 * Does what a command line asks for.
 * @param args what stands behind the program's name
 * @returns the exit code: 0 done, 1 failed, 2 not understood
 */
export async function cli(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const line = readLine(args);
  if (typeof line === 'string') {
    terminal.complain(`sluice: ${line}\nTry: sluice --help`);
    return MISUSED;
  }
  if (line.kind !== 'command') {
    terminal.print(told(line));
    return 0;
  }
  try {
    return await perform(line, terminal);
  } catch (error) {
    if (!(error instanceof Error) || !OPERATORS.has(error.name)) throw error;
    terminal.complain(error.message);
    return FAILED;
  }
}

function told(line: Exclude<Line, { kind: 'command' }>): string {
  if (line.kind === 'version') return packageVersion();
  return line.about === undefined ? help(packageVersion()) : commandHelp(COMMANDS[line.about] as Command);
}

/** Each command is loaded when it is asked for: what `--version` does not need, it does not wait for. */
async function perform({ command, words, options }: Line & { kind: 'command' }, terminal: Terminal): Promise<number> {
  const file = words[0] ?? options.config;
  const level = options['log-level'];
  switch (command) {
    case 'check':
      return (await import('./check.ts')).check(file, terminal);
    case 'routes':
      return (await import('./routes.ts')).routes({ file, match: options.match, headers: options.header ?? [] }, terminal);
    case 'schema':
      return (await import('./schema.ts')).schema(terminal);
    case 'import':
      return (await import('./import.ts')).importFrom(words[0] as string, words[1] as string, terminal);
    case 'hash':
      return (await import('./hash.ts')).hash({ words, generate: options.generate ?? false }, terminal);
    case 'demo':
      return (await import('./demo.ts')).demo(level, terminal);
    default:
      return (await import('./run.ts')).run(options, terminal);
  }
}
