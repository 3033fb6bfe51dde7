import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';

let directory = '';
const configured = (bodies: string) => checkText(`server: { error_bodies: ${bodies} }`, join(directory, 'a.yaml'), {});

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-bodies-'));
  writeFileSync(join(directory, '503.html'), '<p>{request_id} ü</p>');
  writeFileSync(join(directory, 'large.txt'), 'x'.repeat(65_536));
  writeFileSync(join(directory, 'larger.txt'), 'x'.repeat(65_537));
  writeFileSync(join(directory, 'latin1.txt'), Buffer.from([0xe4, 0x20]));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('the texts are read with the configuration, from beside it', () => {
  const { error_bodies } = configured('{ "503": ./503.html, "404": large.txt }').server;
  expect(error_bodies).toEqual({
    '404': { type: 'text/plain; charset=utf-8', text: 'x'.repeat(65_536) },
    '503': { type: 'text/html; charset=utf-8', text: '<p>{request_id} ü</p>' },
  });
  expect(Object.isFrozen(error_bodies['503'])).toBe(true);
});

test.each([
  ['{ "503": none.html }', '1:34: server.error_bodies.503: none.html: no such file'],
  ['{ "503": larger.txt }', '1:34: server.error_bodies.503: larger.txt: is larger than 65536 bytes'],
  ['{ "503": latin1.txt }', '1:34: server.error_bodies.503: latin1.txt: is not UTF-8'],
  ['{ "503": . }', '1:34: server.error_bodies.503: .: is a directory'],
  ['{ "503": 7 }', '1:34: server.error_bodies.503: must be a text, not 7'],
  ['{ "5xx": 503.html }', '1:27: server.error_bodies.5xx: the gateway makes no error of status "5xx"; expected 400, 403, 404'],
  ['{ "200": 503.html }', '1:27: server.error_bodies.200: the gateway makes no error of status "200"'],
])('of %s it is said what is wrong', (bodies, says) => {
  expect(() => configured(bodies)).toThrow(says);
});
