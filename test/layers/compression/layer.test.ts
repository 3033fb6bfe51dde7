import { describe, expect, test } from 'vitest';
import type { Sink, Tunnel } from '../../../src/http/body.ts';
import { GatewayError } from '../../../src/http/errors.ts';
import { Headers } from '../../../src/http/headers.ts';
import { isSource, Reply, type ReplyBody } from '../../../src/http/reply.ts';
import { CODINGS, type Coding, compressionSchema } from '../../../src/layers/compression/config.ts';
import { compression } from '../../../src/layers/compression/layer.ts';
import { compressionMetrics } from '../../../src/layers/compression/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { decoded } from '../../support/decoders.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';

const TEXT = 'a word and another word, '.repeat(100);

interface Asked {
  readonly method?: string;
  readonly accepts?: string | undefined;
  readonly request?: Record<string, string>;
  readonly status?: number;
  readonly type?: string;
  readonly fields?: Record<string, string>;
  readonly body?: ReplyBody;
  readonly config?: object;
}

function setUp(asked: Asked = {}) {
  const { method = 'GET', accepts = 'gzip', status = 200, type = 'text/plain', fields = {}, body = TEXT, config = {} } = asked;
  const metrics = new Metrics();
  const layer = compression(compressionSchema.parse(config), compressionMetrics(metrics));
  const request = { ...asked.request, ...(accepts !== '' && { 'Accept-Encoding': accepts }) };
  const exchange = exchangeOf({ method, headers: Headers.from(Object.entries(request)) });
  const headers = Headers.from(Object.entries({ ...(type !== '' && { 'Content-Type': type }), ...fields }));
  const before = headers.flat();
  const inner = new Reply(status, headers, 'body' in asked ? asked.body : body);
  const reply = layer(() => inner)(exchange) as Reply;
  const counted = () =>
    metrics.all().flatMap(({ read }) => [...read()].map(([labels, value]) => [...Object.values(labels), value]));
  return { reply, inner, before, counted, field: (name: string) => reply.headers.get(name) };
}

async function bytesOf(body: ReplyBody, source?: ManualSource, text = ''): Promise<Buffer> {
  if (typeof body === 'string') return Buffer.from(body, 'latin1');
  if (!isSource(body)) return Buffer.from(body as Uint8Array);
  const sink = new RecordingSink();
  body.pipe(sink);
  if (source !== undefined) {
    source.send(text);
    source.end();
  }
  await sink.ended();
  expect(sink.ends).toEqual(['end']);
  return Buffer.from(sink.text, 'latin1');
}

describe('A reply that is worth it', () => {
  test.each(CODINGS)('is sent in %s to a client that reads it', async (coding) => {
    const { reply, field, counted } = setUp({ accepts: coding });
    expect([field('content-encoding'), field('vary'), typeof reply.body]).toEqual([coding, 'Accept-Encoding', 'string']);
    const bytes = await bytesOf(reply.body);
    expect(decoded(coding, bytes).toString()).toBe(TEXT);
    expect(counted()).toEqual([
      [coding, 1],
      ['in', TEXT.length],
      ['out', bytes.length],
    ]);
  });

  test.each<[string, ReplyBody, number]>([
    ['bytes', Buffer.from(TEXT), TEXT.length],
    ['many bytes, too many for one go', Buffer.from(TEXT.repeat(100)), TEXT.length * 100],
    [
      'bytes that stay many',
      Buffer.from(Array.from({ length: 60_000 }, (_, at) => 97 + ((Math.imul(at, 2654435761) >>> 9) % 26))),
      60_000,
    ],
  ])('may be %s', async (_, body, length) => {
    const { reply } = setUp({ body });
    expect(decoded('gzip', await bytesOf(reply.body))).toHaveLength(length);
  });

  test.each([-1, TEXT.length])('may be a stream of length %i', async (length) => {
    const source = new ManualSource(length);
    const { reply, counted } = setUp({ body: source, fields: length < 0 ? {} : { 'Content-Length': String(length) } });
    expect([source.asked, (reply.body as ManualSource).length, reply.headers.has('content-length')]).toEqual([[], -1, false]);
    const bytes = await bytesOf(reply.body, source, TEXT);
    expect(decoded('gzip', bytes).toString()).toBe(TEXT);
    expect(counted()).toEqual([
      ['gzip', 1],
      ['in', TEXT.length],
      ['out', bytes.length],
    ]);
  });

  test('may come later', async () => {
    const layer = compression(compressionSchema.parse({}), compressionMetrics(new Metrics()));
    const headers = Headers.from([['Accept-Encoding', 'gzip']]);
    const inner = new Reply(200, Headers.from([['Content-Type', 'text/html']]), TEXT);
    const reply = await layer(async () => inner)(exchangeOf({ headers }));
    expect([reply, reply.headers.get('content-encoding')]).toEqual([inner, 'gzip']);
    const failing = layer(async () => {
      throw new GatewayError('upstream_reset');
    });
    await expect(failing(exchangeOf({ headers }))).rejects.toMatchObject({ code: 'upstream_reset' });
  });

  test('loses the sums over its body in trailers that are known already', () => {
    const layer = compression(compressionSchema.parse({}), compressionMetrics(new Metrics()));
    const inner = new Reply(200, Headers.from([['Content-Type', 'text/html']]), TEXT);
    inner.trailers = Headers.from([
      ['Content-Digest', 'x'],
      ['Server-Timing', 'a'],
    ]);
    void layer(() => inner)(exchangeOf({ headers: Headers.from([['Accept-Encoding', 'gzip']]) }));
    expect(inner.trailers.flat()).toEqual(['Server-Timing', 'a']);
  });

  test('an error or a refusal may be one', () => {
    expect(setUp({ status: 429, type: 'application/problem+json' }).field('content-encoding')).toBe('gzip');
  });

  test('a body that says it is coded by nothing may be one', () => {
    expect(setUp({ fields: { 'Content-Encoding': 'identity' } }).reply.headers.all('content-encoding')).toEqual(['gzip']);
  });

  test('the algorithms and levels are those of the configuration', async () => {
    const accepts = 'zstd, br, gzip';
    expect(setUp({ accepts, config: { algorithms: ['br', 'zstd'] } }).field('content-encoding')).toBe('br');
    const body = Buffer.from(
      Array.from({ length: 3000 }, (_, at) => `{"id":${Math.imul(at, 2654435761) >>> 7}}`).join(),
    ).subarray(0, 60_000);
    const sizes = [1, 9].map((gzip) => (setUp({ body, config: { levels: { gzip } } }).reply.body as Buffer).length);
    expect(sizes[1]).toBeLessThan(sizes[0] as number);
  });
});

describe('A reply goes out as it came, with Vary', () => {
  test.each<[string, Asked]>([
    ['when the client says nothing', { accepts: '' }],
    ['when the client reads none of them', { accepts: 'deflate, compress' }],
    ['when the client likes it better so', { accepts: 'identity, gzip;q=0.5' }],
    ['when the request forbids changes', { request: { 'Cache-Control': 'no-transform' } }],
    ['when it gets no smaller', { config: { min_bytes: 1 }, body: 'ab' }],
    ['when it is a stream that the client cannot read otherwise', { accepts: 'deflate', body: new ManualSource() }],
  ])('%s', (_, asked) => {
    const { reply, field, counted } = setUp({ fields: { ETag: '"a"', 'Accept-Ranges': 'bytes' }, ...asked });
    expect(reply.body).toBe('body' in asked ? asked.body : TEXT);
    expect([field('content-encoding'), field('vary'), field('etag'), field('accept-ranges')]).toEqual([
      ...[undefined, 'Accept-Encoding', '"a"', 'bytes'],
    ]);
    expect(counted()).toEqual([
      ['in', 0],
      ['out', 0],
    ]);
  });
});

const tunnel: Tunnel = { fromUpstream: new ManualSource(), toUpstream: { onDrain: undefined } as Sink & { onDrain: undefined } };

describe('A reply is left alone', () => {
  test.each<[string, Asked]>([
    ['when it is small', { body: 'x'.repeat(1023) }],
    ['when it has no body', { body: undefined }],
    ['when it is known to be a small stream', { body: new ManualSource(1023) }],
    ['when its type is not listed', { type: 'image/png' }],
    ['when it has no type', { type: '' }],
    ['when it is coded already', { fields: { 'Content-Encoding': 'br' } }],
    ['when it may not be changed', { fields: { 'Cache-Control': 'public, no-transform' } }],
    ['when it is a part', { status: 206, fields: { 'Content-Range': 'bytes 0-9/10' } }],
    ['when it is a 204', { status: 204 }],
    ['when it is a tunnel', { status: 101, body: tunnel }],
    ['when it is an empty one and all are wanted', { body: '', config: { min_bytes: 0 } }],
  ])('%s', (_, asked) => {
    const { reply, inner, before } = setUp(asked);
    expect(reply).toBe(inner);
    expect(reply.headers.flat()).toEqual(before);
    if ('body' in asked) expect(reply.body).toBe(asked.body);
  });
});

describe('HEAD', () => {
  test.each<[string, Asked, boolean]>([
    ['of a long body', { fields: { 'Content-Length': '5000' }, body: undefined }, true],
    ['of a body of unknown length', { body: undefined }, true],
    ['of a body that is there', { body: TEXT }, true],
    ['of a small body', { fields: { 'Content-Length': '100' }, body: undefined }, false],
    ['of an image', { type: 'image/png', body: undefined }, false],
  ])('%s is answered with the fields of GET: coded %s', (_, asked, coded) => {
    const { reply, field, counted } = setUp({ method: 'HEAD', ...asked, fields: { ETag: '"a"', ...asked.fields } });
    expect([field('content-encoding'), field('vary'), field('etag')]).toEqual(
      coded ? ['gzip', 'Accept-Encoding', 'W/"a"'] : [undefined, undefined, '"a"'],
    );
    expect([reply.headers.has('content-length'), reply.body]).toEqual([
      asked.fields?.['Content-Length'] !== undefined && !coded,
      undefined,
    ]);
    expect(counted()).toEqual([
      ['in', 0],
      ['out', 0],
    ]);
  });

  test('drops a stream that somebody made for it', () => {
    const source = new ManualSource();
    const { reply } = setUp({ method: 'HEAD', body: source });
    expect([reply.body, source.asked]).toEqual([undefined, ['cancel']]);
  });
});

test.each<[string | undefined, Coding | undefined]>([
  ['W/"a"', 'gzip'],
  ['"a"', undefined],
  [undefined, undefined],
])('A 304 to a client that holds %s has the tag under which it is held', (held, coding) => {
  const request = held === undefined ? {} : { 'If-None-Match': held };
  const { field } = setUp({ status: 304, body: undefined, type: '', fields: { ETag: '"a"' }, request });
  expect([field('etag'), field('vary')]).toEqual(coding === undefined ? ['"a"', undefined] : ['W/"a"', 'Accept-Encoding']);
});

test.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8'])(
  'Events (%s) are sent as they happen, even if their length is known',
  async (type) => {
    const source = new ManualSource(100_000);
    const { reply } = setUp({ body: source, type });
    const sink = new RecordingSink();
    (reply.body as ManualSource).pipe(sink);
    source.send('data: 1\n\n');
    await sink.until(() => sink.size > 20);
    (reply.body as ManualSource).cancel();
    expect(source.cancelled).toBe(true);
  },
);
