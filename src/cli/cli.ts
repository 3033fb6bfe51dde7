import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { suggest } from '../lib/suggest.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Exit codes: done; tried and failed; not understood. */
const FAILED = 1;
const MISUSED = 2;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'log-level': { type: 'string', short: 'l' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** What each command takes besides --help: the file as a word of its own, and which options. */
const COMMANDS: Readonly<Record<string, { readonly file: boolean; readonly options: readonly string[] }>> = {
  run: { file: false, options: ['config', 'log-level'] },
  check: { file: true, options: ['config'] },
  demo: { file: false, options: ['log-level'] },
};

interface Options {
  readonly config?: string;
  readonly 'log-level'?: string;
  readonly help?: boolean;
  readonly version?: boolean;
}

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
  const { command, file, options } = line;
  if (options.help || options.version) {
    terminal.print(options.help ? help(packageVersion()) : packageVersion());
    return 0;
  }
  try {
    return await perform(command, file ?? options.config, options['log-level'], terminal);
  } catch (error) {
    // By name: the class is part of what only some commands load.
    if (!(error instanceof Error) || error.name !== 'ConfigError') throw error;
    terminal.complain(error.message);
    return FAILED;
  }
}

/** Each command is loaded when it is asked for: what `--version` does not need, it does not wait for. */
async function perform(
  command: string,
  file: string | undefined,
  level: string | undefined,
  terminal: Terminal,
): Promise<number> {
  switch (command) {
    case 'check':
      return (await import('./check.ts')).check(file, terminal);
    case 'demo':
      return (await import('./demo.ts')).demo(level, terminal);
    default:
      return (await import('./run.ts')).run(file, level, terminal);
  }
}

function readLine(args: readonly string[]): { command: string; file: string | undefined; options: Options } | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [command = 'run', file, ...more] = positionals;
    const wrong = values.help || values.version ? undefined : misuse(command, file, more, values);
    return wrong ?? { command, file, options: values };
  } catch (error) {
    // What parseArgs says after the first sentence is advice about its own syntax.
    if (error instanceof TypeError) return error.message.split('. ')[0] as string;
    throw error;
  }
}

function misuse(command: string, file: string | undefined, more: readonly string[], options: Options): string | undefined {
  const takes = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (takes === undefined) {
    const meant = suggest(command, Object.keys(COMMANDS));
    return `there is no command ${JSON.stringify(command)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  }
  const extra = takes.file ? more[0] : file;
  if (extra !== undefined) return `${command} does not take ${JSON.stringify(extra)}`;
  const option = Object.keys(options).find((name) => !takes.options.includes(name));
  if (option !== undefined) return `${command} does not take --${option}`;
  return file !== undefined && options.config !== undefined ? 'the file is named twice' : undefined;
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function help(version: string): string {
  return `Sluice ${version}: an API gateway.

Usage: sluice [command] [options]

Commands
  run             Serve until SIGTERM, SIGINT or SIGQUIT, then let what goes on finish (at most server.timeouts.drain)
                  and exit; a second signal ends it at once. This is what happens without a command.
  check [FILE]    Say everything that is wrong with a configuration, as file:line:column: path: message.
  demo            Start four small upstreams and a gateway in front of them, and print commands to try.

Options
  -c, --config FILE       The configuration, YAML or JSON. Without it: sluice.yaml here, else config.yaml.
  -l, --log-level LEVEL   trace, debug, info, warn, error, fatal or silent; takes the place of log.level.
  -h, --help              This text.
  -V, --version           ${version}

A first sluice.yaml
  load_balancing:
    backends:
      users: { upstreams: [{ address: "127.0.0.1:3001" }] }
  routes:
    - { id: users, path: /users/**, backend: users }

It then listens on 127.0.0.1:8080, and on 127.0.0.1:9090 for /health, /ready and /metrics. \${VAR} and
\${VAR:-default} in the file are taken from the environment. Logs are JSON lines on standard output.
Exit codes: 0 done, 1 failed, 2 the command line was not understood. All settings: docs/configuration.md`;
}
