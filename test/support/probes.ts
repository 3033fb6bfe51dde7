import type { TlsOptions } from 'node:tls';
import type { HealthCheckConfig } from '../../src/upstream/health/config.ts';
import { type ProbeTarget, type ProbeTools, probe } from '../../src/upstream/health/probe.ts';
import { CERTIFICATE } from '../config/certificate.ts';
import { checkOf } from './health-checks.ts';
import { ManualClock } from './manual-clock.ts';
import type { RawPeer } from './raw-peer.ts';
import { RawServer } from './raw-server.ts';

export const TRUSTING = { ca: CERTIFICATE, servername: 'users.internal', ALPNProtocols: ['http/1.1'] };

/** Probes a server whose bytes are the test's. */
export class ProbeRig {
  readonly server: RawServer;
  readonly clock = new ManualClock();
  readonly giveUp = new AbortController();
  target: ProbeTarget;

  private constructor(server: RawServer, secure: boolean) {
    this.server = server;
    this.target = { host: '127.0.0.1', port: server.port, secure, tls: TRUSTING };
  }

  static async open(tls?: TlsOptions): Promise<ProbeRig> {
    return new ProbeRig(await RawServer.open(tls), tls !== undefined);
  }

  probe(check: Partial<HealthCheckConfig> = {}, tools: Partial<ProbeTools> = {}): Promise<string | undefined> {
    return probe(this.target, checkOf(check), this.giveUp.signal, { clock: this.clock, ...tools });
  }

  /** The next probe, as soon as its question is complete. */
  async asked(): Promise<RawPeer> {
    const peer = await this.server.next();
    await peer.until('\r\n\r\n');
    return peer;
  }

  /** What a probe says of these bytes, and how the server sees it leave. @param ends the server closes after them */
  async answered(text: string, check: Partial<HealthCheckConfig> = {}, ends = false): Promise<string | undefined> {
    const found = this.probe({ path: '/health', ...check });
    const peer = await this.asked();
    peer.send(text);
    if (ends) peer.socket.end();
    const problem = await found;
    await peer.gone();
    return problem;
  }

  async close(): Promise<void> {
    this.giveUp.abort();
    await this.server.close();
  }
}
