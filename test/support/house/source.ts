import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree, as ESTree and its TypeScript dialect name them. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/** One statement or expression that brings in another file. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Gone when the types are stripped. `import { type A }` is not: its file is still loaded. */
  readonly erased: boolean;
}

const PARSED = /\.(ts|mts|cts|js|mjs|cjs)$/;
const READ = /\.(ts|mts|cts|js|mjs|cjs|lua|json)$/;
const FOLDERS = ['src', 'test', 'bench', 'integration'];

/** One file of the house: its path from the root with `/`, its text, and what the text says. */
export class Source {
  readonly path: string;
  readonly text: string;
  private parsed: Node | undefined;
  private imported: readonly Import[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  get inSrc(): boolean {
    return this.path.startsWith('src/');
  }

  get program(): Node {
    if (!PARSED.test(this.path)) return { type: 'Program', start: 0, body: [] };
    this.parsed ??= parse(this.path, this.text);
    return this.parsed;
  }

  get imports(): readonly Import[] {
    this.imported ??= this.findImports();
    return this.imported;
  }

  line(node: Node): number {
    return this.text.slice(0, node.start).split('\n').length;
  }

  /** Where a relative specifier points, from the root; undefined for a package or a module of Node. */
  resolve(specifier: string): string | undefined {
    return specifier.startsWith('.') ? posix.join(posix.dirname(this.path), specifier) : undefined;
  }

  private findImports(): Import[] {
    const found: Import[] = [];
    walk(this.program, (node) => {
      const specifier = isNode(node['source']) ? node['source']['value'] : undefined;
      if (typeof specifier !== 'string') return;
      const erased = node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type';
      found.push({ specifier, line: this.line(node), erased });
    });
    return found;
  }
}

function parse(path: string, text: string): Node {
  try {
    return parseAst(text, { lang: /\.[mc]?ts$/.test(path) ? 'ts' : 'js' }, path) as unknown as Node;
  } catch (error) {
    throw new Error(`${path} does not parse`, { cause: error });
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Visits a node and all below it; `parents` has the nearest last and is only good during the visit. */
export function walk(node: Node, visit: (node: Node, parents: readonly Node[]) => void, parents: Node[] = []): void {
  visit(node, parents);
  parents.push(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, parents);
  }
  parents.pop();
}

/** The statements of a file's top level, with `export` taken off. */
export function topLevel(source: Source): { readonly statement: Node; readonly exported: boolean }[] {
  return (source.program['body'] as Node[]).map((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement['declaration'] : undefined;
    return isNode(declaration) ? { statement: declaration, exported: true } : { statement, exported: false };
  });
}

/** Every file of the house that the rules look at. */
export function readHouse(root: string): Source[] {
  const paths = FOLDERS.flatMap((folder) => filesUnder(root, folder)).filter((path) => READ.test(path));
  return paths.sort().map((path) => new Source(path, readFileSync(join(root, path), 'utf8')));
}

function filesUnder(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(root, path);
    return [path];
  });
}
