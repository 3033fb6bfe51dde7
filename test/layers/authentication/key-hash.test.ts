import { expect, test } from 'vitest';
import { hashKey } from '../../../src/layers/authentication/key-hash.ts';

test('a key is kept as its SHA-256, of the bytes that UTF-8 makes of it', () => {
  expect(hashKey('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hashKey('clé')).toBe(hashKey(Buffer.from('clé')));
});
