import { WireTransport } from '../../src/upstream/wire-transport.ts';
import { toolsOf } from '../support/channels.ts';
import { transportContract } from './transport.contract.ts';

const LIMITS = { maxConnections: 0, maxIdle: 4, idleTimeout: 30_000, queue: 10, queueTimeout: 1000 };

transportContract('wire', (options, authority) => {
  const tools = toolsOf();
  return {
    transport: new WireTransport(authority, options, tools, LIMITS),
    elapse: async (ms) => tools.clock.advance(ms + 200),
  };
});
