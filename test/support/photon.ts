import { parse } from '../../src/config/parse.ts';
import { SEEDS } from '../config/seeds.cases.ts';

type Block = Record<string, unknown>;

/** Which keys of later issues a fragment is made of: these alone are left out. */
const LATER = ['cache', 'upgrade_sock'];

/** Photon's README as one configuration: every fragment for a whole document, each later one beside those before it. */
export function photonDocument(): Block {
  const fragments = SEEDS.filter(({ within }) => within === 'document').map(
    ({ text }) => parse(text, 'seed.yaml', {}).value as Block,
  );
  return fragments.reduce((whole, fragment) => merged(whole, fragment), {});
}

function merged(one: Block, other: Block): Block {
  const whole = { ...one };
  for (const [key, value] of Object.entries(other)) {
    if (LATER.includes(key)) continue;
    const before = whole[key];
    if (Array.isArray(before) && Array.isArray(value)) whole[key] = joined(before as Block[], value as Block[]);
    else whole[key] = isBlock(before) && isBlock(value) ? merged(before, value) : isBlock(value) ? merged({}, value) : value;
  }
  return whole;
}

/** Routes for one path are one route: a fragment shows some of its keys. */
function joined(before: readonly Block[], more: readonly Block[]): Block[] {
  const list = [...before];
  for (const one of more) {
    const at = list.findIndex(({ path }) => path !== undefined && path === one['path']);
    if (at < 0) list.push(one);
    else list[at] = merged(list[at] as Block, one);
  }
  return list;
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
