import { parseArgs } from 'node:util';

export const ROW_NAMES = ['plain', 'heads12', 'memory', 'large', 'halfload', 'idle', 'start'] as const;
export type RowName = (typeof ROW_NAMES)[number];

export const PROXY_NAMES = ['nginx', 'nginx32k', 'haproxy', 'sluice', 'fastify', 'undici'] as const;
export type ProxyName = (typeof PROXY_NAMES)[number];

export interface Options {
  readonly smoke: boolean;
  readonly profile: boolean;
  /** Run Sluice from `src/` instead of `dist/`. */
  readonly source: boolean;
  readonly proxies: readonly ProxyName[];
  readonly rows: readonly RowName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How often at most a round is done that others on the machine disturbed. */
  readonly tries: number;
}

export const USAGE = `node bench/compare.ts [options]
  --smoke         one round of one second, nginx and sluice only; fails on errors and on answers other than 2xx
  --only a,b      proxies: ${PROXY_NAMES.join(', ')}
  --rows a,b      rows: ${ROW_NAMES.join(', ')}
  --rounds N      rounds per row (5)
  --seconds N     length of a round (4)
  --source        run sluice from src/ instead of dist/
  --profile       CPU profile of sluice into bench/profiles/ and its 25 most expensive functions (row: --rows, or plain)
`;

/** @throws Error whose message is for the user */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      smoke: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      source: { type: 'boolean', default: false },
      only: { type: 'string' },
      rows: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  const smoke = values.smoke;
  return {
    smoke,
    profile: values.profile,
    source: values.source,
    proxies: list('--only', values.only, PROXY_NAMES, smoke ? ['nginx', 'sluice'] : PROXY_NAMES),
    rows: list('--rows', values.rows, ROW_NAMES, smoke ? ['plain', 'heads12', 'memory', 'large', 'halfload'] : ROW_NAMES),
    rounds: count('--rounds', values.rounds, smoke ? 1 : 5),
    seconds: count('--seconds', values.seconds, smoke ? 1 : 4),
    warmUpSeconds: smoke ? 0 : 2,
    tries: smoke ? 1 : 3,
  };
}

function list<Name extends string>(
  option: string,
  text: string | undefined,
  known: readonly Name[],
  otherwise: readonly Name[],
): readonly Name[] {
  if (text === undefined) return otherwise;
  const names = text.split(',');
  for (const name of names) {
    if (!(known as readonly string[]).includes(name)) {
      throw new Error(`${option}: unknown name "${name}"; there are ${known.join(', ')}`);
    }
  }
  return known.filter((name) => names.includes(name));
}

function count(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 600) throw new Error(`${option}: a whole number from 1 to 600`);
  return value;
}
