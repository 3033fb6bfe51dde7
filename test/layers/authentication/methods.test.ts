import { expect, test } from 'vitest';
import { authenticationSchema } from '../../../src/layers/authentication/config.ts';
import { authenticationMethods } from '../../../src/layers/authentication/methods.ts';
import { Passwords } from '../../../src/layers/authentication/passwords.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { FakeTokens } from './gate.ts';

const SECRET = { secret: 'a-secret-of-sixteen-bytes-or-more' };
const parts = () => ({ consumers: [], passwords: new Passwords(new ManualClock()), jwt: undefined });

test('the methods of a configuration are those of auth_type, in its order', () => {
  const config = authenticationSchema.parse({
    auth_type: ['certificate', 'jwt', 'basic', 'api_key'],
    jwt: SECRET,
    realm: 'users',
  });
  const { byName, realm } = authenticationMethods(config, { ...parts(), jwt: new FakeTokens() });
  expect([[...byName.keys()], realm]).toEqual([['certificate', 'jwt', 'basic', 'api_key'], 'users']);
  for (const [name, method] of byName) expect(method.name).toBe(name);
});

test('tokens need somebody who reads them', () => {
  const config = authenticationSchema.parse({ auth_type: 'jwt', jwt: SECRET });
  expect(() => authenticationMethods(config, parts())).toThrow('nobody reads tokens');
});
