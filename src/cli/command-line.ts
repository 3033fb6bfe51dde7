import { parseArgs } from 'node:util';
import { suggest } from '../lib/suggest.ts';
import { COMMANDS, NOT_YET, OPTIONS } from './commands.ts';

/** What stood behind the options' names. */
export interface Options {
  readonly config?: string;
  readonly 'log-level'?: string;
  readonly backend?: string[];
  readonly listen?: string;
  readonly match?: string;
  readonly header?: string[];
  readonly generate?: boolean;
}

/** What a command line asks for. */
export type Line =
  | { readonly kind: 'help'; readonly about: string | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'command'; readonly command: string; readonly words: readonly string[]; readonly options: Options };

/** @returns what is asked for, or why it cannot be understood */
export function readLine(args: readonly string[]): Line | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const { help, version, ...options } = values;
    const [command = 'run', ...words] = positionals;
    if (version) return { kind: 'version' };
    if (help) return helpAbout(positionals[0] ?? 'help');
    if (command === 'help') return helpAbout(words[0] ?? 'help');
    return misuse(command, words, options) ?? { kind: 'command', command, words, options };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What parseArgs says after the first sentence is advice about its own syntax.
    const [said = ''] = error.message.split('. ');
    const [, option] = /^Unknown option '--([^']+)'$/.exec(said) ?? [];
    const meant = option === undefined ? undefined : suggest(option, Object.keys(OPTIONS));
    return meant === undefined ? said : `${said}; did you mean --${meant}?`;
  }
}

function helpAbout(command: string): Line | string {
  if (command === 'help') return { kind: 'help', about: undefined };
  return Object.hasOwn(COMMANDS, command) ? { kind: 'help', about: command } : noCommand(command);
}

function misuse(command: string, words: readonly string[], options: Readonly<Record<string, unknown>>): string | undefined {
  const takes = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (takes === undefined) return noCommand(command);
  const given = Object.keys(options) as (keyof typeof OPTIONS)[];
  const later = given.find((name) => NOT_YET.includes(name));
  if (later !== undefined) return `--${later} is not in this version`;
  const [least, most] = takes.words;
  if (words.length > most) return `${command} does not take ${JSON.stringify(words[most])}`;
  if (words.length < least) return `something is missing: ${takes.usage}`;
  const other = given.find((name) => !takes.options.includes(name));
  if (other !== undefined) return `${command} does not take --${other}`;
  return contradiction(words, options);
}

function contradiction(words: readonly string[], options: Options): string | undefined {
  const { config, backend, listen, header, match } = options;
  if (config !== undefined && words.length > 0) return 'the file is named twice';
  if (config !== undefined && backend !== undefined) return 'a file with --config or upstreams with --backend, not both';
  if (listen !== undefined && backend === undefined) return '--listen goes with --backend; a file has server.http_addr';
  if (header !== undefined && match === undefined) return '--header goes with --match';
  return undefined;
}

function noCommand(command: string): string {
  const meant = suggest(command, [...Object.keys(COMMANDS), 'help']);
  const file = /[./]/.test(command) ? `; for a file: sluice --config ${command}` : '';
  return `there is no command ${JSON.stringify(command)}${meant === undefined ? file : `; did you mean ${meant}?`}`;
}
