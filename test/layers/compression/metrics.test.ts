import { expect, test } from 'vitest';
import { compressionMetrics } from '../../../src/layers/compression/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

test('replies are counted by coding, and bytes on both sides', () => {
  const metrics = new Metrics();
  const { replies, into, out } = compressionMetrics(metrics);
  replies('gzip').value += 1;
  replies('gzip').value += 1;
  replies('zstd').value += 1;
  into.value += 100;
  out.value += 30;
  expect(metrics.all().map(({ name, read }) => [name, ...read()])).toEqual([
    ['gateway_compressed_replies_total', [{ encoding: 'gzip' }, 2], [{ encoding: 'zstd' }, 1]],
    ['gateway_compression_bytes_total', [{ direction: 'in' }, 100], [{ direction: 'out' }, 30]],
  ]);
});
