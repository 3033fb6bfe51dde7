import type { Exchange } from '../../http/exchange.ts';
import type { Method } from './method.ts';

/** A method whose credential is for the gateway alone. */
export interface Hiding extends Method {
  /**
   * Takes the credential out of a request that goes on, also where another method proved who asks and nobody looked at it.
   * Called once all methods have looked.
   */
  hide(exchange: Exchange): void;
}

export function isHiding(method: Method): method is Hiding {
  return 'hide' in method;
}
