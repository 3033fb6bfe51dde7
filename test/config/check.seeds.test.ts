import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { parse } from '../../src/config/parse.ts';
import { SEEDS, type SeedCase } from './seeds.cases.ts';

const UPSTREAM = { upstreams: [{ address: '127.0.0.1:3001' }] };

/** The whole document that a fragment stands in. JSON, so that nothing in it depends on indents. */
function documentOf({ text, within }: SeedCase): string {
  const fragment = parse(text, 'seed.yaml', {}).value as Record<string, unknown>;
  if (within === 'backend') return JSON.stringify({ load_balancing: { backends: { one: { ...UPSTREAM, ...fragment } } } });
  const backends = { chat_service: UPSTREAM, api_service: UPSTREAM };
  // Another fragment has what this one only names.
  const authentication = { auth_type: 'jwt', jwt: { secret: 'your-256-bit-secret-key-here' } };
  return JSON.stringify({ load_balancing: { backends }, middleware: { authentication }, ...fragment });
}

describe("Photon's", () => {
  test.each(SEEDS)('$name loads, or is refused for what is of later issues alone', (seed) => {
    const refused: string[] = [];
    try {
      checkText(documentOf(seed), 'seed.json', {});
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refused.push(...error.problems.map(({ path, message }) => `${path}: ${message.replace(/^a route has .*/, 'is missing')}`));
    }
    const { later, lacks = [] } = seed;
    expect(refused).toEqual([...later.map((key) => `${key}: not in this version`), ...lacks.map((key) => `${key}: is missing`)]);
  });

  test('quick start is an example, but for what is of later issues', () => {
    const example = readFileSync(new URL('../../examples/quick-start.yaml', import.meta.url), 'utf8');
    const { cache: _, ...rest } = parse((SEEDS[0] as SeedCase).text, 'seed.yaml', {}).value as Record<string, unknown>;
    expect(parse(example, 'quick-start.yaml', {}).value).toEqual(rest);
    expect(checkText(example, 'quick-start.yaml', {})).toMatchObject({
      server: { http_addr: [{ host: '0.0.0.0', port: 8080 }] },
      backends: { web_service: { algorithm: 'round_robin', health_checks: [{ check_type: 'tcp', interval: 10_000 }] } },
      routes: [{ id: 'api', methods: ['GET', 'POST'], timeout: 30_000, retry: { max_retries: 3 } }],
    });
  });
});
