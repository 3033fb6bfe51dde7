import type { Wheel } from '../lib/wheel.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ReadBuffers } from '../wire/read-buffer.ts';
import { ReplyHeadParser } from '../wire/reply-head.ts';
import { Backends } from './backends.ts';
import type { Circuits } from './circuits/circuits.ts';
import { probe } from './health/probe.ts';
import { UpstreamMetrics } from './metrics.ts';
import { NameCache } from './name-cache.ts';

/** Limits on the head of a reply: an upstream's may be larger than a client's, not endless. */
const REPLY_LIMITS = { headerBytes: 64 * 1024, headerCount: 256 };

export interface OpenBackendsTools {
  readonly wheel: Wheel;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly circuits: Circuits;
  /** Instances of the fleet that are alive, this one among them. */
  readonly members: () => number;
  /** Where the gateway stands. */
  readonly zone: string;
  /** Whether an IP address and port is where no request may go. */
  readonly refused: (host: string, port: number) => boolean;
}

/** The backends of an instance, with none yet, and what belongs to all of them. `close` ends all of it. */
export function openBackends({ metrics, zone, refused, ...tools }: OpenBackendsTools) {
  const { wheel, logger } = tools;
  const { clock } = wheel;
  const names = new NameCache({
    clock,
    onProblem: (host, problem) => logger.warn({ host, problem }, 'the name of an upstream cannot be resolved'),
  });
  const { lookup } = names;
  const upstreamMetrics = new UpstreamMetrics(metrics);
  const backends = new Backends({
    ...tools,
    parser: new ReplyHeadParser(REPLY_LIMITS),
    buffers: new ReadBuffers(),
    names,
    refused,
    zone,
    upstreamMetrics,
    probe: (endpoint, check, signal) => probe(endpoint.target, check, signal, { clock, lookup }),
  });
  const close = (): void => {
    backends.close();
    names.close();
  };
  return { backends, upstreamMetrics, close };
}
