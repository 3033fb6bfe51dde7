import { expect, test } from 'vitest';
import { Histogram } from '../../src/lib/cell.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { TlsMetrics } from '../../src/telemetry/tls-metrics.ts';

const read = (metrics: Metrics) =>
  metrics
    .all()
    .flatMap(({ name, read }) =>
      [...read()].map(([labels, value]) => [name, labels, value instanceof Histogram ? 'buckets' : value]),
    );

test('where nobody speaks TLS there are no series', () => {
  const metrics = new Metrics();
  new TlsMetrics(metrics);
  expect(metrics.all()).toHaveLength(4);
  expect(read(metrics)).toEqual([]);
});

test('handshakes are counted by outcome and version, each from zero, and certificates have their ends', () => {
  const metrics = new Metrics();
  const tls = new TlsMetrics(metrics);
  const cells = tls.cells();
  cells.ok['TLSv1.3'].add();
  cells.failed.add(2);
  cells.resumed.add(3);
  tls.expiries = [{ labels: { certificate: 'a.crt', name: 'a.example' }, notAfter: 5 }];
  expect(tls.cells().failed).toBe(cells.failed);
  expect(read(metrics)).toEqual([
    ['gateway_tls_handshakes_total', { outcome: 'ok', version: '1.2' }, 0],
    ['gateway_tls_handshakes_total', { outcome: 'ok', version: '1.3' }, 1],
    ['gateway_tls_handshakes_total', { outcome: 'failed', version: '' }, 2],
    ['gateway_tls_handshakes_total', { outcome: 'timeout', version: '' }, 0],
    ['gateway_tls_handshake_duration_seconds', {}, 'buckets'],
    ['gateway_tls_sessions_resumed_total', {}, 3],
    ['gateway_tls_certificate_not_after_timestamp_seconds', { certificate: 'a.crt', name: 'a.example' }, 5],
  ]);
});
