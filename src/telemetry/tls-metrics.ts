import type { Counter, Histogram } from '../lib/cell.ts';
import { DURATION_BOUNDS, type Family, type Labels, type Metrics } from './metrics.ts';

/** Until when a certificate is good: seconds since 1970, and which it is. */
export interface Expiry {
  readonly labels: Labels;
  readonly notAfter: number;
}

/** TLS towards clients. One for an instance; series appear with the first listener that speaks it. */
export class TlsMetrics {
  private readonly handshakes: Family<Counter>;
  private readonly durations: Family<Histogram>;
  private readonly resumptions: Family<Counter>;
  /** Of the certificates in use. */
  expiries: readonly Expiry[] = [];

  constructor(metrics: Metrics) {
    this.handshakes = metrics.counter('gateway_tls_handshakes_total', 'TLS handshakes of clients, by outcome and version.');
    this.durations = metrics.histogram(
      'gateway_tls_handshake_duration_seconds',
      'From a whole ClientHello to the end of the handshake, of those that succeeded.',
      DURATION_BOUNDS,
    );
    this.resumptions = metrics.counter(
      'gateway_tls_sessions_resumed_total',
      'TLS handshakes that went on with an earlier session.',
    );
    metrics.gauge(
      'gateway_tls_certificate_not_after_timestamp_seconds',
      'When each certificate for clients expires, in seconds since 1970.',
      () => this.expiries.map(({ labels, notAfter }) => [labels, notAfter] as const),
    );
  }

  /** What a listener counts in. */
  cells() {
    const { handshakes } = this;
    return {
      ok: {
        'TLSv1.2': handshakes.cell({ outcome: 'ok', version: '1.2' }),
        'TLSv1.3': handshakes.cell({ outcome: 'ok', version: '1.3' }),
      },
      failed: handshakes.cell({ outcome: 'failed', version: '' }),
      timeout: handshakes.cell({ outcome: 'timeout', version: '' }),
      duration: this.durations.cell({}),
      resumed: this.resumptions.cell({}),
    };
  }
}

export type TlsCells = ReturnType<TlsMetrics['cells']>;
