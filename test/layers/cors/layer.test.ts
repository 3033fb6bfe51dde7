import { describe, expect, test } from 'vitest';
import { Reply } from '../../../src/http/reply.ts';
import { arrived } from '../../support/arrived.ts';
import { asked } from './asked.ts';

const APP = 'https://app.example.com';
const get = (config: Readonly<Record<string, unknown>>, origin: string | undefined, ...fields: string[]) =>
  asked(config, 'GET', origin === undefined ? [] : [`Origin: ${origin}`], () => new Reply(200, arrived(...fields)));

describe('A reply', () => {
  test('to a page that is allowed says so', async () => {
    const config = { credentials: true, exposed_headers: ['X-A', 'X-B'] };
    expect((await get(config, APP)).fields).toEqual({
      vary: 'Origin',
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-A, X-B',
    });
  });

  test('to a page below an allowed host names the page', async () => {
    const { fields } = await get({ allowed_origins: ['https://*.example.com'] }, 'https://a.b.example.com');
    expect(fields).toEqual({ vary: 'Origin', 'access-control-allow-origin': 'https://a.b.example.com' });
  });

  test.each([
    ['https://evil.example'],
    ['https://evilapp.example.com'],
    ['null'],
    [''],
    [`${APP}, ${APP}`],
    [`${APP}/`],
    [undefined],
  ])('to %j says nothing, but that it would for another', async (origin) => {
    const reply = await get({ credentials: true, exposed_headers: ['X-A'] }, origin);
    expect(reply).toEqual({ status: 200, passed: 1, fields: { vary: 'Origin' } });
  });

  test('to null is allowed only where that is listed', async () => {
    expect((await get({ allowed_origins: ['null'] }, 'null')).fields).toMatchObject({ 'access-control-allow-origin': 'null' });
  });

  test.each(['https://anyone.example', 'null', '', undefined])(
    'where every page may read is one for all, without Vary: to %j',
    async (origin) => {
      const { fields } = await get({ allowed_origins: ['*'], exposed_headers: ['*'] }, origin);
      expect(fields).toEqual({ 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' });
    },
  );

  test.each([
    ['Accept-Encoding', 'Accept-Encoding, Origin'],
    ['accept , ORIGIN', 'accept , ORIGIN'],
    ['*', '*'],
    ['X-Origin', 'X-Origin, Origin'],
  ])('that varies by %j says so with the origin beside it', async (vary, expected) => {
    expect((await get({}, APP, `Vary: ${vary}`)).fields['vary']).toBe(expected);
  });

  test.each([APP, 'https://evil.example', undefined])('to %j has nothing of what the upstream says of it', async (origin) => {
    const theirs = ['Origin: *', 'Credentials: true', 'Methods: *', 'Headers: *', 'Private-Network: true'];
    const lines = theirs.map((line) => `access-control-allow-${line}`);
    const more = ['Access-Control-Expose-Headers: *', 'ACCESS-CONTROL-MAX-AGE: 9', 'Access-Control-Allow-Origin: null'];
    const { fields } = await get({}, origin, ...lines, ...more, 'X-Kept: 1');
    const ours = origin === APP ? { 'access-control-allow-origin': APP } : {};
    expect(fields).toEqual({ 'x-kept': '1', vary: 'Origin', ...ours });
  });

  test('that comes late is marked as well', async () => {
    const late = await asked({}, 'POST', [`Origin: ${APP}`], async () => new Reply(502));
    expect(late).toMatchObject({ status: 502, fields: { 'access-control-allow-origin': APP } });
  });
});
