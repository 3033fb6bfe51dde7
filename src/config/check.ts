import { dirname, resolve } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { deepFreeze } from '../lib/freeze.ts';
import { processEnvironment } from './boot.ts';
import { ConfigError, type Finding, type Problem, toProblem } from './config-error.ts';
import { crossCheck } from './cross-check.ts';
import { type Config, documentSchema, finish } from './document.ts';
import { readErrorBodies } from './error-bodies.ts';
import { explainIssue, findings } from './explain.ts';
import { finishedChecks } from './finished-checks.ts';
import { type Given, overlayGiven } from './given.ts';
import { include } from './include.ts';
import { type Files, Inputs } from './inputs.ts';
import { readJwtKey } from './jwt-key-file.ts';
import { Origins } from './origins.ts';
import { parse } from './parse.ts';
import type { Parsed } from './parsed.ts';
import { pathText, valueAt } from './path.ts';
import { putServerTls, readServerTls } from './server-tls-files.ts';
import type { Environment } from './substitute.ts';
import { readTlsBlock, readTlsFiles } from './tls-files.ts';

/** All that a configuration is made of, as plain data. */
export interface ConfigInput {
  /** Absent: there is no file, and the settings alone make the configuration. */
  readonly main?: { readonly text: string; readonly file: string };
  /** For `${VAR}` and for settings. */
  readonly environment: Environment;
  /** What the command line says. */
  readonly given?: Given;
  /** What dates of certificates are compared with, in milliseconds since 1970. Default: the time of the check. */
  readonly now?: number;
}

/** A configuration and the names of the files that its text came from: the main one, then those it includes. */
export interface Checked {
  readonly config: Config;
  readonly files: readonly string[];
}

/**
 * Makes a configuration of a plain value, for programs that build theirs themselves. File names in it are relative to
 * the working directory; `${VAR}` is not looked for, and variables set nothing.
 * @throws ConfigError with all that is wrong with it
 */
export function checkConfig(document: unknown): Config {
  const main = { value: document, findings: [], locate: () => ({}) };
  return check(main, undefined, { environment: null }, new Inputs()).config;
}

/**
 * Makes a configuration of a text in YAML, JSON or TOML, the files that it includes, and the environment. File names in
 * it are relative to the file's directory.
 * @param file where the text came from; one that ends in `.toml` holds TOML
 * @param environment for `${VAR}` and settings; the process's own unless given
 * @param files how the files that it names are read
 * @throws ConfigError with all that is wrong with it; if the syntax is wrong, with that alone
 */
export function checkText(
  text: string,
  file: string,
  environment: Environment = processEnvironment(),
  files: Files = new Inputs(),
): Config {
  return checkInput({ main: { text, file }, environment }, files).config;
}

/** {@link checkText}, also for what has no file. Depends on nothing but its arguments, and the date where they have none. */
export function checkInput({ main, environment, given, now }: ConfigInput, files: Files = new Inputs()): Checked {
  const parsed =
    main === undefined ? { value: undefined, findings: [], locate: () => ({}) } : parse(main.text, main.file, environment);
  return check(parsed, main?.file, { environment, given, now }, files);
}

function check(
  main: Parsed,
  file: string | undefined,
  surroundings: { environment: Environment | null; given?: Given | undefined; now?: number | undefined },
  files: Files,
): Checked {
  const directory = file === undefined ? '.' : dirname(resolve(file));
  const origins = new Origins(main.locate);
  const included = include({ document: main.value, directory, file }, { environment: surroundings.environment, files, origins });
  const overlaid = overlayGiven(included.document, surroundings, documentSchema, origins);
  const { document } = overlaid;
  const parsed = documentSchema.safeParse(document, { error: explainIssue });
  const reading = { directory, files, now: surroundings.now ?? systemClock.wall() };
  const [tls, serverTls] = [readTlsFiles(document, reading), readServerTls(document, reading)];
  const redisTls = readTlsBlock(document, ['redis', 'tls'], reading);
  const jwtKey = readJwtKey(document, reading);
  const bodies = readErrorBodies(document, directory, files);
  const ofFiles = [...tls.findings, ...serverTls.findings, ...redisTls.findings, ...jwtKey.findings, ...bodies.findings];
  const ofSchema = parsed.error?.issues.flatMap((issue) => findings(issue, documentSchema, document)) ?? [];
  // A variable that a text lacks does no harm where a setting has taken the text's place.
  const stays = ({ path, atKey }: Finding) => atKey || valueAt(document, path) === valueAt(included.document, path);
  const before = [...main.findings, ...included.findings].filter(stays);
  const all = [...before, ...withoutRepeats(before, [...ofSchema, ...crossCheck(document), ...ofFiles])];
  const problems = [...included.problems, ...overlaid.problems, ...all.map((one) => toProblem(one, origins.locate, file))];
  if (!parsed.success || problems.length > 0) throw new ConfigError(inOrder(problems), file);
  for (const [name, texts] of tls.texts) {
    const backend = parsed.data.load_balancing.backends[name];
    if (backend !== undefined) Object.assign(backend.tls, texts);
  }
  putServerTls(parsed.data.server.tls, serverTls);
  if (parsed.data.redis?.tls !== undefined) Object.assign(parsed.data.redis.tls, redisTls.texts);
  for (const [status, text] of bodies.texts) Object.assign(parsed.data.server.error_bodies[status] as object, { text });
  const { jwt } = parsed.data.middleware.authentication ?? {};
  if (jwt !== undefined && jwtKey.text !== undefined) jwt.public_key = jwtKey.text;
  const config = finish(parsed.data);
  const last = finishedChecks(config).map((one) => toProblem(one, origins.locate, file));
  if (last.length > 0) throw new ConfigError(inOrder(last), file);
  return { config: deepFreeze(config), files: [...(file === undefined ? [] : [file]), ...included.names] };
}

/** A variable that is not set leaves its text in place, which is wrong in other ways too: the first reason is enough. */
function withoutRepeats(before: readonly Finding[], later: readonly Finding[]): Finding[] {
  const told = new Set(before.map(({ path }) => pathText(path)));
  return later.filter(({ path }) => !told.has(pathText(path)));
}

/** The main file's first, each writing's from its beginning. */
function inOrder(problems: Problem[]): Problem[] {
  return problems.sort(
    (one, other) =>
      (one.source ?? '').localeCompare(other.source ?? '') ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0),
  );
}
