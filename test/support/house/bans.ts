import { type Finding, finding, type Rule } from './rule.ts';
import { isNode, type Node, type Source, walk } from './source.ts';

const ENVIRONMENT_READERS: ReadonlySet<string> = new Set(['src/config/boot.ts', 'src/config/substitute.ts']);
const CLOCKS: ReadonlySet<string> = new Set(['Date.now', 'performance.now', 'process.hrtime']);
const TIMERS: ReadonlySet<string> = new Set(['setTimeout', 'setInterval']);
const TIMER_MODULES = /^(node:)?timers(\/promises)?$/;
const KEYED: ReadonlySet<string> = new Set([
  'Property',
  'MethodDefinition',
  'PropertyDefinition',
  'TSPropertySignature',
  'TSMethodSignature',
]);

function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return node['name'] as string;
  return node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;
}

/** `a.b` for `a.b`, `a['b']`, `a?.b` and `globalThis.a.b`; of `const { b, c } = a` both `a.b` and `a.c`. */
function accesses(node: Node): string[] {
  if (node.type === 'MemberExpression') {
    const property =
      node['computed'] === true && (node['property'] as Node).type === 'Identifier' ? undefined : textOf(node['property']);
    const object = nameOf(node['object']);
    return object === undefined || property === undefined ? [] : [`${object}.${property}`];
  }
  if (node.type !== 'VariableDeclarator' || (node['id'] as Node).type !== 'ObjectPattern') return [];
  const object = nameOf(node['init']);
  return object === undefined
    ? []
    : ((node['id'] as Node)['properties'] as Node[]).map((each) => `${object}.${textOf(each['key'])}`);
}

function nameOf(object: unknown): string | undefined {
  if (!isNode(object)) return undefined;
  if (object.type === 'Identifier') return object['name'] as string;
  return accesses(object)[0]?.replace(/^global(This)?\./, '');
}

/** Whether an identifier is used, not the name of a member, of a type or of something imported. */
function isUse(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent.type === 'TSTypeQuery' || parent.type === 'ImportSpecifier') return false;
  if (parent.type === 'MemberExpression') return parent['property'] !== node || parent['computed'] === true;
  return !KEYED.has(parent.type) || parent['key'] !== node || parent['computed'] === true;
}

/** Names that a file takes from other files of the house, and so are not Node's. */
function borrowed(source: Source): Set<string> {
  const names = new Set<string>();
  walk(source.program, (node) => {
    if (node.type !== 'ImportDeclaration' || source.resolve((node['source'] as Node)['value'] as string) === undefined) return;
    for (const specifier of node['specifiers'] as Node[]) names.add(textOf(specifier['local']) ?? '');
  });
  return names;
}

/** What is imported by name: `node:process.env` for `import { env } from 'node:process'`. */
function importedNames(node: Node): string[] {
  if (node.type !== 'ImportDeclaration') return [];
  const module = String((node['source'] as Node)['value']).replace(/^node:/, '');
  return (node['specifiers'] as Node[]).map((specifier) => `${module}.${textOf(specifier['imported']) ?? ''}`);
}

function* environment(source: Source): Iterable<Finding> {
  if (!source.inSrc || ENVIRONMENT_READERS.has(source.path)) return;
  for (const node of nodes(source)) {
    if ([...accesses(node), ...importedNames(node)].includes('process.env')) {
      yield finding(source, source.line(node), 'reads process.env: only config/boot.ts and config/substitute.ts do');
    }
  }
}

function* time(source: Source): Iterable<Finding> {
  if (!source.inSrc || source.path.startsWith('src/lib/')) return;
  const ours = borrowed(source);
  for (const [node, parent] of nodesWithParents(source)) {
    const name = clockOf(node, parent);
    if (name !== undefined && !ours.has(name.split('.')[0] as string)) {
      yield finding(source, source.line(node), `uses ${name}: time comes from src/lib`);
    }
  }
}

function clockOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'Identifier')
    return TIMERS.has(node['name'] as string) && isUse(node, parent) ? (node['name'] as string) : undefined;
  if (node.type === 'NewExpression') {
    return nameOf(node['callee']) === 'Date' && (node['arguments'] as Node[]).length === 0 ? 'new Date()' : undefined;
  }
  if (node.type === 'ImportDeclaration') {
    const module = (node['source'] as Node)['value'] as string;
    return TIMER_MODULES.test(module) || importedNames(node).includes('perf_hooks.performance') ? module : undefined;
  }
  return accesses(node)
    .map((access) => access.replace(/^global(This)?\./, ''))
    .find((access) => CLOCKS.has(access) || TIMERS.has(access));
}

function* privateApi(source: Source): Iterable<Finding> {
  if (!source.inSrc) return;
  for (const node of nodes(source)) {
    if (textOf(node) === '_handle') yield finding(source, source.line(node), 'uses _handle, which is private to Node');
  }
}

function* erasable(source: Source): Iterable<Finding> {
  if (!/\.[mc]?ts$/.test(source.path)) return;
  for (const node of nodes(source)) {
    if (node.type === 'TSEnumDeclaration') yield finding(source, source.line(node), 'an enum: a union of literals says it');
    if (node.type === 'TSModuleDeclaration' && node['kind'] === 'namespace') {
      yield finding(source, source.line(node), 'a namespace: a file is one');
    }
  }
}

function* defaultExport(source: Source): Iterable<Finding> {
  if (!source.inSrc) return;
  for (const node of nodes(source)) {
    const named = node.type === 'ExportSpecifier' && textOf(node['exported']) === 'default';
    if (named || node.type === 'ExportDefaultDeclaration') yield finding(source, source.line(node), 'exports a default: name it');
  }
}

function nodes(source: Source): Node[] {
  return nodesWithParents(source).map(([node]) => node);
}

function nodesWithParents(source: Source): [Node, Node | undefined][] {
  const found: [Node, Node | undefined][] = [];
  walk(source.program, (node, parents) => found.push([node, parents.at(-1)]));
  return found;
}

export const banRules: readonly Rule[] = [
  {
    sentence: 'process.env is read in config/boot.ts and config/substitute.ts only',
    check: environment,
    offends: [
      ['src/cli/run.ts', 'const port = process.env.PORT;'],
      ['src/cli/run.ts', "// process.env\nconst all = globalThis.process['env'];", 2],
      ['src/cli/run.ts', 'const { env } = process;'],
      ['src/cli/run.ts', "import { env } from 'node:process';"],
    ],
    allows: [
      ['src/config/boot.ts', 'const port = process.env.PORT;'],
      ['src/config/substitute.ts', 'export const read = () => process.env;'],
      ['src/cli/run.ts', "// process.env\nconst text = 'process.env' + `process.env`; const { argv } = process; boot.env;"],
      ['test/cli/run.test.ts', 'process.env.PORT = "1";'],
    ],
  },
  {
    sentence: 'time comes from src/lib only',
    check: time,
    offends: [
      ['src/http/exchange.ts', 'const a = Date.now();'],
      ['src/http/exchange.ts', '\n\nconst a = performance.now();', 3],
      ['src/http/exchange.ts', 'const a = new Date();'],
      ['src/http/exchange.ts', 'const { now } = performance;'],
      ['src/http/exchange.ts', 'const a = process.hrtime.bigint();'],
      ['src/wire/connection.ts', 'const a = setTimeout(() => {}, 1);'],
      ['src/wire/connection.ts', 'globalThis.setInterval(run, 1);'],
      ['src/wire/connection.ts', 'start({ setTimeout });'],
      ['src/wire/connection.ts', "import { setTimeout } from 'node:timers/promises';"],
      ['src/wire/connection.ts', "import { performance } from 'node:perf_hooks';"],
    ],
    allows: [
      ['src/lib/clock.ts', 'export const now = () => performance.now() + Date.now();'],
      ['src/lib/wheel.ts', 'setInterval(() => {}, 100);'],
      ['src/wire/connection.ts', "import { setTimeout } from '../lib/wheel.ts';\nsetTimeout(run, 1);"],
      [
        'src/wire/connection.ts',
        '// Date.now()\nsocket.setTimeout(1); type Timer = ReturnType<typeof setTimeout>; new Date(at);',
      ],
      ['src/admin/stats.ts', "import { monitorEventLoopDelay } from 'node:perf_hooks';"],
      ['bench/compare.ts', 'const a = performance.now();'],
    ],
  },
  {
    sentence: 'nothing private to Node is used',
    check: privateApi,
    offends: [
      ['src/server/listener.ts', 'const fd = socket._handle.fd;'],
      ['src/server/listener.ts', "const fd = socket['_handle'];"],
      ['src/server/listener.ts', 'const { _handle: handle } = socket;'],
    ],
    allows: [['src/server/listener.ts', '// no _handle here\nconst handle = socket.handle;']],
  },
  {
    sentence: 'no enum and no namespace',
    check: erasable,
    offends: [
      ['src/http/errors.ts', 'export enum Code { a }'],
      ['src/http/errors.ts', 'const enum Code { a }'],
      ['test/http/errors.test.ts', 'namespace Codes { export const a = 1; }'],
    ],
    allows: [['src/http/errors.ts', "declare module 'x' { interface A { a: 1 } }\nconst enumeration = 'enum A { }';"]],
  },
  {
    sentence: 'src has no default exports',
    check: defaultExport,
    offends: [
      ['src/http/reply.ts', 'export default function reply() {}'],
      ['src/http/reply.ts', 'const a = 1;\nexport { a as default };', 2],
      ['src/http/reply.ts', "export { default } from './body.ts';"],
    ],
    allows: [
      ['src/http/reply.ts', "import x from 'pino';\nexport const a = x.default;"],
      ['vitest.config.ts', 'export default {};'],
    ],
  },
];
