import type { Histogram } from '../lib/cell.ts';
import type { Labels, Metric, Metrics } from './metrics.ts';

interface Sample {
  readonly metricName?: string;
  readonly labels: Record<string, string | number>;
  readonly value: number;
}

/** Writes metrics in the Prometheus text format. */
export interface Exposition {
  readonly contentType: string;
  write(): Promise<string>;
}

/** Registers every metric with prom-client, which reads the cells at each scrape. Loaded when somebody scrapes first. */
export async function openExposition(metrics: Metrics): Promise<Exposition> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const metric of metrics.all()) {
    // The registry asks each metric for its values and nothing else.
    const source = { name: metric.name, get: async () => describe(metric) };
    registry.registerMetric(source as unknown as Parameters<typeof registry.registerMetric>[0]);
  }
  return { contentType: registry.contentType, write: () => registry.metrics() };
}

function describe(metric: Metric) {
  const values: Sample[] = [];
  for (const [labels, value] of metric.read()) {
    if (typeof value === 'number') values.push({ labels: { ...labels }, value });
    else histogramSamples(metric.name, labels, value, values);
  }
  return { name: metric.name, help: metric.help, type: metric.type, values, aggregator: 'sum' };
}

function histogramSamples(name: string, labels: Labels, histogram: Histogram, into: Sample[]): void {
  let total = 0;
  histogram.counts.forEach((count, at) => {
    total += count;
    const le = histogram.bounds[at] ?? '+Inf';
    into.push({ metricName: `${name}_bucket`, labels: { le, ...labels }, value: total });
  });
  into.push({ metricName: `${name}_sum`, labels: { ...labels }, value: histogram.sum });
  into.push({ metricName: `${name}_count`, labels: { ...labels }, value: total });
}
