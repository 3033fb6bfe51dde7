import { checkConfig } from '../../src/config/check.ts';
import type { Config } from '../../src/config/document.ts';
import { requestMetrics } from '../../src/layers/observe/metrics.ts';
import { embedded } from '../../src/shared/embedded.ts';
import { compile, type Snapshot } from '../../src/snapshot/compile.ts';
import { openLayerParts } from '../../src/snapshot/layer-parts.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { Backends } from '../../src/upstream/backends.ts';
import { backendTools } from './backends.ts';

/** A configuration in the words of users, as a snapshot with all that its routes need. */
export function compiled(document: Record<string, unknown>) {
  const config: Config = checkConfig({ admin: { addr: '127.0.0.1:0' }, ...document });
  const tools = backendTools();
  const metrics = new Metrics();
  const backends = new Backends(tools);
  const plan = backends.plan(config.backends, new Map());
  plan.commit();
  const { clock, logger, wheel } = tools;
  const shared = embedded(clock);
  const snapshot: Snapshot = compile(config, {
    backends: plan,
    layers: openLayerParts({ wheel, logger, metrics, shared }),
    customLayers: new Map(),
    wheel: tools.wheel,
    tries: tools,
    requestMetrics: requestMetrics(metrics),
  });
  /** Labels and values of the counter of requests. */
  const counted = () => {
    const metric = metrics.all().find(({ name }) => name === 'gateway_requests_total');
    return [...(metric?.read() ?? [])].map(([labels, value]) => [Object.values(labels).join(' '), value]);
  };
  return { config, tools, metrics, backends, snapshot, counted };
}
