import type { Counter } from '../../lib/cell.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Coding } from './config.ts';

export type CompressionMetrics = ReturnType<typeof compressionMetrics>;

export function compressionMetrics(metrics: Metrics) {
  const replies = metrics.counter('gateway_compressed_replies_total', 'Replies that were compressed, by coding.');
  const bytes = metrics.counter('gateway_compression_bytes_total', 'Bytes of bodies before (in) and after (out) compression.');
  const cells = new Map<Coding, Counter>();
  return {
    into: bytes.cell({ direction: 'in' }),
    out: bytes.cell({ direction: 'out' }),
    /** The cell of a coding, made when it is first needed. */
    replies(coding: Coding): Counter {
      let cell = cells.get(coding);
      if (cell === undefined) {
        cell = replies.cell({ encoding: coding });
        cells.set(coding, cell);
      }
      return cell;
    },
  };
}
