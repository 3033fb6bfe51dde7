import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { ConfigError, type Finding, type Place, toProblem } from './config-error.ts';
import { MAX_DEPTH, type Parsed } from './parsed.ts';
import type { Path } from './path.ts';
import type { Fill } from './substitute.ts';

/** Values that aliases may repeat: some sharing is fine, a bomb multiplies to billions. */
const MAX_REPEATED = 100_000;
/** One slip can make a hundred errors of the YAML parser; the first ones are the ones that help. */
const MAX_SYNTAX_ERRORS = 10;
const TAGS = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`);

/**
 * Reads YAML 1.2, and JSON, which is YAML too.
 * @param file for messages
 * @param fill puts variables into texts
 * @throws ConfigError for anything that is not one document of plain values with distinct keys
 */
export function parseYaml(text: string, file: string, fill: Fill): Parsed {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Duplicate keys are found below: there it takes one look at each key, in the parser one at each pair of keys.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (document.errors.length > 0) {
    const errors = document.errors.slice(0, MAX_SYNTAX_ERRORS);
    throw new ConfigError(
      errors.map(({ message, pos }) => ({ path: '', ...place(pos[0]), message, ...hint(text, pos[0]) })),
      file,
    );
  }
  const reader = new Reader(document as Document, fill);
  const value = reader.read(document.contents, [], 0);
  const locate = (path: Path, atKey = false) => place(offsetOf(document.contents, reader.targets, path, atKey));
  if (reader.errors.length > 0)
    throw new ConfigError(
      reader.errors.map((error) => toProblem(error, locate)),
      file,
    );
  return { value, findings: reader.unset, locate };
}

/** `[${A}]` is a list that begins with a block, to YAML: the one slip that its message does not explain. */
function hint(text: string, offset: number): { expected?: string } {
  return text.slice(offset - 1, offset + 1) === '${' ? { expected: 'a variable inside [ ] or { } in quotes' } : {};
}

/** Turns nodes into plain values. The library's own conversion knows no places, no variables and no cycles. */
class Reader {
  readonly errors: Finding[] = [];
  readonly unset: Finding[] = [];
  /** What each alias stands for: the library looks through the whole document for it, each time that it is asked. */
  readonly targets = new Map<unknown, unknown>();
  /** The nodes that had an anchor, on the way to here: the last one of a name counts. */
  private readonly anchors = new Map<string, unknown>();
  private readonly variables: Fill;
  private readonly open = new Set<unknown>();
  private inAlias = 0;
  private repeated = 0;

  constructor(document: Document, fill: Fill) {
    this.variables = fill;
    if (document.directives?.yaml.version !== '1.2') this.errors.push({ path: [], message: 'must be YAML 1.2' });
  }

  read(node: unknown, path: Path, depth: number): unknown {
    if (this.inAlias > 0) this.repeated += 1;
    if (this.repeated > MAX_REPEATED) {
      if (this.repeated === MAX_REPEATED + 1) this.errors.push({ path, message: 'aliases repeat too much' });
      return null;
    }
    if (this.inAlias === 0) this.note(node);
    if (depth > MAX_DEPTH) return this.refuse(path, `is nested more than ${MAX_DEPTH} deep`);
    if (isAlias(node)) return this.follow(node.source, this.targets.get(node), path, depth);
    const tag = (node as Node | null)?.tag;
    if (tag !== undefined && !TAGS.includes(tag)) return this.refuse(path, `the tag ${tag} is not taken`);
    if (isScalar(node)) return typeof node.value === 'string' ? this.fill(node.value, path, false) : node.value;
    if (!isMap(node) && !isSeq(node)) return null;
    this.open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, at) => this.read(item, [...path, at], depth + 1))
      : this.readMap(node.items, path, depth);
    this.open.delete(node);
    return value;
  }

  /** In the order of the text, once for each node: what an alias means is decided by what stands before it. */
  private note(node: unknown): void {
    if (isAlias(node)) this.targets.set(node, this.anchors.get(node.source));
    else if (isNode(node) && node.anchor !== undefined) this.anchors.set(node.anchor, node);
  }

  private follow(name: string, target: unknown, path: Path, depth: number): unknown {
    if (target === undefined) return this.refuse(path, `there is no anchor &${name} before this`);
    if (this.open.has(target)) return this.refuse(path, `the alias *${name} contains itself`);
    this.inAlias += 1;
    const value = this.read(target, path, depth + 1);
    this.inAlias -= 1;
    return value;
  }

  private readMap(pairs: readonly Pair[], path: Path, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const pair of pairs) {
      const written = nameOf(pair);
      if (this.inAlias === 0) this.note(pair.key);
      const key = written === undefined ? '' : this.fill(written, [...path, written], true);
      const full = [...path, key];
      if (written === undefined) this.errors.push({ path, message: 'has a key that is not a plain text' });
      else if (Object.hasOwn(map, key)) this.errors.push({ path: full, atKey: true, message: 'stands there twice' });
      // Assigned like other keys it would become the prototype and vanish.
      else if (key === '__proto__') this.errors.push({ path: full, atKey: true, message: 'cannot be a key' });
      else map[key] = this.read(pair.value, full, depth + 1);
    }
    return map;
  }

  private fill(text: string, path: Path, atKey: boolean): string {
    const result = this.variables(text);
    if ('text' in result) return result.text;
    for (const message of result.wrong) this.unset.push({ path, atKey, message });
    return text;
  }

  private refuse(path: Path, message: string): null {
    this.errors.push({ path, message });
    return null;
  }
}

function nameOf(pair: Pair): string | undefined {
  const { key } = pair;
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** How far into the text the last node on the way to a path begins. Of two equal keys, the second: it is the wrong one. */
function offsetOf(contents: unknown, targets: ReadonlyMap<unknown, unknown>, path: Path, atKey: boolean): number {
  let node = contents;
  let offset = startOf(node) ?? 0;
  for (const [at, step] of path.entries()) {
    if (isAlias(node)) node = targets.get(node);
    if (isSeq(node)) {
      node = node.items[step as number];
    } else if (isMap(node)) {
      const pair = node.items.findLast((one) => nameOf(one) === step);
      node = atKey && at === path.length - 1 ? pair?.key : (pair?.value ?? pair?.key);
    } else {
      break;
    }
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
