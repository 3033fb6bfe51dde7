import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/http/body.ts';
import type { Exchange } from '../../../src/http/exchange.ts';
import type { Handler, Layer } from '../../../src/http/layer.ts';
import { Reply } from '../../../src/http/reply.ts';
import { type TransformConfig, transformSchema } from '../../../src/layers/transform/config.ts';
import { transformReplies, transformRequests } from '../../../src/layers/transform/layer.ts';
import { arrived } from '../../support/arrived.ts';
import { type Asking, exchangeOf } from '../../support/exchanges.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';

const transform =
  (config: TransformConfig): Layer =>
  (next) =>
    transformReplies(config)(transformRequests(config)(next));
const end: Handler = () => new Reply(200, arrived('Server: demo', 'X-A: theirs', 'X-Kept: 1'));

function run(written: object, asking: Asking = {}, next: Handler = end): { exchange: Exchange; reply: Reply } {
  const exchange = exchangeOf({ target: '/api/users?x=1', ...asking });
  exchange.requestId = 'ID';
  const reply = transform(transformSchema.parse(written))(next)(exchange) as Reply;
  exchange.decorate(reply);
  return { exchange, reply };
}

const upstreamSees = (changes: object, ...fields: string[]) =>
  run({ request_headers: changes }, { headers: arrived(...fields) }).exchange.headers.lines();
const clientSees = (changes: object, next?: Handler) => run({ response_headers: changes }, {}, next).reply.headers.lines();

/** A body in chunks, and what comes at its end. */
function trailersAfter(change: (body: ManualSource) => Source, ...fields: string[]): string {
  const source = new ManualSource();
  const sink = new RecordingSink();
  change(source).pipe(sink);
  source.end(arrived(...fields));
  return sink.trailers?.lines() ?? '';
}

describe('Trailers', () => {
  const changes = { set: { 'X-Client': '{client_ip}' }, remove: ['X-Debug'], add: { 'X-More': '1' } };
  const sent = ['X-Client: forged', 'x-debug: 1', 'X-More: 2', 'X-Sum: 7'];

  test('of a request have nothing that is set or removed', () => {
    const upstream = (body: Source) => run({ request_headers: changes }, { body }).exchange.body;
    expect(trailersAfter(upstream, ...sent)).toBe('X-More: 2\r\nX-Sum: 7\r\n');
  });

  test('of a reply have nothing that is set or removed', () => {
    const client = (body: Source) => run({ response_headers: changes }, {}, () => new Reply(200, arrived(), body)).reply.body;
    expect(trailersAfter(client as (body: ManualSource) => Source, ...sent)).toBe('X-More: 2\r\nX-Sum: 7\r\n');
  });

  test('are no matter where a body has a length', () => {
    const body = new ManualSource(7);
    expect(run({ request_headers: changes }, { body }).exchange.body).toBe(body);
    expect(run({ response_headers: changes }, {}, () => new Reply(200, arrived(), body)).reply.body).toBe(body);
  });
});

describe('What the upstream gets', () => {
  test.each<[string, object, string[], string]>([
    ['loses what is removed, in any case', { remove: ['X-A', 'cookie'] }, ['x-a: 1', 'X-a: 2', 'Cookie: c', 'B: 3'], 'B: 3\r\n'],
    ['has what is set in the place of all others', { set: { 'X-A': 'new' } }, ['x-a: 1', 'X-A: 2'], 'X-A: new\r\n'],
    ['has what is set where nothing was', { set: { 'X-A': 'new' } }, [], 'X-A: new\r\n'],
    ['has what is added beside others', { add: { 'X-A': 'new' } }, ['X-A: 1'], 'X-A: 1\r\nX-A: new\r\n'],
    [
      'is changed in one order: remove, set, add',
      { add: { 'X-A': 'added' }, set: { 'X-A': 'set' }, remove: ['X-A'] },
      ['X-A: 1'],
      'X-A: set\r\nX-A: added\r\n',
    ],
    ['has a known field by another value', { set: { Accept: '*/*' } }, ['Accept: text/html'], 'Accept: */*\r\n'],
    ['has a field under a new name', { remove: ['X-Old'], set: { 'X-New': '{header:x-old}' } }, ['X-Old: 1'], 'X-New: 1\r\n'],
    [
      'has two fields whose values have changed places',
      { set: { A: '{header:b}', B: '{header:a}' } },
      ['A: 1', 'B: 2'],
      'A: 2\r\nB: 1\r\n',
    ],
    ['has an empty field that is set so', { set: { 'Accept-Encoding': '' } }, ['Accept-Encoding: br'], 'Accept-Encoding: \r\n'],
    [
      'has texts filled in',
      { set: { 'X-Req': '{request_id}', 'X-Ip': '<{client_ip}>' } },
      [],
      'X-Req: ID\r\nX-Ip: <192.0.2.7>\r\n',
    ],
    ['lacks what cannot be filled in', { add: { 'X-U': '{user}' } }, ['A: 1'], 'A: 1\r\n'],
  ])('%s', (_, changes, fields, lines) => expect(upstreamSees(changes, ...fields)).toBe(lines));

  test('never has what a client says in the place of what cannot be filled in', () => {
    expect(upstreamSees({ set: { 'X-User': '{jwt:sub}' } }, 'X-User: admin')).toBe('');
  });

  test('is asked for the path that is left, with fields that say what it was', () => {
    const { exchange } = run({ strip_prefix: '/api', request_headers: { set: { 'X-Path': '{path}' } } });
    expect([exchange.target, exchange.headers.get('x-path')]).toEqual(['/users?x=1', '/api/users']);
  });

  test('is asked for another path, made of what the request was', () => {
    const headers = arrived('X-V: 2');
    const { exchange } = run({ rewrite: '/v{header:x-v}{path}', request_headers: { remove: ['X-V'] } }, { headers });
    expect([exchange.target, exchange.headers.lines()]).toEqual(['/v2/api/users?x=1', '']);
  });

  test('is asked for nothing where the path cannot be made: the request is refused', () => {
    expect(() => run({ rewrite: '/v/{header:x-none}' })).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

describe('What the client gets', () => {
  test.each<[string, object, string]>([
    ['lacks what is removed', { remove: ['Server', 'x-a'] }, 'X-Kept: 1\r\n'],
    [
      'has what is set',
      { set: { 'X-A': 'ours', 'X-B': '{request_id}' } },
      'Server: demo\r\nX-Kept: 1\r\nX-A: ours\r\nX-B: ID\r\n',
    ],
    ['has what is added', { add: { 'X-A': 'ours' }, remove: ['Server', 'X-Kept'] }, 'X-A: theirs\r\nX-A: ours\r\n'],
    [
      'has cookies beside each other',
      { add: { 'Set-Cookie': 'a=b' }, remove: ['Server', 'X-A', 'X-Kept'] },
      'Set-Cookie: a=b\r\n',
    ],
  ])('%s', (_, changes, lines) => expect(clientSees(changes)).toBe(lines));

  test('says what the request was when it came, whatever became of it behind', () => {
    const changes = { set: { 'X-Path': '{path}', 'X-Was': '{header:x-was} by {user} at {host}' } };
    const { reply } = run(
      { rewrite: '/other', request_headers: { remove: ['X-Was'] }, response_headers: changes },
      { headers: arrived('X-Was: here') },
      (exchange) => {
        expect([exchange.target, exchange.headers.get('x-was')]).toEqual(['/other?x=1', undefined]);
        exchange.authority = '';
        exchange.identity = { method: 'basic', subject: 'alice', consumer: '', groups: [], scopes: [], claims: {} };
        return new Reply(200);
      },
    );
    expect(reply.headers.lines()).toBe('X-Path: /api/users\r\nX-Was: here by alice at example.test\r\n');
  });

  test('is changed where the request was refused on its way too', () => {
    const exchange = exchangeOf();
    const layer = transform(transformSchema.parse({ rewrite: '/{header:x-none}', response_headers: { set: { 'X-A': 'b' } } }));
    expect(() => layer(end)(exchange)).toThrow();
    const reply = new Reply(400);
    exchange.decorate(reply);
    expect(reply.headers.lines()).toBe('X-A: b\r\n');
  });
});

test('a part that changes nothing is no layer', () => {
  const config = transformSchema.parse({ host: 'a.example' });
  expect([transformRequests(config)(end), transformReplies(config)(end), transform(config)(end)]).toEqual([end, end, end]);
});
