import { z } from 'zod';
import { quote } from '../lib/fields.ts';
import { linearRegex } from '../lib/linear-regex.ts';
import { suggest } from '../lib/suggest.ts';
import type { Path } from './path.ts';

/** What is asked of one text of a request. */
export type Test =
  | { readonly kind: 'present'; readonly present: boolean }
  | { readonly kind: 'equals'; readonly text: string }
  /** Found anywhere in the text; a linear regular expression that has been checked. */
  | { readonly kind: 'matches'; readonly text: string };

/** A condition on a request, besides its path, host and method. Header names and media types are in lower case. */
export type When =
  | { readonly kind: 'all' | 'any'; readonly of: readonly When[] }
  | { readonly kind: 'not'; readonly of: When }
  | { readonly kind: 'header' | 'query' | 'cookie'; readonly name: string; readonly test: Test }
  | { readonly kind: 'accept'; readonly type: string }
  | { readonly kind: 'version'; readonly from: VersionSource; readonly name: string; readonly is: string };

/** `accept`: the parameter of that name of a media range, as in `application/json;version=2`. */
type VersionSource = 'header' | 'query' | 'cookie' | 'accept';

const KINDS = ['all', 'any', 'not', 'header', 'query', 'cookie', 'accept', 'version'];
const TESTS = ['present', 'equals', 'matches'];
const VERSION_SOURCES: readonly VersionSource[] = ['header', 'query', 'cookie', 'accept'];
const VERSION_HEADER = 'x-api-version';
/** Blocks inside blocks, and leaves of one route: each request may have to go through all of them. */
const MOST_DEPTH = 8;
const MOST_LEAVES = 64;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

type Complain = (path: Path, message: string, suggestion?: string) => void;
type Block = Readonly<Record<string, unknown>>;

/** A condition as it is written, to {@link When}. Each problem in it has its own place. */
export function when() {
  return z.unknown().transform((value, context): When => {
    let wrong = false;
    const read = readWhen(value, [], (path, message, suggestion) => {
      wrong = true;
      context.addIssue({ code: 'custom', path: [...path], message, params: { suggestion } });
    });
    if (!wrong && read !== undefined && countLeaves(read) > MOST_LEAVES)
      context.addIssue({ code: 'custom', message: `has more than ${MOST_LEAVES} conditions` });
    return wrong || read === undefined ? z.NEVER : read;
  });
}

/** How many conditions are in it that are made of no others. */
export function countLeaves(when: When): number {
  if (when.kind === 'not') return countLeaves(when.of);
  return when.kind === 'all' || when.kind === 'any' ? when.of.reduce((sum, each) => sum + countLeaves(each), 0) : 1;
}

function readWhen(value: unknown, path: Path, complain: Complain): When | undefined {
  if (!isBlock(value)) return refuse(complain, path, 'must be a block: a condition, or all, any or not of others');
  if (path.length > 2 * MOST_DEPTH) return refuse(complain, path, `conditions are nested at most ${MOST_DEPTH} deep`);
  const [kind, ...more] = Object.keys(value).filter((key) => KINDS.includes(key));
  if (kind === undefined) {
    const [key = ''] = Object.keys(value);
    return refuse(complain, path, `one of ${KINDS.join(', ')} is missing`, suggest(key, KINDS));
  }
  if (more.length > 0) return refuse(complain, path, `${kind} and ${more[0]} in one block: all or any of them?`);
  const isTested = kind === 'header' || kind === 'query' || kind === 'cookie';
  if (!onlyKeys(value, [kind, ...(isTested ? TESTS : [])], path, complain)) return undefined;
  const inner = value[kind];
  const at = [...path, kind];
  if (kind === 'all' || kind === 'any') return readList(kind, inner, at, complain);
  if (kind === 'not') {
    const of = readWhen(inner, at, complain);
    return of && { kind, of };
  }
  if (kind === 'version') return readVersion(inner, at, complain);
  if (kind === 'accept') return readAccept(inner, at, complain);
  return isTested ? readTested(kind, value, path, complain) : undefined;
}

function readList(kind: 'all' | 'any', value: unknown, path: Path, complain: Complain): When | undefined {
  if (!Array.isArray(value) || value.length === 0) return refuse(complain, path, 'must be a list of conditions, at least one');
  const of = value.map((each, at) => readWhen(each, [...path, at], complain));
  return of.every((each) => each !== undefined) ? { kind, of } : undefined;
}

function readTested(kind: 'header' | 'query' | 'cookie', value: Block, path: Path, complain: Complain): When | undefined {
  const name = readName(kind, value[kind], [...path, kind], complain);
  const given = TESTS.filter((key) => value[key] !== undefined);
  if (given.length !== 1)
    return refuse(
      complain,
      path,
      given.length === 0 ? `one of ${TESTS.join(', ')} is missing` : `${given.join(' and ')} in one block`,
    );
  const key = given[0] as string;
  const test = readTest(key, value[key], [...path, key], complain);
  return name === undefined || test === undefined ? undefined : { kind, name, test };
}

function readTest(key: string, value: unknown, path: Path, complain: Complain): Test | undefined {
  if (key === 'present') {
    if (value === true || value === 'true') return { kind: 'present', present: true };
    if (value === false || value === 'false') return { kind: 'present', present: false };
    return refuse(complain, path, 'must be true or false');
  }
  const text = readText(value, path, complain);
  if (text === undefined) return undefined;
  if (key === 'equals') return { kind: 'equals', text };
  const regex = linearRegex(text);
  return typeof regex === 'string' ? refuse(complain, path, regex) : { kind: 'matches', text };
}

function readVersion(value: unknown, path: Path, complain: Complain): When | undefined {
  if (!isBlock(value)) return refuse(complain, path, 'must be a block such as { header: "X-API-Version", is: "2" }');
  if (!onlyKeys(value, [...VERSION_SOURCES, 'is'], path, complain)) return undefined;
  const [from = 'header', second] = VERSION_SOURCES.filter((source) => value[source] !== undefined);
  if (second !== undefined) return refuse(complain, path, `${from} and ${second}: a version is in one place`);
  const name = value[from] === undefined ? VERSION_HEADER : readName(from, value[from], [...path, from], complain);
  if (value['is'] === undefined) return refuse(complain, path, 'is: which version? Its number is missing');
  const is = readText(value['is'], [...path, 'is'], complain);
  return name === undefined || is === undefined ? undefined : { kind: 'version', from, name, is };
}

function readAccept(value: unknown, path: Path, complain: Complain): When | undefined {
  const [type = '', subtype = ''] = typeof value === 'string' ? value.split('/') : [];
  if (
    typeof value === 'string' &&
    TOKEN.test(type) &&
    value === `${type}/${subtype}` &&
    TOKEN.test(subtype) &&
    !value.includes('*')
  )
    return { kind: 'accept', type: value.toLowerCase() };
  return refuse(complain, path, `must be a media type such as text/html, not ${quote(value)}`);
}

function readName(kind: string, value: unknown, path: Path, complain: Complain): string | undefined {
  if (typeof value !== 'string' || value === '') return refuse(complain, path, 'must be a name');
  if (kind !== 'query' && !TOKEN.test(value)) return refuse(complain, path, `not a name of a ${kind}: ${quote(value)}`);
  return kind === 'header' || kind === 'accept' ? value.toLowerCase() : value;
}

/** Numbers and flags count as what is written: `equals: 1` means the text "1". */
function readText(value: unknown, path: Path, complain: Complain): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return refuse(complain, path, `must be a text, not ${quote(value)}`);
}

function onlyKeys(value: Block, known: readonly string[], path: Path, complain: Complain): boolean {
  const strange = Object.keys(value).filter((key) => !known.includes(key));
  for (const key of strange) complain([...path, key], 'has no place here', suggest(key, known));
  return strange.length === 0;
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(complain: Complain, path: Path, message: string, suggestion?: string): undefined {
  complain(path, message, suggestion);
  return undefined;
}
