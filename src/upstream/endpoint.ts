import type { Transport } from './transport.ts';

/** One address of a backend, with its connections. Lives as long as its backend names it, whatever is reloaded. */
export class Endpoint {
  /** "host:port", as configuration, logs and metrics show it. */
  readonly address: string;
  /** `backend/address`, for logs and metrics. */
  readonly label: string;
  readonly transport: Transport;
  /** Attempts in progress. */
  active = 0;

  constructor(backend: string, address: string, transport: Transport) {
    this.address = address;
    this.label = `${backend}/${address}`;
    this.transport = transport;
  }
}
