import type { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';

/** The exchange that a connection is in, and how far its reply has come. */
export class Turn {
  private exchange: Exchange | undefined;
  /** The head of the final reply is out. */
  replied = false;
  private status = 0;

  begin(exchange: Exchange): Exchange {
    this.exchange = exchange;
    this.replied = false;
    return exchange;
  }

  is(exchange: Exchange): boolean {
    return exchange === this.exchange;
  }

  answered(status: number): void {
    this.replied = true;
    this.status = status;
  }

  cancel(error: GatewayError): void {
    this.exchange?.cancel(error);
  }

  /** Tells the exchange's hooks how it went. 499: the client left before there was a reply. */
  end(error: GatewayError | undefined): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.end({ status: this.replied ? this.status : 499, error: error ?? exchange.failure });
  }
}
