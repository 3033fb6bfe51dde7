import type { Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Asking } from '../support/engines/asking.ts';
import { type Difference, differenceOf } from '../support/engines/difference.ts';
import { places } from '../support/engines/message-text.ts';
import { askNode } from '../support/engines/node-client.ts';
import { askOurs } from '../support/engines/our-client.ts';
import { cut, portOf } from '../support/engines/pieces.ts';
import { ReplyOrigin } from '../support/engines/reply-origin.ts';
import { replyText } from '../support/engines/reply-text.ts';
import { askUndici } from '../support/engines/undici-client.ts';
import { clientCorpus } from './client.corpus.ts';
import { clientDivergences } from './client.divergences.ts';

const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 2000);
/** For a seed that a failure has printed. */
const SEED = process.env['DIFFERENTIAL_SEED'];

const origin = new ReplyOrigin();
let server: Server;

beforeAll(async () => {
  server = await origin.listen();
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

/** The name of its class; undefined where there is no difference. */
function classOf(found: Difference | undefined): string | undefined {
  if (found === undefined) return undefined;
  return clientDivergences.find(({ recognises }) => recognises(found))?.name ?? `unexplained: ${JSON.stringify(found, null, 1)}`;
}

async function classes(text: string, where: readonly number[], method: Asking['method'], slow: boolean) {
  const path = origin.add(cut(Buffer.from(text, 'latin1'), where));
  const asking = { port: portOf(server), method, path };
  const [ours, node, undici] = await Promise.all([askOurs(asking, slow), askNode(asking), askUndici(asking)]);
  origin.forget(path);
  return { node: classOf(differenceOf(ours, node, text)), undici: classOf(differenceOf(ours, undici, text)) };
}

describe('The client side, node:http and undici', () => {
  describe.each([
    ['whole', [], false],
    ['byte by byte', Array.from({ length: 400 }, (_, at) => at / 400), false],
    ['whole, to a slow reader', [], true],
    ['byte by byte, to a slow reader', Array.from({ length: 400 }, (_, at) => at / 400), true],
  ] as const)('with bytes that come %s', (_how, where, slow) => {
    test.each(clientCorpus)(
      'make the same of $name, or differ as the row says',
      async ({ bytes, method, node, undici, bySize }) => {
        const found = await classes(bytes, where, method, slow);
        if (bySize === true) {
          expect([node, undefined]).toContain(found.node);
          expect([undici, undefined]).toContain(found.undici);
        } else expect(found).toEqual({ node, undici });
      },
    );
  });

  test('make the same of any bytes split anywhere, or differ as the table says', { timeout: 20_000 + RUNS * 10 }, async () => {
    const method = fc.constantFrom<Asking['method']>('GET', 'GET', 'GET', 'HEAD');
    await fc.assert(
      fc.asyncProperty(replyText, places, method, fc.boolean(), async (text, where, asked, slow) => {
        const found = await classes(text, where, asked, slow);
        expect(`${found.node} ${found.undici}`).not.toMatch(/unexplained/);
      }),
      { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  });

  test.each(clientDivergences.map(({ name }) => name))('have a case for their difference in: %s', (name) => {
    expect(clientCorpus.some(({ node, undici }) => node === name || undici === name)).toBe(true);
  });
});
