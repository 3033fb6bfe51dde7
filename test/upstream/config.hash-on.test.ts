import { expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';

function hashOn(hash_on: unknown): unknown {
  const users = { upstreams: [{ address: 'a:1' }], ...(hash_on !== undefined && { hash_on }) };
  return checkConfig({ load_balancing: { backends: { users } } }).backends['users']?.hash_on;
}

test.each([
  [undefined, [[{ from: 'ip' }]]],
  ['header:X-User', [[{ from: 'header', name: 'x-user' }]]],
  [
    ['cookie:sid', 'ip+route'],
    [[{ from: 'cookie', name: 'sid' }], [{ from: 'ip' }, { from: 'route' }]],
  ],
  ['jwt:sub', [[{ from: 'jwt', name: 'sub' }]]],
])('%j is read as %j', (written, keys) => {
  expect(hashOn(written)).toEqual(keys);
  expect(Object.isFrozen(hashOn(written))).toBe(true);
});

test.each([
  ['form:user', 'the key "form:user" stands in the body'],
  ['ipp', 'there is no key "ipp"; did you mean "ip"?; expected ip, route, global'],
  [[], 'an empty list'],
  [5, 'must be a key or a list of keys'],
  [[5], 'must be'],
])('%j is refused', (written, message) => {
  expect(() => hashOn(written)).toThrow(`load_balancing.backends.users.hash_on`);
  expect(() => hashOn(written)).toThrow(message);
});
