import fc from 'fast-check';
import { fraction, places } from '../engines/message-text.ts';

/** How one request is made. */
export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS' | 'DELETE';
  readonly version: '1.1' | '1.0';
  readonly framing: 'none' | 'length' | 'chunked' | 'upgrade';
  readonly size: number;
  readonly trailers: boolean;
  readonly fields: readonly string[];
  readonly places: readonly number[];
  /** Less than 1: the rest is never sent, nor is anything after it. */
  readonly share: number;
}

export type ClientStep =
  | { readonly do: 'ask'; readonly ask: Ask }
  | { readonly do: 'send'; readonly bytes: string }
  | { readonly do: 'turns'; readonly count: number }
  | { readonly do: 'time'; readonly ms: number }
  | { readonly do: 'replies' | 'stop reading' | 'read on' | 'half-close' | 'close' | 'reset' };

/** What the origin does with one request. */
export interface Answer {
  readonly reads: 'first' | 'late' | 'never' | 'meanwhile';
  readonly turns: number;
  readonly interim: number;
  readonly status: 200 | 204 | 304 | 404 | 500;
  readonly framing: 'length' | 'chunked' | 'close';
  readonly size: number;
  readonly trailers: boolean;
  readonly fields: readonly string[];
  readonly places: readonly number[];
  /** How much of the reply is sent before the end. */
  readonly share: number;
  readonly end: 'stay' | 'close' | 'half-close' | 'reset' | 'another reply' | 'garbage' | 'stall';
}

export interface Scenario {
  readonly clients: readonly (readonly ClientStep[])[];
  readonly answers: readonly Answer[];
  readonly maxConnections: number;
  readonly maxIdle: number;
  readonly ending: 'leave' | 'reset' | 'drain' | 'cut';
  readonly unreachable: boolean;
}

function weighted<T>(...pairs: readonly (readonly [number, T])[]): fc.Arbitrary<T> {
  return fc.oneof(...pairs.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

const size = fc.oneof(
  { weight: 24, arbitrary: fc.nat(200) },
  { weight: 12, arbitrary: fc.integer({ min: 200, max: 40_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: 60_000, max: 600_000 }) },
  // More than the kernel takes between two processes that do not read.
  { weight: 1, arbitrary: fc.integer({ min: 3_000_000, max: 7_000_000 }) },
);
const share = fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fraction });

const ask: fc.Arbitrary<Ask> = fc.record({
  method: weighted([5, 'GET'], [4, 'POST'], [2, 'PUT'], [1, 'HEAD'], [1, 'OPTIONS'], [1, 'DELETE']),
  version: weighted([12, '1.1'], [1, '1.0']),
  framing: weighted([6, 'none'], [3, 'length'], [3, 'chunked'], [1, 'upgrade']),
  size,
  trailers: fc.boolean(),
  fields: fc.subarray(
    ['Connection: keep-alive', 'Expect: 100-continue', 'Connection: x-hop', 'X-Hop: 1', 'Cookie: a=b', 'TE: trailers'],
    { maxLength: 2 },
  ),
  places,
  share,
});

const clientStep: fc.Arbitrary<ClientStep> = fc.oneof(
  { weight: 10, arbitrary: ask.map((one) => ({ do: 'ask' as const, ask: one })) },
  { weight: 4, arbitrary: fc.nat(6).map((count) => ({ do: 'turns' as const, count })) },
  { weight: 2, arbitrary: fc.constant({ do: 'replies' as const }) },
  { weight: 1, arbitrary: fc.constantFrom(20, 300, 1200, 2500).map((ms) => ({ do: 'time' as const, ms })) },
  { weight: 1, arbitrary: fc.constant({ do: 'stop reading' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'read on' as const }) },
);

/** Nothing that is a request can come after one of these. */
const lastStep: fc.Arbitrary<ClientStep> = fc.oneof(
  fc.constant({ do: 'replies' as const }),
  fc.constantFrom<ClientStep>({ do: 'half-close' }, { do: 'close' }, { do: 'reset' }),
  fc
    .string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)), maxLength: 60 })
    .map((bytes) => ({ do: 'send' as const, bytes })),
  fc
    .constantFrom(
      '\r\n\r\n\r\n\r\n\r\n\r\n',
      'GET / HTTP/1.1\r\nHost',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nz',
    )
    .map((bytes) => ({ do: 'send' as const, bytes })),
);

const client = fc
  .tuple(
    fc.array(clientStep, { minLength: 1, maxLength: 8 }),
    fc.array(
      fc.oneof(
        lastStep,
        fc.nat(4).map((count) => ({ do: 'turns' as const, count })),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([steps, last]) => [...steps, ...last]);

const answer: fc.Arbitrary<Answer> = fc.record({
  reads: weighted([6, 'first'], [3, 'meanwhile'], [1, 'late'], [1, 'never']),
  turns: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) }),
  interim: weighted([32, 0], [8, 1], [4, 3], [1, 40]),
  status: weighted<Answer['status']>([12, 200], [1, 204], [1, 304], [1, 404], [1, 500]),
  framing: weighted([5, 'length'], [5, 'chunked'], [2, 'close']),
  size,
  trailers: fc.boolean(),
  fields: fc.subarray(
    ['Connection: keep-alive', 'Connection: close', 'Keep-Alive: timeout=2', 'Set-Cookie: a', 'Trailer: x-token'],
    { maxLength: 2 },
  ),
  places,
  share,
  end: weighted([12, 'stay'], [2, 'close'], [1, 'half-close'], [1, 'reset'], [1, 'another reply'], [1, 'garbage'], [1, 'stall']),
});

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  clients: fc.array(client, { minLength: 1, maxLength: 4 }),
  answers: fc.array(answer, { minLength: 1, maxLength: 6 }),
  maxConnections: weighted([4, 0], [2, 1], [1, 2]),
  maxIdle: weighted([4, 64], [1, 0], [1, 1]),
  ending: weighted([4, 'leave'], [4, 'reset'], [1, 'drain'], [1, 'cut']),
  unreachable: weighted([30, false], [1, true]),
});
