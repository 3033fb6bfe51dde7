import { expect, test } from 'vitest';
import { keepsAuthorities } from '../../src/server/authorities.ts';

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const [A, B] = [pem('AAAA'), pem('BBBB')];
const auth = (mode: 'none' | 'request' | 'require', ca?: string) => ({ mode, ca });

test.each([
  ['nobody was believed', auth('none', A), auth('request', B), true],
  ['nobody was believed, without a file', auth('none'), auth('none'), true],
  ['they are the same', auth('request', A), auth('require', A), true],
  ['there is one more', auth('request', A), auth('request', B + A), true],
  ['only what stands around them has changed', auth('request', A), auth('request', `# A\r\n${A.replaceAll('\n', '\r\n')}`), true],
  ['one of two has gone', auth('request', A + B), auth('request', B), false],
  ['another has come in its place', auth('require', A), auth('require', B), false],
  ['nobody is asked any more', auth('request', A), auth('none', A), false],
])('authorities are kept where %s: %j, %j', (_, before, after, kept) => {
  expect(keepsAuthorities(before, after)).toBe(kept);
});
