import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayDocument, type RunningGateway, startGateway } from '../support/gateway.ts';
import { type Asked, RawClient } from '../support/raw-client.ts';
import { type OriginScript, RecordingOrigin, type Session } from '../support/recording-origin.ts';
import { Signals, sleep, within } from '../support/signals.ts';
import type { Case, Send, Topic } from './case.ts';
import { faultsOf, mustBeLeft, wantedReplies } from './verdict.ts';

const DEFAULT_LIMIT_MS = 4000;
/** How long bytes that must not come have to come. */
const SETTLE_MS = 12;
const CLOSE_MS = 1500;
const LEAVE_MS = 2200;

class Lane {
  readonly origin: RecordingOrigin;
  readonly gateway: RunningGateway;

  constructor(origin: RecordingOrigin, gateway: RunningGateway) {
    this.origin = origin;
    this.gateway = gateway;
  }

  static async open(topic: Topic): Promise<Lane> {
    const origin = await RecordingOrigin.start(new Signals());
    const upstream = origin.address;
    if (topic.unreachable === true) await origin.close();
    return new Lane(origin, await startGateway(gatewayDocument(upstream, topic.gateway)));
  }

  async close(): Promise<void> {
    await this.origin.close();
    await this.gateway.close();
  }
}

function originScripts(row: Case): OriginScript[] {
  const all = row.origins ?? (row.origin === undefined ? [] : [row.origin]);
  return all.map((each) => (typeof each === 'string' ? [{ do: 'read body' }, each] : each));
}

/** What each reply answers: as the row says, else as the bytes say. */
function askedBy(row: Case): Asked[] {
  const sent = row.send.map((step) => (typeof step === 'string' ? step : '')).join('');
  const first = /^(?:\r\n)*([^ ]+) [^\r\n]* HTTP\/1\.([01])/.exec(sent);
  return wantedReplies(row.expect).map((want, at) => {
    const [method = 'GET', version = '1.1'] =
      want.to?.split(' ') ?? (at === 0 && first !== null ? [first[1], `1.${first[2]}`] : []);
    return { method, minor: version === '1.0' ? 0 : 1 };
  });
}

function bytes(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
}

async function sendSplit(client: RawClient, whole: Uint8Array): Promise<void> {
  const step = Math.max(1, Math.ceil(whole.length / 1500));
  for (let at = 0; at < whole.length && client.ended === 'open'; at += step) {
    await client.send(whole.subarray(at, at + step));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

class Player {
  private readonly client: RawClient;
  private readonly session: Session;
  private readonly bytewise: boolean;
  private readonly deadline: number;

  constructor(client: RawClient, session: Session, bytewise: boolean, limit: number) {
    this.client = client;
    this.session = session;
    this.bytewise = bytewise;
    this.deadline = performance.now() + limit;
  }

  get left(): number {
    return Math.max(1, this.deadline - performance.now());
  }

  /** @returns what did not happen in time */
  async play(steps: readonly Send[]): Promise<string[]> {
    for (const step of steps) {
      if (!(await within(this.one(step), this.left))) return [`it waited in vain: ${JSON.stringify(step)}`];
    }
    return [];
  }

  private async one(step: Send): Promise<boolean> {
    const { client } = this;
    if (typeof step === 'string' || step instanceof Uint8Array) {
      if (this.bytewise) await sendSplit(client, bytes(step));
      else await client.send(step);
    } else if ('pause' in step) await sleep(step.pause);
    else if ('replies' in step) return client.until(() => client.whole >= step.replies, this.left);
    else if ('heads' in step) return client.until(() => client.replies.length >= step.heads, this.left);
    else if ('interim' in step) {
      const before = client.replies.length;
      return client.until(() => client.openInterim.length >= step.interim || client.replies.length > before, this.left);
    } else if ('body' in step) return client.until(() => (client.replies.at(-1)?.message.size ?? 0) >= step.body, this.left);
    else if ('tunnel' in step) return client.until(() => Buffer.concat(client.tunnel).length >= step.tunnel, this.left);
    else if ('origin' in step) return this.session.changes.until(() => this.session.requests.length >= step.origin, this.left);
    else if ('wait' in step) await this.session.signals.wait(step.wait);
    else if ('signal' in step) this.session.signals.raise(step.signal);
    else if ('drip' in step) await this.drip(step.drip, step.every, step.times);
    else this.act(step.do);
    return true;
  }

  private async drip(piece: string | Uint8Array, every: number, times: number): Promise<void> {
    for (let count = 0; count < times && this.client.ended === 'open'; count += 1) {
      await this.client.send(piece);
      await sleep(every);
    }
  }

  private act(what: 'half-close' | 'close' | 'reset' | 'stop reading' | 'read on'): void {
    if (what === 'half-close') this.client.halfClose();
    else if (what === 'close') this.client.close();
    else if (what === 'reset') this.client.reset();
    else if (what === 'stop reading') this.client.stopReading();
    else this.client.readOn();
  }
}

const PROBE = 'GET /only/one-more HTTP/1.1\r\nHost: a.example\r\n\r\n';

/** A connection that is said to be good for more must prove it. */
async function probe(client: RawClient, unreachable: boolean): Promise<string[]> {
  const before = client.replies.length;
  await client.send(PROBE);
  await client.until(() => client.whole > before || client.ended !== 'open', CLOSE_MS);
  const reply = client.replies[before];
  const right = reply?.message.complete === true && (unreachable ? reply.status === 502 : reply.status === 200);
  return right ? [] : [`the connection serves no other request: ${reply?.status ?? 'no reply'}, ${client.ended}`];
}

function transcript(client: RawClient, session: Session): string {
  const replies = client.replies.map((each) => each.message.raw.toString('latin1').slice(0, 600));
  const seen = session.requests.map((each) => `${each.message.raw.toString('latin1').slice(0, 600)} (${each.left})`);
  return JSON.stringify({ replies, ended: client.ended, seen });
}

async function run(lane: Lane, row: Case, topic: Topic, bytewise: boolean): Promise<string[]> {
  if (row.fresh === true) {
    lane.origin.cutAll();
    await sleep(SETTLE_MS);
  }
  const session = lane.origin.begin(originScripts(row), new Signals());
  const asked = askedBy(row);
  const client = await RawClient.connect(lane.gateway.address, asked);
  const player = new Player(client, session, bytewise, row.limit ?? DEFAULT_LIMIT_MS);
  const { expect: expected } = row;
  const wanted = wantedReplies(expected);
  const faults = await player.play(row.send);
  const answered = (): boolean =>
    client.replies.length >= wanted.length && client.replies.every((each) => each.message.complete || each.status === 101);
  await client.until(() => client.ended !== 'open' || answered(), player.left);
  if (expected.closed === true || expected.closed === 'reset') await client.until(() => client.ended !== 'open', CLOSE_MS);
  await sleep(SETTLE_MS);
  await session.changes.until(
    () => session.requests.every((each) => each.left !== 'open' || !mustBeLeft(expected, each)),
    LEAVE_MS,
  );
  const requests = [...session.requests];
  faults.push(
    ...faultsOf(
      row,
      client,
      session,
      requests,
      asked.map((each) => each.method),
    ),
  );
  if (expected.closed === false && client.ended === 'open') {
    const before = session.violations.length;
    faults.push(...(await probe(client, topic.unreachable === true)), ...session.violations.slice(before));
  }
  if (faults.length > 0) faults.push(transcript(client, session));
  client.close();
  return faults;
}

function define(topic: Topic, lanes: Lane[], bytewise: boolean): void {
  const define = (topic.lanes ?? 1) > 1 ? test.concurrent : test;
  for (const row of topic.cases) {
    define(`${row.name}${bytewise ? ', byte by byte' : ''} (RFC ${row.rfc})`, { timeout: 15_000 }, async () => {
      const lane = lanes.pop() ?? (await Lane.open(topic));
      try {
        const faults = await run(lane, row, topic, bytewise);
        expect(faults.length, faults.join('\n')).toBe(0);
      } finally {
        lanes.push(lane);
      }
    });
  }
}

/** Turns each row of the topic into a test. */
export function runTopic(topic: Topic): void {
  describe(topic.topic, () => {
    const lanes: Lane[] = [];
    beforeAll(async () => {
      lanes.push(await Lane.open(topic));
    });
    afterAll(async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    });
    define(topic, lanes, false);
    if (topic.bytewise === true) define(topic, lanes, true);
  });
}
