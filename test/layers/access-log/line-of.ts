import { type ErrorCode, GatewayError } from '../../../src/http/errors.ts';
import type { Handler } from '../../../src/http/layer.ts';
import { Reply } from '../../../src/http/reply.ts';
import { accessLog } from '../../../src/layers/access-log/layer.ts';
import { logSchema } from '../../../src/telemetry/config.ts';
import { type Asking, exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** What is written about one request, 12.5 ms long, that ends with a status. */
export function lineOf(
  access: Record<string, unknown>,
  asking: Asking = {},
  handler: Handler = () => new Reply(200, undefined, 'hello'),
  end: { status?: number; error?: ErrorCode; cause?: unknown } = {},
): string {
  const lines: string[] = [];
  const clock = new ManualClock(1012.5);
  const layer = accessLog(logSchema.parse({ access }).access, { add: (line) => void lines.push(line) }, clock);
  const exchange = exchangeOf({ startedAt: 1000, ...asking });
  exchange.requestId = 'ID';
  try {
    exchange.reply = layer(handler)(exchange) as Reply;
  } catch {
    // What was thrown is answered outside.
  }
  const { status = 200, error, cause } = end;
  exchange.end({ status, error: error === undefined ? undefined : new GatewayError(error, undefined, cause) });
  if (lines.length !== 1) throw new Error(`${lines.length} lines`);
  return lines[0] as string;
}
