import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { Headers } from '../../../src/http/headers.ts';
import { isTunnel, Reply } from '../../../src/http/reply.ts';
import { upgradesSchema, webSocketSchema } from '../../../src/layers/web-socket/config.ts';
import { webSocket } from '../../../src/layers/web-socket/layer.ts';
import { webSocketMetrics } from '../../../src/layers/web-socket/metrics.ts';
import { Notice } from '../../../src/lib/notice.ts';
import { Wheel } from '../../../src/lib/wheel.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';
import { closing, framesIn, masked, plain } from '../../support/web-socket-frames.ts';
import { bytesOf } from './session-rig.ts';

interface Written {
  readonly websocket?: Record<string, unknown>;
  readonly upgrades?: string[];
}

const REQUEST: [string, string][] = [
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];
const ACCEPT: [string, string] = ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='];

function setUp({ websocket, upgrades = [] }: Written = { websocket: {} }) {
  const clock = new ManualClock();
  const metrics = new Metrics();
  const tools = { wheel: new Wheel(clock), draining: new Notice(clock), metrics: webSocketMetrics(metrics) };
  const config = {
    websocket: websocket === undefined ? undefined : webSocketSchema.parse(websocket),
    upgrades: upgradesSchema.parse(upgrades),
  };
  const fromUpstream = new ManualSource();
  const toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined });
  const switching = () => new Reply(101, Headers.from([['Upgrade', 'websocket'], ACCEPT]), { fromUpstream, toUpstream });
  const layer = webSocket(config, 'chat', tools);
  const series = (name: string) => [
    ...(metrics
      .all()
      .find((one) => one.name === name)
      ?.read() ?? []),
  ];
  const outcomes = () => series('gateway_websocket_upgrades_total').map(([labels, count]) => [labels['outcome'], count]);
  return { clock, tools, fromUpstream, toUpstream, switching, layer, series, outcomes };
}

const asking = (upgrade?: string, fields = REQUEST) =>
  exchangeOf({ headers: Headers.from(fields), ...(upgrade === undefined ? {} : { upgrade }) });

describe('What a client wants to change to', () => {
  test('is nothing, mostly, and then nothing is done', () => {
    const reply = new Reply(200);
    expect(setUp().layer(() => reply)(asking())).toBe(reply);
  });

  test.each<[string, Written, string]>([
    ['websocket', { websocket: {} }, 'websocket'],
    ['chat/2, websocket', { websocket: {}, upgrades: ['chat/2'] }, 'websocket'],
    ['chat/2, irc', { websocket: {}, upgrades: ['chat/2'] }, 'chat/2'],
    ['chat/2, irc/6.9, other', { upgrades: ['irc', 'chat/2'] }, 'chat/2, irc/6.9'],
    ['irc, websocket', { upgrades: ['irc'] }, 'irc'],
    ['irc, websocket', { websocket: { enabled: false }, upgrades: ['irc'] }, 'irc'],
  ])('%s goes on as far as %j lets it: %3$s', async (upgrade, written, expected) => {
    const exchange = asking(upgrade);
    await setUp(written).layer(() => new Reply(200))(exchange);
    expect(exchange.upgrade).toBe(expected);
  });

  test.each<[string, Written, unknown[]]>([
    ['websocket', {}, [['refused', 1]]],
    ['websocket', { websocket: { enabled: false } }, [['refused', 1]]],
    ['irc', { websocket: {} }, []],
    ['chat', { upgrades: ['chat/2', 'irc'] }, []],
    ['x', {}, []],
  ])('%s is refused by %j', (upgrade, written, counted) => {
    const { layer, outcomes } = setUp(written);
    const handler = layer(() => expect.unreachable('it goes on') as never);
    expect(() => handler(asking(upgrade))).toThrow(new GatewayError('upgrade_refused'));
    expect(outcomes()).toEqual(counted);
  });
});

describe('A handshake', () => {
  test('that is none goes no further', async () => {
    const { layer, outcomes } = setUp();
    const handler = layer(() => expect.unreachable('it goes on') as never);
    await expect(handler(asking('websocket', []))).resolves.toMatchObject({ status: 426 });
    await expect(handler(asking('websocket', REQUEST.slice(0, 1)))).rejects.toMatchObject({ code: 'bad_request' });
    expect(outcomes()).toEqual([['refused', 2]]);
  });

  test('while the gateway shuts down is for another one', async () => {
    const { layer, tools, outcomes } = setUp();
    tools.draining.announce();
    await expect(layer(() => new Reply(200))(asking('websocket'))).rejects.toMatchObject({ code: 'draining' });
    expect(outcomes()).toEqual([['refused', 1]]);
  });

  test('that the upstream declines gets its reply', async () => {
    const { layer, outcomes, series } = setUp();
    const reply = new Reply(404);
    expect(await layer(() => reply)(asking('websocket'))).toBe(reply);
    expect([outcomes(), series('gateway_websocket_connections_active')]).toEqual([[['declined', 1]], [[{ route: 'chat' }, 0]]]);
  });

  test('that gets no answer fails with what was wrong', async () => {
    const { layer, outcomes } = setUp();
    const failing = layer(() => Promise.reject(new GatewayError('upstream_connect')));
    await expect(failing(asking('websocket'))).rejects.toMatchObject({ code: 'upstream_connect' });
    expect(outcomes()).toEqual([['failed', 1]]);
  });

  test('that gets a wrong answer fails, and opens nothing', async () => {
    const { layer, outcomes, fromUpstream, toUpstream } = setUp();
    const reply = new Reply(101, new Headers(), { fromUpstream, toUpstream });
    await expect(layer(() => reply)(asking('websocket'))).rejects.toMatchObject({ code: 'upstream_invalid_reply' });
    expect([outcomes(), fromUpstream.asked]).toEqual([[['failed', 1]], ['cancel']]);
  });
});

describe('A connection', () => {
  async function open(written: Record<string, unknown> = {}) {
    const rig = setUp({ websocket: written });
    const exchange = asking('websocket');
    const reply = await rig.layer(rig.switching)(exchange);
    if (!isTunnel(reply.body)) throw new Error('no tunnel');
    const toClient = new RecordingSink();
    reply.body.fromUpstream.pipe(toClient);
    return { ...rig, exchange, tunnel: reply.body, toClient };
  }

  test('is counted from its 101 to its end', async () => {
    const { clock, exchange, tunnel, series, outcomes } = await open();
    expect([outcomes(), series('gateway_websocket_connections_active')]).toEqual([[['opened', 1]], [[{ route: 'chat' }, 1]]]);
    clock.advance(7000);
    tunnel.toUpstream.chunk(masked({ opcode: 1, payload: 'hi' }, closing(4321)));
    exchange.end({ status: 101, error: undefined });
    expect(series('gateway_websocket_connections_active')).toEqual([[{ route: 'chat' }, 0]]);
    expect(series('gateway_websocket_messages_total')).toEqual([
      [{ route: 'chat', direction: 'to_upstream' }, 1],
      [{ route: 'chat', direction: 'to_client' }, 0],
    ]);
    expect(series('gateway_websocket_closes_total')).toEqual([[{ route: 'chat', by: 'client', code: '4xxx' }, 1]]);
    expect(series('gateway_websocket_connection_duration_seconds')).toMatchObject([[{ route: 'chat' }, { sum: 7 }]]);
  });

  test('is held to the limits of its route', async () => {
    const { clock, toClient, toUpstream, fromUpstream } = await open({ timeout: '5s', idle_timeout: '2s', max_message_size: 10 });
    fromUpstream.sink?.chunk(plain({ opcode: 2, payload: 'x'.repeat(10) }));
    clock.advance(2200);
    expect(framesIn(bytesOf(toClient)).frames).toMatchObject([{ opcode: 2 }, { code: 1008 }]);
    expect(framesIn(bytesOf(toUpstream)).frames).toMatchObject([{ code: 1008, masked: true }]);
  });

  test('that was over before it began is counted as such', async () => {
    const rig = setUp();
    const exchange = asking('websocket');
    exchange.end({ status: 499, error: new GatewayError('client_gone') });
    const reply = await rig.layer(rig.switching)(exchange);
    if (isTunnel(reply.body)) reply.body.fromUpstream.cancel();
    expect(rig.series('gateway_websocket_connections_active')).toEqual([[{ route: 'chat' }, 0]]);
    expect([rig.fromUpstream.cancelled, rig.tools.wheel.size]).toEqual([true, 0]);
  });

  test('that outlives its route is shown until it is over', async () => {
    const { tools, exchange, series } = await open();
    tools.metrics.keep(new Set());
    const shown = ['upgrades_total', 'messages_total', 'connections_active', 'closes_total'].map(
      (name) => series(`gateway_websocket_${name}`).length,
    );
    expect(shown).toEqual([0, 0, 1, 0]);
    exchange.end({ status: 101, error: undefined });
    tools.metrics.keep(new Set());
    expect(series('gateway_websocket_connections_active')).toEqual([]);
  });
});
