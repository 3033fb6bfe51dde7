import { expect, test } from 'vitest';
import { identityHeaderParams, identityHeadersSchema } from '../../../src/layers/identity-headers/config.ts';

test('identity headers are names and texts as they were written', () => {
  const written = { 'X-Consumer': '{consumer}', 'X-User': 'user-{jwt:sub}', X_Id: '{{{id}}}', 'X-Client': '{client_cert:cn}' };
  expect(identityHeadersSchema.parse(written)).toEqual(written);
});

test('the parameters that they name are told once each', () => {
  expect(identityHeaderParams({ 'X-A': '{id}-{version}-{user}', 'X-B': '{id}' })).toEqual(['id', 'version']);
});

test.each<[Record<string, string>, RegExp]>([
  [{ 'X User': '{user}' }, /not a field name/],
  [{ '': '{user}' }, /not a field name/],
  [{ ['x'.repeat(129)]: '{user}' }, /not a field name/],
  ...[
    'Authorization',
    'authorization',
    'Host',
    'Content-Length',
    'Content_Length',
    'Connection',
    'Transfer-Encoding',
    'Cookie',
    'TE',
  ].map((name): [Record<string, string>, RegExp] => [{ [name]: '{user}' }, /has another meaning/]),
  ...['X-Forwarded-For', 'X_Forwarded_User', 'Forwarded', 'Via', 'X-Request-ID', 'Proxy-Authorization', 'Upgrade'].map(
    (name): [Record<string, string>, RegExp] => [{ [name]: '{user}' }, /has another meaning/] as const,
  ),
  [{ 'X-1-2-3-4-5-6-7': '{user}' }, /more than 6 hyphens/],
  [{ 'X-User': '{user' }, /alone/],
  [{ 'X-User': '{nothing:x}' }, /there is no/],
  [{ 'X-User': '' }, /sets nothing/],
  [{ 'X-User': '{header:X-User}' }, /says nothing about who it is/],
  [{ 'X-User': 'a-{query:user}' }, /says nothing about who it is/],
  [{ 'X-User': '{cookie:user}' }, /says nothing about who it is/],
  [{ 'X-User': '{user}', 'x-user': '{user}' }, /two fields have one name/],
  [{ 'X-User': '{user}', X_User: '{user}' }, /two fields have one name/],
])('%j is refused', (fields, message) => {
  expect(JSON.stringify(identityHeadersSchema.safeParse(fields).error)).toMatch(message);
});
