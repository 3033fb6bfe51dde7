import { checkConfig } from '../../src/config/check.ts';
import type { Config } from '../../src/config/document.ts';
import { requestMetrics } from '../../src/layers/observe/metrics.ts';
import { compile, type Snapshot } from '../../src/snapshot/compile.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { Backends } from '../../src/upstream/backends.ts';
import { toolsOf } from './channels.ts';

/** A configuration in the words of users, as a snapshot with all that its routes need. */
export function compiled(document: Record<string, unknown>) {
  const config: Config = checkConfig({ admin: { addr: '127.0.0.1:0' }, ...document });
  const tools = toolsOf();
  const metrics = new Metrics();
  const backends = new Backends(tools);
  backends.apply(config.backends);
  const snapshot: Snapshot = compile(config, { backends, wheel: tools.wheel, requestMetrics: requestMetrics(metrics) });
  /** Labels and values of the counter of requests. */
  const counted = () => {
    const metric = metrics.all().find(({ name }) => name === 'gateway_requests_total');
    return [...(metric?.read() ?? [])].map(([labels, value]) => [Object.values(labels).join(' '), value]);
  };
  return { config, tools, metrics, backends, snapshot, counted };
}
