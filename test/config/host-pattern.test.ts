import { expect, test } from 'vitest';
import { hosts } from '../../src/config/host-pattern.ts';

const read = (written: unknown) => {
  const result = hosts().safeParse(written);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { suggestion } = (issue as { params?: { suggestion?: string } }).params ?? {};
  return `${issue?.message}${suggestion === undefined ? '' : ` (${suggestion})`}`;
};

test.each([
  ['api.example.com', ['api.example.com']],
  ['API.Example.com.', ['api.example.com']],
  ['*.example.com', ['*.example.com']],
  ['localhost', ['localhost']],
  ['127.0.0.1', ['127.0.0.1']],
  ['[::1]', ['[::1]']],
  [
    ['a.b', '*.b'],
    ['a.b', '*.b'],
  ],
])('%j is %j', (written, found) => {
  expect(read(written)).toEqual(found);
});

test.each([
  ['', /^not a host: ""/],
  ['*', /takes every host/],
  ['a.*.b', /only at the beginning/],
  ['*a.b', /only at the beginning/],
  ['a.b:80', /without their port.*\(a\.b\)/],
  ['::1', /in brackets.*\(\[::1\]\)/],
  ['http://a.b', /not a URL|without their port/],
  ['a.b/c', /not a URL/],
  ['bücher.example', /not a host.*\(xn--bcher-kva\.example\)/],
  ['-a.b', /not a host/],
  [['a.b', 'A.B.'], /a\.b stands there twice/],
  [[], /.+/],
  [5, /must be a host/],
])('%j is refused', (written, why) => {
  expect(read(written)).toMatch(why);
});
