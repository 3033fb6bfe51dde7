/**
 * What the package exports. Everything else may change with any version.
 *
 * `createGateway(checkConfig({...}))` is a gateway in a program of your own; the types and classes of messages are what a
 * layer or a balancer of your own is made of.
 */
// biome-ignore lint/performance/noBarrelFile: this is the door of the package, and nothing inside goes through it
export { checkConfig, checkText } from './config/check.ts';
export { ConfigError, type Problem } from './config/config-error.ts';
export type { Config } from './config/document.ts';
export type { Outcome } from './config/reload.ts';
export type { ConfigSource } from './config/source.ts';
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export { EMPTY, type Sink, type Source, type Tunnel } from './http/body.ts';
export { type ErrorCode, GatewayError } from './http/errors.ts';
export type { Exchange, Outcome as ExchangeOutcome, Peer } from './http/exchange.ts';
export { Headers } from './http/headers.ts';
export type { ClientCertificate, Identity } from './http/identity.ts';
export type { Handler, Layer } from './http/layer.ts';
export { Reply, type ReplyBody } from './http/reply.ts';
export type { LayerTools } from './snapshot/custom-layer-tools.ts';
export type { LayerFactory } from './snapshot/custom-layers.ts';
export type { Log, Logger } from './telemetry/log.ts';
export type { Balancer, Candidate } from './upstream/balancer.ts';
export type { BalancerFactory } from './upstream/balancers/custom.ts';
