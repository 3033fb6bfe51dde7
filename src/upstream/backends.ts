import { isDeepStrictEqual } from 'node:util';
import { keyReader } from '../http/exchange-key.ts';
import { Backend, type BackendTools } from './backend.ts';
import type { Balancer } from './balancer.ts';
import type { BalancerFactory } from './balancers/custom.ts';
import { openBalancer } from './balancers/open.ts';
import type { BackendConfig } from './config.ts';
import type { Endpoint } from './endpoint.ts';

/** Custom balancers, by the `algorithm` that names them. */
export type Factories = ReadonlyMap<string, BalancerFactory>;

interface Known {
  readonly backend: Backend;
  readonly config: BackendConfig;
  readonly factory: BalancerFactory | undefined;
}

interface Planned extends Known {
  /** For a backend that is in force already: its next one, or undefined where it keeps the one it has. */
  readonly balancer: Balancer<Endpoint> | undefined;
}

/** The backends that a configuration names, before it is in force. Exactly one of `commit` and `discard` follows. */
export interface BackendPlan {
  /** @throws when no backend has the name: the check of the configuration has made sure that one does */
  get(name: string): Backend;
  /** Those that are in force already change to what the plan says; those that it does not name are closed. */
  commit(): void;
  /** Closes what was made for the plan alone. */
  discard(): void;
}

/** All backends of an instance, by name. They outlive configurations. */
export class Backends {
  private readonly tools: BackendTools;
  private current = new Map<string, Known>();

  constructor(tools: BackendTools) {
    this.tools = tools;
  }

  /**
   * Makes what a configuration adds, and changes nothing yet.
   * @param factories one for each `module:` that a backend names
   * @throws what one of them throws; nothing is left of the plan then
   */
  plan(configs: Readonly<Record<string, BackendConfig>>, factories: Factories): BackendPlan {
    const next = new Map<string, Planned>();
    try {
      for (const [name, config] of Object.entries(configs)) {
        next.set(name, this.planned(name, config, factories.get(config.algorithm)));
      }
    } catch (error) {
      this.discard(next);
      throw error;
    }
    return {
      get: (name) => {
        const found = next.get(name);
        if (found === undefined) throw new Error(`no backend ${name}`);
        return found.backend;
      },
      commit: () => this.commit(next),
      discard: () => this.discard(next),
    };
  }

  /** All that can fail, so that a commit cannot: a user's module may throw whenever it is asked for a balancer. */
  private planned(name: string, config: BackendConfig, factory: BalancerFactory | undefined): Planned {
    const before = this.current.get(name);
    if (before === undefined) {
      const backend = new Backend(name, config, this.tools, this.balancer(name, config, factory));
      return { backend, config, factory, balancer: undefined };
    }
    const balanced = config.algorithm === before.config.algorithm && isDeepStrictEqual(config.hash_on, before.config.hash_on);
    const balancer = balanced && factory === before.factory ? undefined : this.balancer(name, config, factory);
    return { backend: before.backend, config, factory, balancer };
  }

  private discard(next: ReadonlyMap<string, Planned>): void {
    for (const [name, { backend }] of next) if (!this.current.has(name)) backend.close();
  }

  /** Requests in progress finish on the endpoints they have. */
  private commit(next: Map<string, Planned>): void {
    for (const [name, before] of this.current) {
      const after = next.get(name);
      if (after === undefined) before.backend.close();
      else if (after.balancer !== undefined || !isDeepStrictEqual(before.config, after.config)) {
        after.backend.apply(after.config, after.balancer);
      }
    }
    this.current = next;
  }

  private balancer(backend: string, config: BackendConfig, custom: BalancerFactory | undefined): Balancer<Endpoint> {
    const fault = (error: unknown) => this.tools.logger.error({ err: error, backend }, 'a custom balancer is broken');
    return openBalancer(config.algorithm, { random: this.tools.random, key: keyReader(config.hash_on), custom, fault });
  }

  all(): Backend[] {
    return [...this.current.values()].map(({ backend }) => backend);
  }

  close(): void {
    this.commit(new Map());
  }
}
