import type { Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Difference, differenceOf } from '../support/engines/difference.ts';
import { places } from '../support/engines/message-text.ts';
import { NodeServer } from '../support/engines/node-server.ts';
import { OurServer } from '../support/engines/our-server.ts';
import { cut, deliver, portOf } from '../support/engines/pieces.ts';
import { requestText } from '../support/engines/request-text.ts';
import { serverCorpus } from './server.corpus.ts';
import { serverDivergences } from './server.divergences.ts';

const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 2000);
/** For a seed that a failure has printed. */
const SEED = process.env['DIFFERENTIAL_SEED'];

const ours = new OurServer();
const theirs = new NodeServer();
let servers: Server[] = [];

beforeAll(async () => {
  servers = [await ours.listen(), await theirs.listen()];
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

async function difference(text: string, where: readonly number[], slow: boolean): Promise<Difference | undefined> {
  const pieces = cut(Buffer.from(text, 'latin1'), where);
  const seen = Promise.all([ours.expect(slow), theirs.expect()]);
  await Promise.all(servers.map((server) => deliver(portOf(server), pieces)));
  const [mine, other] = await seen;
  return differenceOf(mine, other, text);
}

/** The name of its class; undefined where there is no difference. */
function classOf(found: Difference | undefined): string | undefined {
  if (found === undefined) return undefined;
  return serverDivergences.find(({ recognises }) => recognises(found))?.name ?? `unexplained: ${JSON.stringify(found, null, 1)}`;
}

describe('The server side and node:http', () => {
  describe.each([
    ['whole', [], false],
    ['byte by byte', Array.from({ length: 400 }, (_, at) => at / 400), false],
    ['whole, to a slow reader', [], true],
    ['byte by byte, to a slow reader', Array.from({ length: 400 }, (_, at) => at / 400), true],
  ] as const)('with bytes that come %s', (_how, where, slow) => {
    test.each(serverCorpus)('make the same of $name, or differ as $differs says', async ({ bytes, differs, unsplit }) => {
      const found = classOf(await difference(bytes, where, slow));
      expect([differs, ...(unsplit === true ? [undefined] : [])]).toContain(found);
    });
  });

  test('make the same of any bytes split anywhere, or differ as the table says', { timeout: 20_000 + RUNS * 10 }, async () => {
    await fc.assert(
      fc.asyncProperty(requestText, places, fc.boolean(), async (text, where, slow) => {
        expect(classOf(await difference(text, where, slow)) ?? '').not.toMatch(/^unexplained/);
      }),
      { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  });

  test.each(serverDivergences.map(({ name }) => name))('have a case for their difference in: %s', (name) => {
    expect(serverCorpus.some(({ differs }) => differs === name)).toBe(true);
  });
});
