import { type Finding, finding, type Rule } from './rule.ts';
import { isNode, type Node, type Source, topLevel, walk } from './source.ts';

const COLLECTIONS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array', 'Record']);
const MUTATORS: ReadonlySet<string> = new Set(
  'add set delete clear push pop shift unshift splice sort reverse fill copyWithin'.split(' '),
);
const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? (node['name'] as string) : undefined;
}

/** The constants of the top level: `const a = …`, `export const a = …`. */
function constants(source: Source): { name: string; declarator: Node; exported: boolean }[] {
  const statements = topLevel(source);
  const later = new Set(
    statements
      .filter(({ statement }) => statement.type === 'ExportNamedDeclaration')
      .flatMap(({ statement }) => (statement['specifiers'] as Node[]).map((each) => nameOf(each['local']))),
  );
  return statements
    .filter(({ statement }) => statement.type === 'VariableDeclaration' && statement['kind'] === 'const')
    .flatMap(({ statement, exported }) =>
      (statement['declarations'] as Node[]).flatMap((declarator) => {
        const name = nameOf(declarator['id']);
        return name === undefined ? [] : [{ name, declarator, exported: exported || later.has(name) }];
      }),
    );
}

function annotationOf(node: Node): Node | undefined {
  const annotation = node['typeAnnotation'];
  if (!isNode(annotation)) return undefined;
  return annotation.type === 'TSTypeAnnotation' ? (annotation['typeAnnotation'] as Node) : annotation;
}

function isCollection(value: unknown): boolean {
  if (!isNode(value)) return false;
  if (value.type === 'TSSatisfiesExpression' || value.type === 'TSAsExpression') return isCollection(value['expression']);
  if (value.type === 'NewExpression') return COLLECTIONS.has(nameOf(value['callee']) ?? '');
  return value.type === 'ArrayExpression' || value.type === 'ObjectExpression';
}

/** Whether a type lets its holder change what it names; a name of ours is taken to be honest. */
function isMutableType(type: Node): boolean {
  if (type.type === 'TSTypeReference') return COLLECTIONS.has(nameOf(type['typeName']) ?? '');
  return type.type === 'TSArrayType' || type.type === 'TSTupleType' || type.type === 'TSTypeLiteral';
}

function isOpen(declarator: Node): boolean {
  const annotation = annotationOf(declarator['id'] as Node);
  if (!isCollection(declarator['init'])) return false;
  if (annotation !== undefined) return isMutableType(annotation);
  let value = declarator['init'] as Node;
  while (value.type === 'TSSatisfiesExpression') value = value['expression'] as Node;
  const claimed = value.type === 'TSAsExpression' ? annotationOf(value) : undefined;
  return claimed === undefined || isMutableType(claimed);
}

function* variables(source: Source): Iterable<Finding> {
  if (!source.inSrc) return;
  for (const { statement } of topLevel(source)) {
    if (
      statement.type === 'VariableDeclaration' &&
      /^(let|var)$/.test(statement['kind'] as string) &&
      statement['declare'] !== true
    ) {
      yield finding(source, source.line(statement), `a module-level ${statement['kind']}: state belongs to whoever opens it`);
    }
  }
}

function* statics(source: Source): Iterable<Finding> {
  if (!source.inSrc) return;
  const found: Node[] = [];
  walk(source.program, (node) => {
    if (node.type === 'PropertyDefinition' && node['static'] === true && node['readonly'] !== true) found.push(node);
  });
  for (const node of found) yield finding(source, source.line(node), 'a static field that is not readonly');
}

function* openCollections(source: Source): Iterable<Finding> {
  if (!source.inSrc) return;
  for (const { name, declarator, exported } of constants(source)) {
    if (exported && isOpen(declarator)) {
      yield finding(source, source.line(declarator), `exports ${name}, which anyone can change: a readonly type or \`as const\``);
    }
  }
}

/** The object that an expression changes: `a` of `a.push()`, `a.b = 1`, `a[0]++`, `delete a.b`. */
function changed(node: Node): string | undefined {
  const target =
    node.type === 'AssignmentExpression'
      ? node['left']
      : node.type === 'UpdateExpression' || (node.type === 'UnaryExpression' && node['operator'] === 'delete')
        ? node['argument']
        : node.type === 'CallExpression' && MUTATORS.has(nameOf((node['callee'] as Node)['property']) ?? '')
          ? node['callee']
          : undefined;
  return isNode(target) && target.type === 'MemberExpression' ? nameOf(target['object']) : undefined;
}

function* changedInside(source: Source): Iterable<Finding> {
  if (!source.inSrc) return;
  const names = new Set(constants(source).flatMap(({ name, declarator }) => (isCollection(declarator['init']) ? [name] : [])));
  const found: [Node, string][] = [];
  walk(source.program, (node, parents) => {
    const inside = parents.some((parent) => FUNCTION.test(parent.type));
    // A local of the same name hides the constant: then this check does not look further.
    if (inside && node.type === 'VariableDeclarator') names.delete(nameOf(node['id']) ?? '');
    if (FUNCTION.test(node.type)) for (const each of node['params'] as Node[]) names.delete(nameOf(each) ?? '');
    const name = inside ? changed(node) : undefined;
    if (name !== undefined) found.push([node, name]);
  });
  for (const [node, name] of found) {
    if (names.has(name)) yield finding(source, source.line(node), `a function changes ${name}, which belongs to the module`);
  }
}

export const stateRules: readonly Rule[] = [
  {
    sentence: 'no module-level variable',
    check: variables,
    offends: [
      ['src/http/reply.ts', 'export let count = 0;'],
      ['src/http/reply.ts', 'import "node:net";\nlet count = 0;', 2],
      ['src/http/reply.ts', 'var count = 0;'],
      ['src/http/reply.ts', '// 😀😀😀😀 ———\nlet a;\nconst b = 1;', 2],
    ],
    allows: [
      ['src/http/reply.ts', 'const a = 1;\nfor (let i = 0; i < a; i++) {}\nexport function f() { let b = 1; return b++; }'],
    ],
  },
  {
    sentence: 'no static field that can change',
    check: statics,
    offends: [['src/http/reply.ts', 'class Reply {\n  static count = 0;\n}', 2]],
    allows: [['src/http/reply.ts', 'class Reply { static readonly none = 0; count = 0; static from() {} }']],
  },
  {
    sentence: 'no collection is exported that others can change',
    check: openCollections,
    offends: [
      ['src/http/errors.ts', 'export const CODES = new Map([[1, 2]]);'],
      ['src/http/errors.ts', 'export const CODES: Map<number, number> = new Map();'],
      ['src/http/errors.ts', "export const NAMES = ['a', 'b'];"],
      ['src/http/errors.ts', "export const NAMES: string[] = ['a', 'b'];"],
      ['src/http/errors.ts', "const NAMES = ['a', 'b'];\nexport { NAMES };"],
      ['src/http/errors.ts', 'export const LIMITS = { a: 1 } satisfies Record<string, number>;'],
      ['src/http/errors.ts', 'export const LIMITS: Record<string, number> = { a: 1 };'],
    ],
    allows: [
      ['src/http/errors.ts', 'export const CODES: ReadonlyMap<number, number> = new Map();'],
      ['src/http/errors.ts', "export const NAMES = ['a', 'b'] as const;\nexport const MORE: readonly string[] = [];"],
      ['src/http/errors.ts', 'export const LIMITS = { a: 1 } as const satisfies Record<string, number>;'],
      ['src/http/errors.ts', 'export const LIMITS = Object.freeze({ a: 1 });\nexport const EMPTY: Source = { length: 0 };'],
      ['src/http/errors.ts', 'const NAMES = [1];\nexport const TABLE = new Uint8Array(256);\nexport const a = NAMES.length;'],
    ],
  },
  {
    sentence: "no function changes a module's collection",
    check: changedInside,
    offends: [
      ['src/http/errors.ts', 'const seen = new Map();\nexport function f() {\n  seen.set(1, 2);\n}', 3],
      ['src/http/errors.ts', 'const seen: string[] = [];\nconst f = () => seen.push("a");', 2],
      ['src/http/errors.ts', 'const seen: Record<string, number> = {};\nclass A { f(a: string) { seen[a] = 1; } }', 2],
      ['src/http/errors.ts', 'const count = { all: 0 };\nfunction f() { count.all++; delete count.all; }', 2],
    ],
    allows: [
      ['src/http/errors.ts', 'const TABLE = new Map();\nfor (const a of [1, 2]) TABLE.set(a, a);'],
      ['src/http/errors.ts', 'const seen = new Map();\nfunction f(seen: Set<number>) { seen.add(1); }'],
      ['src/http/errors.ts', 'const seen = new Set([1]);\nfunction f() { const all = []; all.push(seen.has(1)); }'],
    ],
  },
];
