import { isDeepStrictEqual } from 'node:util';
import type { ChannelTools } from '../wire/channel-ports.ts';
import { Backend } from './backend.ts';
import type { BackendConfig } from './config.ts';

/**
 * All backends of an instance, by name. They outlive configurations: one whose definition is the same keeps its
 * connections, its balancer's position and its counts.
 */
export class Backends {
  private readonly tools: ChannelTools;
  private current = new Map<string, { backend: Backend; config: BackendConfig }>();

  constructor(tools: ChannelTools) {
    this.tools = tools;
  }

  /** Makes the backends those of a configuration. Requests in progress finish on the endpoints they have. */
  apply(configs: Readonly<Record<string, BackendConfig>>): void {
    const next = new Map<string, { backend: Backend; config: BackendConfig }>();
    for (const [name, config] of Object.entries(configs)) {
      const known = this.current.get(name);
      const same = known !== undefined && isDeepStrictEqual(known.config, config);
      next.set(name, same ? known : { backend: new Backend(name, config, this.tools), config });
    }
    for (const [name, { backend }] of this.current) {
      if (next.get(name)?.backend !== backend) backend.close();
    }
    this.current = next;
  }

  /** @throws when no backend has the name: the check of the configuration has made sure that one does */
  get(name: string): Backend {
    const found = this.current.get(name);
    if (found === undefined) throw new Error(`no backend ${name}`);
    return found.backend;
  }

  all(): Backend[] {
    return [...this.current.values()].map(({ backend }) => backend);
  }

  close(): void {
    this.apply({});
  }
}
