import { expect, test } from 'vitest';
import { spellings } from '../../../src/layers/identity-headers/spellings.ts';

test.each([
  ['User', ['user']],
  ['X-User', ['x-user', 'x_user']],
  ['X_User-ID', ['x-user-id', 'x-user_id', 'x_user-id', 'x_user_id']],
])('%s can be written as %j', (name, all) => {
  expect(spellings(name)).toEqual(all);
});
