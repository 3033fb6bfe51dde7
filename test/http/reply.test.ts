import { expect, test } from 'vitest';
import { EMPTY, type Sink, type Tunnel } from '../../src/http/body.ts';
import { isSource, isTunnel, Reply } from '../../src/http/reply.ts';

const tunnel: Tunnel = {
  fromUpstream: EMPTY,
  toUpstream: { onDrain: undefined, chunk: () => true, end: () => {}, fail: () => {} },
};

test.each([
  ['nothing', undefined, false, false],
  ['text', 'text', false, false],
  ['bytes', new Uint8Array(3), false, false],
  ['a source', EMPTY, true, false],
  ['a tunnel', tunnel, false, true],
] as const)('a body of %s is told apart from the others', (_, body, source, isATunnel) => {
  expect(isSource(body)).toBe(source);
  expect(isTunnel(body)).toBe(isATunnel);
});

test('a reply has no fields, no body and no trailers unless they are given, and shares none with another', () => {
  const reply = new Reply(204);
  expect(reply).toMatchObject({ status: 204, body: undefined, trailers: undefined });
  reply.headers.add('A', '1');
  expect(new Reply(204).headers.lines()).toBe('');
});

test('the empty body ends at once, whoever asks and however often', () => {
  let ends = 0;
  const sink: Sink = { chunk: () => true, end: () => ends++, fail: () => {} };
  EMPTY.pipe(sink);
  EMPTY.resume();
  EMPTY.cancel();
  EMPTY.pipe(sink);
  expect([EMPTY.length, ends]).toEqual([0, 2]);
});
