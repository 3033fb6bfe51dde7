import { posix } from 'node:path';
import { type Finding, finding, type Rule } from './rule.ts';
import type { Source } from './source.ts';

/** Who may import whom: each only from rooms above it. Rooms in one row do not know each other. */
const ROWS = [
  ['lib'],
  ['telemetry', 'redis'],
  ['http', 'fleet'],
  ['wire', 'discovery'],
  ['upstream', 'layers'],
  ['shared'],
  // Beside snapshot: it reads what config made; what config itself may import is said in `mayImport`.
  ['config'],
  ['snapshot'],
  ['server'],
  ['admin', 'demo'],
  ['gateway.ts'],
  ['sluice.ts'],
  ['workers'],
  ['cli'],
  ['main.ts'],
] as const;

const RANK: ReadonlyMap<string, number> = new Map(ROWS.flatMap((rooms, rank) => rooms.map((room) => [room, rank] as const)));
const DEMO_KNOWS: ReadonlySet<string> = new Set(['lib', 'http', 'wire', 'config']);

/** `http` for src/http/reply.ts, `main.ts` for src/main.ts, undefined outside src. */
function roomOf(path: string): string | undefined {
  return path.startsWith('src/') ? path.split('/')[1] : undefined;
}

function mayImport(path: string, room: string, target: string, other: string): boolean {
  if (other === room) return true;
  if (room === 'config') {
    const redisSource = path === 'src/config/redis-source.ts' && other === 'redis';
    return other === 'lib' || redisSource || posix.basename(target) === 'config.ts';
  }
  if (room === 'demo') return DEMO_KNOWS.has(other);
  return (RANK.get(other) ?? Number.POSITIVE_INFINITY) < (RANK.get(room) ?? -1);
}

/** Every relative import of a file under src. */
function* inner(source: Source): Iterable<{ target: string; line: number }> {
  if (!source.inSrc) return;
  for (const { specifier, line } of source.imports) {
    const target = source.resolve(specifier);
    if (target !== undefined) yield { target, line };
  }
}

function* ranks(source: Source): Iterable<Finding> {
  const room = roomOf(source.path);
  if (room === undefined) return;
  if (!RANK.has(room)) yield finding(source, 1, `"${room}" is no room of the house (test/support/house/ranks.ts lists them)`);
  for (const { target, line } of inner(source)) {
    const other = roomOf(target);
    if (other === undefined) yield finding(source, line, `imports ${target}, which is outside src`);
    else if (!mayImport(source.path, room, target, other)) yield finding(source, line, `${room} may not import ${target}`);
  }
}

function layerOf(path: string): string | undefined {
  const [, room, layer, file] = path.split('/');
  return room === 'layers' && file !== undefined ? layer : undefined;
}

function* layers(source: Source): Iterable<Finding> {
  if (roomOf(source.path) !== 'layers') return;
  for (const { target, line } of inner(source)) {
    const layer = layerOf(target);
    if (layer !== undefined && layer !== layerOf(source.path)) {
      yield finding(source, line, `imports ${target}: layers do not know each other`);
    }
  }
}

function* redisClient(source: Source): Iterable<Finding> {
  if (!source.inSrc || roomOf(source.path) === 'redis') return;
  for (const { specifier, line } of source.imports) {
    if (/^(ioredis|redis|@redis)(\/|$)/.test(specifier)) yield finding(source, line, `imports ${specifier}: only src/redis does`);
  }
}

export const rankRules: readonly Rule[] = [
  {
    sentence: 'a room imports only from rooms of lower rank',
    check: ranks,
    offends: [
      ['src/lib/clock.ts', "import { Headers } from '../http/headers.ts';"],
      ['src/lib/clock.ts', "\nimport type { Headers } from '../http/headers.ts';", 2],
      ['src/http/reply.ts', "export type { Member } from '../fleet/members.ts';"],
      ['src/redis/connect.ts', "import '../telemetry/log.ts';"],
      ['src/wire/channel.ts', "let a: import('../discovery/dns.ts').Dns;"],
      ['src/upstream/pool.ts', "import { a } from '../layers/cache/config.ts';"],
      ['src/layers/cache/layer.ts', "const a = import('../../config/document.ts');"],
      ['src/server/listener.ts', "export * from '../gateway.ts';"],
      ['src/gateway.ts', "import { run } from './cli/run.ts';"],
      ['src/cli/run.ts', "import '../main.ts';"],
      ['src/snapshot/compile.ts', "import { a } from '../server/config.ts';"],
      ['src/config/check.ts', "import { compile } from '../snapshot/compile.ts';"],
      ['src/config/file-source.ts', "import { connect } from '../redis/connect.ts';"],
      ['src/demo/echo.ts', "import { listen } from '../server/listener.ts';"],
      ['src/admin/stats.ts', "import { echo } from '../demo/echo.ts';"],
      ['src/cellar/wine.ts', 'export const a = 1;'],
      ['src/cli/version.ts', "import manifest from '../../package.json' with { type: 'json' };"],
    ],
    allows: [
      ['src/http/reply.ts', "import { now } from '../lib/clock.ts';\nimport './body.ts';\nimport 'node:net';"],
      ['src/layers/cache/layer.ts', "import type { Layer } from '../../http/layer.ts';"],
      ['src/config/document.ts', "import { a } from '../server/config.ts';\nimport { b } from '../layers/cors/config.ts';"],
      ['src/config/redis-source.ts', "import { connect } from '../redis/connect.ts';"],
      ['src/snapshot/compile.ts', "import type { Config } from '../config/document.ts';"],
      ['src/demo/echo.ts', "import { Connection } from '../wire/connection.ts';"],
      ['src/main.ts', "await import('./cli/run.ts');"],
      ['test/lib/clock.test.ts', "import { Headers } from '../../src/http/headers.ts';"],
    ],
  },
  {
    sentence: 'no layer imports another layer',
    check: layers,
    offends: [
      ['src/layers/cache/layer.ts', "import { a } from '../retry/layer.ts';"],
      ['src/layers/cache/layer.ts', "import type { A } from '../retry/config.ts';"],
      ['src/layers/all.ts', "export * from './retry/layer.ts';"],
    ],
    allows: [
      ['src/layers/cache/layer.ts', "import { a } from './memory.ts';\nimport type { Layer } from '../../http/layer.ts';"],
      ['src/snapshot/stack.ts', "import { cache } from '../layers/cache/layer.ts';"],
    ],
  },
  {
    sentence: 'only src/redis imports the Redis client',
    check: redisClient,
    offends: [
      ['src/shared/redis.ts', "import { Redis } from 'ioredis';"],
      ['src/layers/cache/redis.ts', "import type { Redis } from 'ioredis';"],
      ['src/fleet/members.ts', "import { a } from 'ioredis/built/utils';"],
    ],
    allows: [
      ['src/redis/connect.ts', "import { Redis } from 'ioredis';"],
      ['src/shared/redis.ts', "import { connect } from '../redis/connect.ts';"],
      ['integration/redis.test.ts', "import { Redis } from 'ioredis';"],
    ],
  },
];
