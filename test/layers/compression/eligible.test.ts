import { expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { compressionSchema } from '../../../src/layers/compression/config.ts';
import { eligibility, forbidsTransform } from '../../../src/layers/compression/eligible.ts';

const isEligible = eligibility(compressionSchema.parse({}));

function replyOf(fields: Record<string, string>, status = 200): Reply {
  return new Reply(status, Headers.from(Object.entries(fields)));
}

test.each<[string, boolean]>([
  ['text/html', true],
  ['TEXT/HTML; charset=utf-8', true],
  [' text/plain ;x=y', true],
  ['text/event-stream', true],
  ['application/json', true],
  ['application/problem+json', true],
  ['application/vnd.api+json; ext="a;b"', true],
  ['application/xml', true],
  ['application/atom+xml', true],
  ['application/javascript', true],
  ['image/svg+xml', true],
  ['application/wasm', true],
  ['image/jpeg', false],
  ['image/svg', false],
  ['application/zip', false],
  ['application/octet-stream', false],
  ['application/json-patch', false],
  ['application/+json', true],
  ['video/mp4', false],
  ['textual/html', false],
  ['', false],
  [';', false],
  ['text', false],
])('a reply of type %j: %s', (type, expected) => {
  expect(isEligible(replyOf({ 'Content-Type': type }))).toBe(expected);
});

test('a reply that does not say what it is is left alone', () => {
  expect(isEligible(replyOf({}))).toBe(false);
});

test.each([101, 103, 204, 205, 206, 304])('status %i has no content, or a part of one', (status) => {
  expect(isEligible(replyOf({ 'Content-Type': 'text/html' }, status))).toBe(false);
});

test.each([200, 201, 203, 301, 400, 404, 416, 500, 503])('status %i may be compressed', (status) => {
  expect(isEligible(replyOf({ 'Content-Type': 'text/html' }, status))).toBe(true);
});

test.each<[Record<string, string>, boolean]>([
  [{ 'Content-Encoding': 'gzip' }, false],
  [{ 'Content-Encoding': 'aes128gcm' }, false],
  [{ 'Content-Encoding': 'identity, gzip' }, false],
  [{ 'Content-Encoding': '' }, false],
  [{ 'Content-Encoding': 'identity' }, true],
  [{ 'Content-Encoding': 'Identity' }, true],
  [{ 'Content-Range': 'bytes 0-9/10' }, false],
  [{ 'Content-Range': 'bytes */10' }, false],
  [{ 'Cache-Control': 'no-transform' }, false],
  [{ 'Cache-Control': 'public, No-Transform, max-age=1' }, false],
  [{ 'Cache-Control': 'max-age=1,no-transform' }, false],
  [{ 'Cache-Control': 'no-transform=1' }, false],
  [{ 'Cache-Control': 'max-age=1, no-store' }, true],
  [{ 'Cache-Control': 'x-no-transform' }, true],
])('a reply with %j: %s', (fields, expected) => {
  expect(isEligible(replyOf({ 'Content-Type': 'text/html', ...fields }))).toBe(expected);
});

test('the types are those of the configuration', () => {
  const isOurs = eligibility({ types: ['application/x-ours', 'model/*', 'text/*+ours'] });
  const answers = ['application/x-ours', 'model/obj', 'text/a+ours', 'text/html'].map((type) =>
    isOurs(replyOf({ 'Content-Type': type })),
  );
  expect(answers).toEqual([true, true, true, false]);
});

test('a request may forbid it too', () => {
  expect(forbidsTransform(Headers.from([['Cache-Control', 'no-cache, no-transform']]))).toBe(true);
  expect(forbidsTransform(new Headers())).toBe(false);
});
