import type { Layer } from '../../http/layer.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AccessConfig } from '../../telemetry/config.ts';
import type { LineSink } from '../../telemetry/output.ts';
import { combinedLine } from './combined-line.ts';
import { Entry } from './entry.ts';
import { jsonLine } from './json-line.ts';

/** Writes a line about each exchange when it has ended, whatever became of it. One layer serves all routes. */
export function accessLog(config: AccessConfig, lines: LineSink, clock: Clock): Layer {
  const line = config.format === 'combined' ? combinedLine(config, clock) : jsonLine(config, clock);
  return (next) => (exchange) => {
    const entry = new Entry(exchange, line.requestFields);
    exchange.onEnd((outcome) => lines.add(line.write(entry, outcome)));
    return next(exchange);
  };
}
