import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsOf } from '../support/fuzz/run.ts';
import { type Answer, type Ask, type ClientStep, type Scenario, scenario } from '../support/fuzz/scenario.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500);
/** For a seed that a failure has printed. */
const SEED = process.env['FUZZ_SEED'];

const ASK: Ask = { method: 'GET', version: '1.1', framing: 'none', size: 1, trailers: false, fields: [], places: [], share: 1 };
const ANSWER: Answer = {
  ...{ reads: 'first', turns: 0, interim: 0, status: 200, framing: 'length', size: 1, trailers: false, fields: [], places: [] },
  ...{ share: 1, end: 'stay' },
};

function ask(changes: Partial<Ask> = {}): ClientStep {
  return { do: 'ask', ask: { ...ASK, ...changes } };
}

function one(steps: readonly ClientStep[], answer: Partial<Answer>, ending: Scenario['ending']): Scenario {
  const answers = [{ ...ANSWER, ...answer }];
  return { clients: [steps], answers, maxConnections: 0, maxIdle: 64, ending, unreachable: false };
}

/** What this test has found. */
const FOUND: readonly (readonly [string, Scenario])[] = [
  [
    'a kept connection that dies under a body larger than what is kept of it',
    one([ask(), ask(), { do: 'replies' }, ask({ framing: 'length', size: 541_899 })], { turns: 8, end: 'reset' }, 'leave'),
  ],
  ['a connection that is cut while its end is on its way', one([{ do: 'time', ms: 2500 }], {}, 'leave')],
  [
    'an old client that closed its half, and an upstream that stops within a body',
    one(
      [ask({ version: '1.0' }), { do: 'turns', count: 2 }, { do: 'half-close' }],
      { framing: 'chunked', size: 118, share: 0.5 },
      'drain',
    ),
  ],
];

const LARGE = 6_000_000;
/** What chance hits too rarely. */
const RARE: readonly (readonly [string, Scenario])[] = (['length', 'chunked', 'close'] as const).flatMap((framing) => [
  [
    `a large reply (${framing}) to a client that reads late`,
    one(
      [{ do: 'stop reading' }, ask(), { do: 'turns', count: 100 }, { do: 'read on' }, { do: 'replies' }],
      { framing, size: LARGE, places: [0.001, 0.01, 0.3] },
      'leave',
    ),
  ],
  [
    `a large request (${framing}) to an origin that reads late`,
    one(
      [ask({ framing: framing === 'close' ? 'upgrade' : framing, size: LARGE, places: [0.001, 0.01, 0.3] }), { do: 'replies' }],
      { reads: 'late', turns: 100, framing },
      'leave',
    ),
  ],
]);

const escaped: unknown[] = [];
const letSlip = (error: unknown): void => void escaped.push(error);

beforeAll(() => {
  process.on('uncaughtExceptionMonitor', letSlip);
  process.on('unhandledRejection', letSlip);
});

afterAll(() => {
  process.off('uncaughtExceptionMonitor', letSlip);
  process.off('unhandledRejection', letSlip);
});

async function expectNoFaults(played: Scenario): Promise<void> {
  const faults = await faultsOf(played);
  expect([...faults, ...escaped.splice(0)]).toEqual([]);
}

test.each(FOUND)('nothing goes wrong any more with %s', (_name, played) => expectNoFaults(played));

test.each(RARE)('nothing goes wrong with %s', (_name, played) => expectNoFaults(played));

test('whatever both sides do, every exchange ends once, nothing is left, and no byte goes to another request', {
  timeout: 20_000 + RUNS * 60,
}, async () => {
  await fc.assert(fc.asyncProperty(scenario, expectNoFaults), {
    numRuns: RUNS,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  });
});
