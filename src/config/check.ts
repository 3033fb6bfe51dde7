import { dirname, resolve } from 'node:path';
import { deepFreeze } from '../lib/freeze.ts';
import { ConfigError, type Finding, type Place, toProblem } from './config-error.ts';
import { crossCheck } from './cross-check.ts';
import { type Config, documentSchema, finish } from './document.ts';
import { explainIssue, findings } from './explain.ts';
import { parse } from './parse.ts';
import { type Path, pathText } from './path.ts';
import type { Environment } from './substitute.ts';
import { readTlsFiles } from './tls-files.ts';

/**
 * Makes a configuration of a plain value, for programs that build theirs themselves. File names in it are relative to
 * the working directory; `${VAR}` is not looked for.
 * @throws ConfigError with all that is wrong with it
 */
export function checkConfig(document: unknown): Config {
  return check(document, [], '.');
}

/**
 * Makes a configuration of a text in YAML or JSON. File names in it are relative to the file's directory.
 * @param file where the text came from
 * @param environment for `${VAR}`; the process's own unless given
 * @throws ConfigError with all that is wrong with it; if the syntax is wrong, with that alone
 */
export function checkText(text: string, file: string, environment?: Environment): Config {
  const { value, findings, locate } = parse(text, file, environment);
  return check(value, findings, dirname(resolve(file)), file, locate);
}

function check(
  document: unknown,
  before: readonly Finding[],
  directory: string,
  file?: string,
  locate?: (path: Path, atKey?: boolean) => Place,
): Config {
  const parsed = documentSchema.safeParse(document, { error: explainIssue });
  const tls = readTlsFiles(document, directory);
  const ofSchema = parsed.error?.issues.flatMap((issue) => findings(issue, documentSchema, document)) ?? [];
  const later = [...ofSchema, ...crossCheck(document), ...tls.findings];
  // A variable that is not set leaves its text in place, which is wrong in other ways too: the first reason is enough.
  const unset = new Set(before.map((finding) => pathText(finding.path)));
  const all = [...before, ...later.filter((finding) => !unset.has(pathText(finding.path)))];
  if (!parsed.success || all.length > 0) {
    const problems = all.map((finding) => toProblem(finding, locate?.(finding.path, finding.atKey)));
    problems.sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
    throw new ConfigError(problems, file);
  }
  for (const [name, texts] of tls.texts) {
    const backend = parsed.data.load_balancing.backends[name];
    if (backend !== undefined) Object.assign(backend.tls, texts);
  }
  return deepFreeze(finish(parsed.data));
}
