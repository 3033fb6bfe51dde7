import { describe, expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { ApiKeys } from '../../../src/layers/authentication/api-key.ts';
import { Consumers } from '../../../src/layers/authentication/consumers.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { consumerOf } from './consumer-of.ts';

const LONG = 'k'.repeat(1024);
const CONSUMERS = new Consumers([
  consumerOf({ name: 'alice', keys: ['key-of-alice', 'clé', 'a b', LONG], groups: ['admin'] }),
  consumerOf({ name: 'bob', keys: ['key-of-bob', `${LONG}k`] }),
]);
const BOTH = { header: 'X-API-Key', query: 'api_key' };

function asking(keys: readonly string[], target = '/') {
  return exchangeOf({ target, headers: Headers.from(keys.map((key) => ['x-api-key', key] as const)) });
}

const latin1 = (text: string) => Buffer.from(text).toString('latin1');

describe('An API key', () => {
  test.each([
    ['in its field', asking(['key-of-alice']), 'alice'],
    ['in the query', asking([], '/a?x=1&api_key=key-of-bob'), 'bob'],
    ['in the query, in percent-encoding', asking([], '/a?api%5Fkey=%6bey-of-alice'), 'alice'],
    ['in the query with a plus for a space', asking([], '/a?api_key=a+b'), 'alice'],
    ['beyond ASCII in the field', asking([latin1('clé')]), 'alice'],
    ['beyond ASCII in the query', asking([], '/?api_key=cl%C3%A9'), 'alice'],
    ['in both: the field wins', asking(['key-of-alice'], '/?api_key=key-of-bob'), 'alice'],
    ['in the query beside an empty field', asking([''], '/?api_key=key-of-bob'), 'bob'],
    ['twice in the query: the first wins', asking([], '/?api_key=key-of-bob&api_key=key-of-alice'), 'bob'],
    ['as long as it may be', asking([LONG]), 'alice'],
  ])('%s is found', (_, exchange, consumer) => {
    expect(new ApiKeys(BOTH, CONSUMERS).identify(exchange)).toMatchObject({ method: 'api_key', consumer, subject: undefined });
  });

  test('that is shown again is the same identity, frozen', () => {
    const keys = new ApiKeys(BOTH, CONSUMERS);
    const identity = keys.identify(asking(['key-of-alice']));
    expect(keys.identify(asking(['clé'].map(latin1)))).toBe(identity);
    expect(Object.isFrozen(identity)).toBe(true);
    expect(identity).toMatchObject({ groups: ['admin'], scopes: [], claims: {} });
  });

  test.each([
    ['of nobody', asking(['guess'])],
    ['of nobody, in the query', asking([], '/?api_key=guess')],
    ['in another case', asking(['Key-of-alice'])],
    ['that is a hash', asking(['sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'])],
    ['beyond the longest, though it is somebody’s', asking([`${LONG}k`])],
    ['that is no UTF-8', asking([], '/?api_key=%ff%fe')],
    ['of nobody in the field beside a good one in the query', asking(['guess'], '/?api_key=key-of-alice')],
  ])('%s is refused', (_, exchange) => {
    expect(new ApiKeys(BOTH, CONSUMERS).identify(exchange)).toMatchObject({ refused: 'invalid_token' });
  });

  test('in two fields contradicts itself', () => {
    const finding = new ApiKeys(BOTH, CONSUMERS).identify(asking(['key-of-alice', 'key-of-alice']));
    expect(finding).toMatchObject({ refused: 'invalid_request' });
  });

  test.each([
    ['nowhere', asking([], '/a?x=1')],
    ['empty', asking([''], '/a?api_key=')],
    ['in the path', asking([], '/api_key=key-of-alice')],
    ['by another name', asking([], '/?API_KEY=key-of-alice&xapi_key=key-of-alice')],
  ])('%s is none', (_, exchange) => {
    expect(new ApiKeys(BOTH, CONSUMERS).identify(exchange)).toBeUndefined();
  });

  test('is looked for only where the configuration says', () => {
    const [field, query] = [asking(['key-of-alice'], '/?api_key=key-of-bob'), asking(['key-of-alice'], '/?api_key=key-of-bob')];
    const inField = new ApiKeys({ header: 'X-API-Key', query: '' }, CONSUMERS);
    const inQuery = new ApiKeys({ header: '', query: 'api_key' }, CONSUMERS);
    expect([inField.identify(field), inQuery.identify(query)]).toMatchObject([{ consumer: 'alice' }, { consumer: 'bob' }]);
    inField.hide(field);
    inQuery.hide(query);
    expect([field.target, field.headers.flat()]).toEqual(['/?api_key=key-of-bob', []]);
    expect([query.target, query.headers.flat()]).toEqual(['/', ['x-api-key', 'key-of-alice']]);
  });

  test('is hidden wherever it stands, and nothing else is', () => {
    const exchange = asking(['one', 'two'], '/a?x=%41&api_key=one&y&api%5fkey=two');
    exchange.headers.append('X-Other', 'three');
    new ApiKeys(BOTH, CONSUMERS).hide(exchange);
    expect([exchange.target, exchange.headers.flat()]).toEqual(['/a?x=%41&y', ['X-Other', 'three']]);
  });
});
