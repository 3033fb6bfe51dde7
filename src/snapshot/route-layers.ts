import type { Config } from '../config/document.ts';
import type { RouteConfig } from '../config/route.ts';
import type { Layer } from '../http/layer.ts';
import { jwtMethod } from '../layers/authentication/jwt/method.ts';
import { authentication } from '../layers/authentication/layer.ts';
import { authenticationMethods, type Methods } from '../layers/authentication/methods.ts';
import { bodyLimit } from '../layers/body-limit/layer.ts';
import { compression } from '../layers/compression/layer.ts';
import { concurrency } from '../layers/concurrency/layer.ts';
import { cors } from '../layers/cors/layer.ts';
import { forwarding } from '../layers/forwarding/layer.ts';
import { identityHeaders } from '../layers/identity-headers/layer.ts';
import { ipAccess } from '../layers/ip-access/layer.ts';
import { rateLimit } from '../layers/rate-limit/layer.ts';
import { type ConsumerLimits, consumerLimits } from '../layers/rate-limit/limit.ts';
import { securityHeaders } from '../layers/security-headers/layer.ts';
import { timeout } from '../layers/timeout/layer.ts';
import { transformReplies, transformRequests } from '../layers/transform/layer.ts';
import { webSocket } from '../layers/web-socket/layer.ts';
import { customLayers, type LayerFactories } from './custom-layers.ts';
import type { LayerParts } from './layer-parts.ts';
import type { Stack } from './stack.ts';

/** The layers that a route has by its policies: all but those that see refused requests too. */
type PolicyLayers = Omit<Stack, 'observe' | 'accessLog'>;

/** Makes the layers of routes, out of one configuration. */
export class RouteLayers {
  private readonly config: Config;
  private readonly parts: LayerParts;
  private readonly factories: LayerFactories;
  private readonly methods: Methods | undefined;
  private readonly consumers: ConsumerLimits;
  private readonly ipv6Prefix: number;

  constructor(config: Config, parts: LayerParts, factories: LayerFactories) {
    const { authentication: defined, ip_key } = config.middleware;
    this.config = config;
    this.parts = parts;
    this.factories = factories;
    this.ipv6Prefix = ip_key.ipv6_prefix;
    this.consumers = consumerLimits(config.consumers, this.ipv6Prefix);
    const { jwtKeys: keys, jwtMetrics: metrics, passwords, wheel } = parts;
    const jwt = defined?.jwt && jwtMethod(defined.jwt, { keys, clock: wheel.clock, metrics });
    this.methods = defined && authenticationMethods(defined, { consumers: config.consumers, passwords, jwt });
  }

  /** @throws Error when a layer of a user's cannot be made */
  of(route: RouteConfig): PolicyLayers {
    const { id } = route;
    const { metrics, wheel, draining } = this.parts;
    const label = this.config.metrics.detailed_metrics ? id : 'all';
    const most = route.body_bytes ?? this.config.server.limits.body_bytes;
    const goesOn = route.backend !== undefined;
    const listed = route.ip_allow.length + route.ip_deny.length > 0;
    return {
      transformReplies: whereGiven(route.transform, transformReplies),
      securityHeaders: whereGiven(route.security_headers, securityHeaders),
      ipAccess: listed ? ipAccess(route, () => metrics.ipAccess.refused.cell({ route: label })) : undefined,
      cors: whereGiven(route.cors, cors),
      authentication: this.authentication(route, label),
      identityHeaders: whereGiven(route.identity_headers, identityHeaders),
      bodyLimit: most > 0 ? bodyLimit(most) : undefined,
      rateLimit: this.rateLimit(route, label),
      concurrency: whereGiven(route.concurrency, (config) =>
        concurrency(
          config,
          id,
          { ...this.counting, concurrency: this.parts.shared.concurrency, metrics: metrics.concurrency },
          label,
        ),
      ),
      upgrade: goesOn
        ? webSocket({ websocket: route.websocket, upgrades: route.upgrades }, label, {
            wheel,
            draining,
            metrics: metrics.webSocket,
          })
        : undefined,
      compression: whereGiven(route.compression, (config) => compression(config, metrics.compression)),
      transform: whereGiven(route.transform, transformRequests),
      timeout: goesOn || route.custom.length > 0 ? timeout(route.timeout, wheel) : undefined,
      custom: route.custom.length > 0 ? customLayers(route, this.factories, this.parts.logger, wheel.clock) : undefined,
      forwarding: goesOn ? forwarding({ preserve_host: route.preserve_host, host: route.transform?.host }) : undefined,
    };
  }

  private get counting(): { readonly ipv6Prefix: number } {
    return { ipv6Prefix: this.ipv6Prefix };
  }

  private authentication({ authentication: config }: RouteConfig, label: string): Layer | undefined {
    if (config === undefined || this.methods === undefined) return undefined;
    return authentication(config, label, this.methods, this.parts.metrics.auth);
  }

  private rateLimit(
    { id, rate_limits: own, shared_limit, authentication: asked }: RouteConfig,
    label: string,
  ): Layer | undefined {
    const shared = shared_limit ? this.config.middleware.rate_limiting : undefined;
    const personal = asked !== undefined && this.consumers.size > 0;
    if (own.length === 0 && shared === undefined && !personal) return undefined;
    const { shared: state, metrics } = this.parts;
    const tools = { ...this.counting, limiter: state.limiter, metrics: metrics.rateLimit };
    return rateLimit({ own, shared, consumers: this.consumers }, id, tools, label);
  }
}

function whereGiven<Given>(config: Given | undefined, make: (config: Given) => Layer): Layer | undefined {
  return config === undefined ? undefined : make(config);
}
