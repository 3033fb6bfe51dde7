import { z } from 'zod';
import { address, cidr, duration, integer, size } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';

export const DEFAULT_HTTP_ADDR = '127.0.0.1:8080';

const httpAddr = z
  .union([address(), z.array(address()).min(1)], { error: 'must be host:port, or a list of these' })
  .transform((given) => (Array.isArray(given) ? given : [given]));

const timeouts = z.strictObject({
  header: duration()
    .optional()
    .describe('From the first byte of a request, or the accepted connection, to the end of its head. Default 30s.'),
  body: duration().prefault('60s').describe('Between two reads of a request body.'),
  keep_alive: duration().prefault('75s').describe('How long a client connection may stay idle between two requests.'),
  drain_lead: duration(0).prefault('0s').describe('How long /ready fails before a drain stops accepting.'),
  drain: duration(0).prefault('30s').describe('How long a drain waits for what goes on before it closes.'),
});

// The upper bounds are far above any use: they keep a slip of the unit from promising memory to every connection.
const limits = z.strictObject({
  header_bytes: size(1024, 1024 ** 2)
    .prefault('16KB')
    .describe('The fields of a request head together.'),
  header_count: integer(1, 10_000).prefault(100).describe('Fields in a request head.'),
  uri_bytes: size(64, 1024 ** 2)
    .prefault('8KB')
    .describe('The target of a request.'),
});

export const serverSchema = z
  .strictObject({
    http_addr: httpAddr
      .prefault(DEFAULT_HTTP_ADDR)
      .describe('One address or a list to accept HTTP/1.1 on. Port 0 picks a free one.'),
    connection_timeout: duration().optional().describe("Photon's name for timeouts.header, which wins when both are given."),
    timeouts: timeouts.prefault({}).describe('Of client connections.'),
    limits: limits.prefault({}).describe('Of one request.'),
    max_connections: integer(1).prefault(10_000).describe('Client connections at a time, per process.'),
    trusted_proxies: z.array(cidr()).prefault([]).describe('Whose X-Forwarded-*, Forwarded and X-Request-ID are believed.'),
  })
  .transform(({ connection_timeout, timeouts: { header, ...timeouts }, ...rest }) => ({
    ...rest,
    timeouts: { header: header ?? connection_timeout ?? 30_000, ...timeouts },
  }));

/** What listens to clients. Times are milliseconds, sizes bytes. */
export type ServerConfig = Frozen<z.output<typeof serverSchema>>;
