import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Source } from '../../../src/http/body.ts';
import { asGatewayError } from '../../../src/http/errors.ts';
import type { Handler } from '../../../src/http/layer.ts';
import { Reply } from '../../../src/http/reply.ts';
import { ConnectionRig } from '../../support/connections.ts';
import { RecordingSink } from '../../support/recording-sink.ts';
import { Gates } from './gate.ts';

/** A real connection before the layer, and an upstream behind it that answers with the body that it got. */
let rig: ConnectionRig;
let gates: Gates;
let handler: Handler;
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const refusals: string[] = [];

beforeEach(async () => {
  rig = await ConnectionRig.open();
  gates = new Gates();
  refusals.length = 0;
  handler = gates.route(
    { own: [{ name: 'per_user', key: 'form:user', limit: 2, window: '1h' }] },
    'login',
    gates.memory,
    (exchange) => echo(exchange.body),
  );
  rig.onServe = (exchange, connection) => {
    const answer = async () => handler(exchange);
    answer().then(
      (reply) => connection.reply(exchange, reply),
      (thrown) => {
        const { code, status } = asGatewayError(thrown);
        refusals.push(code);
        connection.reply(exchange, new Reply(status));
      },
    );
  };
});
afterEach(() => rig.close());

async function echo(body: Source): Promise<Reply> {
  const sink = new RecordingSink();
  body.pipe(sink);
  await sink.ended();
  return new Reply(200, undefined, `${body.length} ${sink.size} ${sink.text.slice(0, 60)} ${sink.trailers?.get('x-t') ?? '-'}`);
}

const post = (fields: string, body: string) => `POST / HTTP/1.1\r\nHost: a\r\n${FORM}${fields}\r\n${body}`;
const sized = (body: string) => post(`Content-Length: ${body.length}\r\n`, body);

async function texts(client: { text: string; until(holds: () => boolean): Promise<void> }, ends: string): Promise<string> {
  await client.until(() => client.text.includes(ends));
  return client.text;
}

test('A form is counted by its field, and goes on byte for byte', async () => {
  const client = await rig.connect(sized('user=ann&x=%41'), sized('user=ann&x=2'), sized('user=ann&x=3'), sized('user=bob&x=4'));
  const text = await texts(client, 'x=4 -');
  expect(text.match(/HTTP\/1\.1 \d+/g)?.map((line) => line.slice(9))).toEqual(['200', '200', '429', '200']);
  expect(text).toContain('14 14 user=ann&x=%41 -');
});

test('In chunks, with trailers, and in pieces', async () => {
  const client = await rig.connect(post('Transfer-Encoding: chunked\r\n', '5\r\nuser='));
  await rig.exchange();
  client.send('\r\n3\r\nann\r\n0\r\nX-T: yes\r\n\r\n');
  expect(await texts(client, 'yes')).toContain('-1 8 user=ann yes');
  client.send(sized('user=ann'), sized('user=ann'));
  expect(await texts(client, '429')).toMatch(/200.*200.*429/s);
});

test('A client that asks before it sends is told to', async () => {
  const client = await rig.connect(post('Content-Length: 8\r\nExpect: 100-continue\r\n', ''));
  expect(await texts(client, '\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('user=ann');
  expect(await texts(client, 'ann -')).toContain('8 8 user=ann -');
});

test.each([
  [
    'of an unknown length',
    'Transfer-Encoding: chunked\r\n',
    (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    -1,
  ],
  ['of a known length', 'Content-Length: 200000\r\n', (body: string) => body, 200_000],
])('A body %s that is too large is no form, and goes on whole', async (_name, fields, frame, length) => {
  const client = await rig.connect(post(fields, frame(`user=ann&x=${'y'.repeat(199_989)}`)));
  expect(await texts(client, 'user=ann')).toContain(`${length} 200000 user=ann`);
  // It counted by its address.
  expect((await texts(client, 'user=ann')).startsWith('HTTP/1.1 200')).toBe(true);
  client.send(sized('user=ann'), sized('user=ann'));
  expect(await texts(client, 'user=ann -')).not.toContain('429');
});

test('One that is refused while its large body is on its way is answered', async () => {
  const large = post('Transfer-Encoding: chunked\r\n', `186a0\r\n${'y'.repeat(100_000)}\r\n`);
  for (let time = 0; time < 2; time++) {
    const client = await rig.connect(large, '0\r\n\r\n');
    await texts(client, 'yyy');
  }
  const client = await rig.connect(large);
  await texts(client, '429 Too Many Requests');
});

test('A client that leaves in the middle ends its exchange', async () => {
  const client = await rig.connect(post('Content-Length: 100\r\n', 'user=an'));
  await rig.exchange();
  client.socket.destroy();
  expect((await rig.outcome()).error?.code).toBe('client_gone');
  await rig.until(() => refusals.length > 0, 'the layer to give up').catch(() => {});
  expect([refusals, gates.memory.keys, rig.faults]).toEqual([['client_gone'], 0, []]);
});

test('One that stops sending is told that it took too long', async () => {
  const client = await rig.connect(post('Content-Length: 100\r\n', 'user=an'));
  await rig.exchange();
  rig.clock.advance(3000);
  await texts(client, '408');
  expect(refusals).toEqual(['request_timeout']);
});

test('Broken chunks are a bad request', async () => {
  const client = await rig.connect(post('Transfer-Encoding: chunked\r\n', '5\r\nuser=\r\nzz\r\n'));
  await texts(client, '400');
  expect(gates.memory.keys).toBe(0);
});
