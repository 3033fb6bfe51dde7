import { turn } from '../engines/pieces.ts';
import { EchoOrigin } from './echo-origin.ts';
import { ObservedGateway } from './observed-gateway.ts';
import type { Scenario } from './scenario.ts';
import { WildClient } from './wild-client.ts';

/** The gateway's longest patience with anything, in ms of its clock. */
const ALL_TIMEOUTS = 60_000;
const STEP = 200;
/** Where surely nobody listens: a free port could be somebody else's a moment later. */
const NOBODY = '127.0.0.1:1';
/** Turns of the event loop until what needs no time has happened. */
const SETTLED = 200;
/** And until a client has read what it got. */
const LAST_LOOK = 10;

/** Sockets of this process, those of the kernel's that listen too. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}

/** Waits until it holds: for some turns without any time passing, then as long as all timeouts together. */
async function settle(holds: () => boolean, pass: (ms: number) => void): Promise<boolean> {
  for (let turns = 0; turns < SETTLED; turns += 1) {
    if (holds()) return true;
    await turn();
  }
  for (let passed = 0; passed < ALL_TIMEOUTS; passed += STEP) {
    if (holds()) return true;
    pass(STEP);
    await turn();
    await turn();
  }
  return holds();
}

function documentOf({ maxConnections, maxIdle }: Scenario, upstream: string): unknown {
  const timeouts = { header: '1s', body: '1s', keep_alive: '2s', drain: '10s' };
  const endpoint = { address: upstream, connection_timeout: '1s', read_timeout: '2s', max_connections: maxConnections };
  return {
    server: { http_addr: '127.0.0.1:0', timeouts },
    load_balancing: { backends: { origin: { upstreams: [endpoint], pool: { max_idle: maxIdle } } } },
    routes: [{ id: 'all', path: '/t/**', backend: 'origin', timeout: '10s', upgrades: ['echo'] }],
  };
}

class Run {
  private readonly scenario: Scenario;
  private readonly gateway: ObservedGateway;
  private readonly origin: EchoOrigin;
  private readonly clients: WildClient[] = [];
  private readonly pass: (ms: number) => void;
  readonly faults: string[] = [];

  constructor(scenario: Scenario, origin: EchoOrigin, gateway: ObservedGateway) {
    this.scenario = scenario;
    this.origin = origin;
    this.gateway = gateway;
    this.pass = (ms) => gateway.clock.advance(ms);
  }

  async play(address: string): Promise<void> {
    const { clients } = this.scenario;
    await Promise.all(
      clients.map(async (steps, at) => {
        const client = await WildClient.connect(address, steps, `c${at}`);
        this.clients.push(client);
        await client.play(this.pass);
      }),
    );
    await this.end();
    const { gateway, origin } = this;
    this.faults.push(...gateway.faults, ...origin.faults, ...this.clients.flatMap((client) => client.faults));
  }

  private async end(): Promise<void> {
    const { gateway, scenario, pass } = this;
    const { ending } = scenario;
    let draining = ending === 'drain';
    if (draining) {
      void gateway.server.drain().then(() => {
        draining = false;
      });
    }
    if (ending === 'cut') gateway.server.close();
    if (ending === 'reset') for (const client of this.clients) client.reset();
    else {
      // Whoever stops reading for good never learns that it is over.
      for (const client of this.clients) client.readOn();
      for (let turns = 0; turns < LAST_LOOK; turns += 1) await turn();
      if (ending === 'leave') for (const client of this.clients) client.close();
    }
    if (!(await settle(() => gateway.busy === '' && !draining, pass)))
      this.faults.push(`left after the clients: ${gateway.busy}`);
    // Two timeouts for each idle channel, one for their age, one for the queue and one for the pause after a failed
    // connection: they leave when their slots come round.
    const explained = 2 * gateway.upstream.connections + 3;
    if (gateway.wheel.size > explained) this.faults.push(`${gateway.wheel.size} timeouts are left, ${explained} explained`);
    await this.close();
  }

  private async close(): Promise<void> {
    const { gateway, pass } = this;
    gateway.server.close();
    gateway.backends.close();
    if (gateway.upstream.connections !== 0) this.faults.push(`${gateway.upstream.connections} channels outlive their pool`);
    if (gateway.wheel.size !== 0) this.faults.push(`${gateway.wheel.size} timeouts outlive the gateway`);
    pass(STEP);
    if (gateway.clock.pending !== 0) this.faults.push(`${gateway.clock.pending} timers outlive the gateway`);
    if (gateway.begun !== gateway.ended) this.faults.push(`${gateway.begun} exchanges, ${gateway.ended} ends`);
    for (const client of this.clients) client.close();
  }
}

/** Plays a scenario from the first connection to the last closed socket. @returns what went wrong */
export async function faultsOf(scenario: Scenario): Promise<string[]> {
  const before = openSockets();
  const origin = new EchoOrigin(scenario.answers);
  const upstream = scenario.unreachable ? NOBODY : await origin.listen();
  const gateway = new ObservedGateway(documentOf(scenario, upstream));
  const run = new Run(scenario, origin, gateway);
  await run.play(await gateway.listen());
  if (!scenario.unreachable) await origin.close();
  for (let turns = 0; turns < SETTLED && openSockets() > before; turns += 1) await turn();
  const after = openSockets();
  if (after > before) run.faults.push(`${after - before} sockets are left`);
  return run.faults;
}
