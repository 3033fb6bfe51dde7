import type { Exchange } from '../http/exchange.ts';
import type { Endpoint } from './endpoint.ts';

/** Picks the endpoint for an attempt. Synchronous and cheap: it runs once per attempt. */
export interface Balancer {
  /** @returns undefined when there is none to pick from */
  pick(exchange: Exchange): Endpoint | undefined;
}
