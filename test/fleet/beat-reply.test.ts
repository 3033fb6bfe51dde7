import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBeatReply } from '../../src/fleet/beat-reply.ts';

const A = 'a/0123456789abcdef/0';
const B = 'b/0123456789abcdef/1';

test('A reply is the most members lately, and the members', () => {
  expect(readBeatReply(['7', A, '12', B, 'left'])).toEqual({
    most: 7,
    list: [
      [A, 12],
      [B, 'left'],
    ],
  });
});

test('What is no id of an instance, or no beat, is nobody', () => {
  expect(readBeatReply(['2', 'somebody', '12', A, 'x', B, '3'])).toEqual({ most: 2, list: [[B, 3]] });
});

test.each([[undefined], [null], ['text'], [5], [[]], [['x', A, '1']], [['1', A]]])('%j is no reply', (reply) => {
  expect(readBeatReply(reply)).toBeUndefined();
});

test('Anything is read without an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.array(fc.oneof(fc.string(), fc.nat(), fc.constant(null)))),
      (reply) => void readBeatReply(reply),
    ),
  );
});
