import type { Registry } from 'prom-client';
import type { Histogram } from '../lib/cell.ts';
import type { Labels, Metric, Metrics } from './metrics.ts';

interface Sample {
  readonly metricName?: string;
  readonly labels: Record<string, string | number>;
  readonly value: number;
}

/** Samples that are put into words in one go: about a millisecond of work, after which requests have their turn. */
const GO = 500;

/** Writes metrics in the Prometheus text format. */
export interface Exposition {
  readonly contentType: string;
  /** Lets others work in between: a large set of metrics takes longer, but holds up nobody. */
  write(): Promise<string>;
}

/** prom-client puts cells into words at each scrape. Loaded when somebody scrapes first. */
export async function openExposition(metrics: Metrics): Promise<Exposition> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  const registry = new Registry();
  return {
    contentType: registry.contentType,
    async write() {
      const texts = [await ofProcess.metrics()];
      for (const metric of metrics.all()) texts.push(await inWords(registry, metric), '\n\n');
      return texts.join('');
    },
  };
}

/** One metric, some samples at a time. The registry knows one of them at a time, and writes its head each time. */
async function inWords(registry: Registry, metric: Metric): Promise<string> {
  const { name, help, type } = metric;
  const samples = samplesOf(metric);
  let text = '';
  for (let values = next(samples), first = true; first || values.length > 0; values = next(samples), first = false) {
    const source = { name, help, type, get: async () => ({ name, help, type, values, aggregator: 'sum' }) };
    registry.clear();
    registry.registerMetric(source as unknown as Parameters<typeof registry.registerMetric>[0]);
    const part = await registry.getSingleMetricAsString(name);
    text += first ? part : `\n${withoutHead(part)}`;
    if (values.length === GO) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return text;
}

function next(samples: Iterator<Sample>): Sample[] {
  const some: Sample[] = [];
  while (some.length < GO) {
    const { value, done } = samples.next();
    if (done === true) break;
    some.push(value);
  }
  return some;
}

/** Without the lines of HELP and TYPE. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);
}

function* samplesOf(metric: Metric): Generator<Sample, void> {
  for (const [labels, value] of metric.read()) {
    if (typeof value === 'number') yield { labels, value };
    else yield* histogramSamples(metric.name, labels, value);
  }
}

function* histogramSamples(name: string, labels: Labels, { counts, bounds, sum }: Histogram): Generator<Sample, void> {
  let total = 0;
  for (let at = 0; at < counts.length; at++) {
    total += counts[at] as number;
    yield { metricName: `${name}_bucket`, labels: { le: bounds[at] ?? '+Inf', ...labels }, value: total };
  }
  yield { metricName: `${name}_sum`, labels, value: sum };
  yield { metricName: `${name}_count`, labels, value: total };
}
