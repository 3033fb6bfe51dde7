import { cut, turn } from '../engines/pieces.ts';
import { type Asked, RawClient, type RawReply } from '../raw-client.ts';
import type { Ask, ClientStep } from './scenario.ts';
import { belongs, pattern } from './token.ts';

/** How many turns without a byte a client waits for its replies before it goes on. */
const PATIENCE = 60;

function head(ask: Ask, token: string): string {
  const { method, version, framing, size, fields } = ask;
  const lines = [`${method} /t/${token} HTTP/${version}`, 'Host: a.example', `X-Token: ${token}`];
  // An old client knows no chunks and expects nothing.
  if (framing === 'length' || (framing === 'chunked' && version === '1.0')) lines.push(`Content-Length: ${size}`);
  else if (framing === 'chunked') lines.push('Transfer-Encoding: chunked');
  else if (framing === 'upgrade') lines.push('Connection: upgrade', 'Upgrade: echo');
  return `${[...lines, ...fields].join('\r\n')}\r\n\r\n`;
}

function body(ask: Ask, token: string): string {
  const { version, framing, size, trailers, places } = ask;
  const text = pattern(token, size);
  if (framing === 'length' || (framing === 'chunked' && version === '1.0')) return text;
  if (framing === 'chunked') {
    const chunks = cut(Buffer.from(text), places).map((bytes) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`);
    return `${chunks.join('')}0\r\n${trailers ? `X-Token: ${token}\r\n` : ''}\r\n`;
  }
  return framing === 'upgrade' ? text : '';
}

/** Plays the steps of one client, and checks that what comes back is its own. */
export class WildClient {
  private readonly client: RawClient;
  private readonly steps: readonly ClientStep[];
  private readonly asks: readonly Ask[];
  private readonly name: string;
  private asked = 0;
  private silent = false;

  private constructor(client: RawClient, steps: readonly ClientStep[], asks: readonly Ask[], name: string) {
    this.client = client;
    this.steps = steps;
    this.asks = asks;
    this.name = name;
  }

  static async connect(address: string, steps: readonly ClientStep[], name: string): Promise<WildClient> {
    const all = steps.flatMap((step) => (step.do === 'ask' ? [step.ask] : []));
    const last = all.findIndex(({ share, framing }) => share < 1 || framing === 'upgrade');
    const asks = last < 0 ? all : all.slice(0, last + 1);
    const asked = asks.map<Asked>(({ method, version }) => ({ method, minor: version === '1.0' ? 0 : 1 }));
    return new WildClient(await RawClient.connect(address, asked), steps, asks, name);
  }

  private token(at: number): string {
    return `${this.name}n${at}`;
  }

  /** @param pass lets time pass */
  async play(pass: (ms: number) => void): Promise<void> {
    for (const step of this.steps) {
      if (this.client.ended !== 'open' && step.do !== 'turns') return;
      if (step.do === 'ask') await this.ask(step.ask);
      else if (step.do === 'send') this.send(step.bytes);
      else if (step.do === 'turns') for (let count = 0; count < step.count; count += 1) await turn();
      else if (step.do === 'time') pass(step.ms);
      else await this.act(step.do);
    }
  }

  private async ask(ask: Ask): Promise<void> {
    if (this.silent) return;
    const token = this.token(this.asked);
    this.asked += 1;
    const whole = Buffer.from(head(ask, token) + body(ask, token), 'latin1');
    const sent = whole.subarray(0, Math.ceil(whole.length * ask.share));
    // What comes after half a request would be its other half; after an upgrade it is no HTTP.
    this.silent = ask.share < 1 || ask.framing === 'upgrade';
    for (const piece of cut(sent, ask.places)) {
      void this.client.send(piece);
      await turn();
    }
  }

  /** Bytes that are no request; never where they would be taken for the rest of one. */
  private send(bytes: string): void {
    if (this.silent) return;
    this.silent = true;
    void this.client.send(bytes);
  }

  private async act(what: 'replies' | 'stop reading' | 'read on' | 'half-close' | 'close' | 'reset'): Promise<void> {
    if (what === 'replies') {
      for (let turns = 0, before = 0; turns < PATIENCE && this.expects; turns += 1) {
        if (this.received > before) turns = 0;
        before = this.received;
        await turn();
      }
    } else if (what === 'stop reading') this.client.stopReading();
    else if (what === 'read on') this.client.readOn();
    else {
      this.silent = true;
      if (what === 'half-close') {
        this.client.halfClose();
        // A reset while the FIN is on its way would be refused, and leave the socket open.
        await turn();
      } else if (what === 'close') this.client.close();
      else this.client.reset();
    }
  }

  private get expects(): boolean {
    return this.client.whole < this.asked && this.client.ended === 'open';
  }

  private get received(): number {
    return this.client.replies.reduce((sum, { message }) => sum + 1 + message.size, 0);
  }

  close(): void {
    this.client.close();
  }

  reset(): void {
    this.client.reset();
  }

  readOn(): void {
    this.client.readOn();
  }

  /** What it got that it should not have got. */
  get faults(): string[] {
    const { client } = this;
    const faults = this.misread ? [] : client.violations.map((each) => `to ${this.name}: ${each}`);
    for (const [at, reply] of client.replies.entries()) faults.push(...this.replyFaults(at, reply));
    const tunnelled = Buffer.concat(client.tunnel).toString('latin1');
    if (!belongs(tunnelled, this.token(client.replies.length - 1))) faults.push(`${this.name}: foreign bytes in a tunnel`);
    return faults;
  }

  /** Half a head may be that of a HEAD request; the gateway cannot tell, and its answer has a body. */
  private get misread(): boolean {
    const last = this.client.replies.length - 1;
    return this.client.replies[last]?.status === 408 && this.asks[last]?.method === 'HEAD';
  }

  private replyFaults(at: number, reply: RawReply): string[] {
    const { message, status, interim } = reply;
    const where = `${this.name}, reply ${at + 1} (${status})`;
    const token = this.token(at);
    const faults = message.violations.map((each) => `${where}: ${each}`);
    for (const one of [message, ...interim.map((each) => each.message)]) {
      const echoed = one.get('x-token');
      if (echoed !== undefined && (echoed !== token || at >= this.asked)) faults.push(`${where}: has ${echoed}`);
      if (one.trailers.some(([name, value]) => name.toLowerCase() === 'x-token' && value !== token))
        faults.push(`${where}: foreign trailers`);
    }
    if (message.get('x-token') === undefined) {
      if (status < 400 && this.asks[at]?.method !== 'OPTIONS') faults.push(`${where}: is nobody's`);
      return faults;
    }
    const text = message.body.toString('latin1');
    if (!belongs(text, token)) faults.push(`${where}: a foreign body: ${text.slice(0, 80)}`);
    const size = message.get('x-size');
    if (message.complete && size !== undefined && text.length !== Number(size))
      faults.push(`${where}: ${text.length} bytes look whole, of ${size}`);
    return faults;
  }
}
