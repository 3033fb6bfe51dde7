import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../src/http/exchange.ts';
import { fieldText, settled } from '../../../src/layers/transform/text.ts';
import { arrived } from '../../support/arrived.ts';
import { exchangeOf } from '../../support/exchanges.ts';

const asked = (...fields: string[]) => exchangeOf({ target: '/a?q=%20%20x%09&e=%C3%A0&empty=%20', headers: arrived(...fields) });
const identify = (exchange: Exchange, subject: string) => {
  exchange.identity = { method: 'jwt', subject, consumer: undefined, groups: [], scopes: [], claims: { sub: subject } };
};
const filled = (text: string, exchange = asked()) => settled(fieldText(text)(exchange));

describe('The text of a field', () => {
  test.each([
    ['', ''],
    ['plain', 'plain'],
    ['a {{b}}', 'a {b}'],
    ['☃', '\xe2\x98\x83'],
    ['{method} {path}', 'GET /a'],
    ['{query:q}', 'x'],
    ['<{query:q}>', '<  x\t>'],
    ['{query:q}{query:q}', 'x\t  x'],
    ['{query:empty}', undefined],
    ['{query:none}', undefined],
    ['a{query:none}', undefined],
    ['{user}', undefined],
    ['{user}!', undefined],
  ])('%j is %j', (text, value) => expect(filled(text)).toBe(value));

  test('ends with the last byte of its last character, also where that byte is a space to JavaScript', () => {
    expect(Buffer.from(filled('{query:e}') ?? '', 'latin1').toString()).toBe('à');
    expect(Buffer.from(filled('voilà') ?? '', 'latin1').toString()).toBe('voilà');
  });

  test('with very many spaces inside is trimmed in time', () => {
    const exchange = exchangeOf({ target: `/?q=%20a${'%20'.repeat(100_000)}b` });
    expect(filled('{query:q}', exchange)).toHaveLength(100_002);
  });

  test('says what the request was when it was read, and who asked when it is wanted', () => {
    const exchange = asked('X-A: old');
    const value = fieldText('{header:x-a} {user}')(exchange);
    exchange.headers.set('X-A', 'new');
    expect(settled(value)).toBeUndefined();
    identify(exchange, 'alice');
    expect(settled(value)).toBe('old alice');
  });

  test('cannot end a line', () => {
    const exchange = exchangeOf({ target: '/?q=a%0d%0aX:%20y' });
    identify(exchange, 'b\r\nX: y\0');
    expect(filled('{query:q}', exchange)).toBe('a%0D%0AX: y');
    expect(filled('<{user}>', exchange)).toBe('<b%0D%0AX: y%00>');
  });

  test('that is none is a fault of whoever did not check it', () => expect(() => fieldText('{')).toThrow('alone'));
});
