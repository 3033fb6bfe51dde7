import type { Exchange } from '../../http/exchange.ts';
import type { Layer } from '../../http/layer.ts';

export interface ForwardingConfig {
  /** The client's Host goes to the upstream; else the upstream's own. */
  readonly preserve_host: boolean;
  /** What the upstream is asked for in its place. */
  readonly host?: string | undefined;
}

/**
 * Says to the upstream who asked and through whom: `Via`, `X-Forwarded-For/-Host/-Proto`, `Forwarded` (RFC 7239) and
 * `X-Request-ID`. What an untrusted client claims of these is dropped; what a trusted proxy says is continued.
 */
export function forwarding({ preserve_host, host }: ForwardingConfig): Layer {
  return (next) => (exchange) => {
    forwardFields(exchange);
    if (host !== undefined) replaceHost(exchange, host);
    else if (!preserve_host) dropHost(exchange);
    return next(exchange);
  };
}

/** Other fields in which proxies say who asked; nobody but a trusted one may. */
const ALSO_CLAIMED = ['x-real-ip', 'x-forwarded-port'];

function forwardFields(exchange: Exchange): void {
  const { headers, peer, authority, scheme, requestId } = exchange;
  // A zone is for this machine only (RFC 4007 §6), and RFC 7239 has no place for it.
  const address = peer.address.replace(/%.*$/, '');
  const node = address.includes(':') ? `"[${address}]"` : address;
  let forwardedFor = address;
  let forwarded = `for=${node};proto=${scheme}`;
  if (authority !== '') forwarded += /^[\w.-]+$/.test(authority) ? `;host=${authority}` : `;host="${authority}"`;
  let host = authority;
  let proto: string = scheme;
  if (peer.trusted) {
    forwardedFor = continued(headers.get('x-forwarded-for'), forwardedFor);
    forwarded = continued(headers.get('forwarded'), forwarded);
    host = headers.get('x-forwarded-host') ?? host;
    proto = headers.get('x-forwarded-proto') ?? proto;
  }
  headers.remove('x-forwarded-for');
  headers.remove('forwarded');
  headers.remove('x-forwarded-host');
  headers.remove('x-forwarded-proto');
  headers.remove('x-request-id');
  if (!peer.trusted) for (const name of ALSO_CLAIMED) headers.remove(name);
  headers.add('X-Forwarded-For', forwardedFor);
  if (host !== '') headers.add('X-Forwarded-Host', host);
  headers.add('X-Forwarded-Proto', proto);
  headers.add('Forwarded', forwarded);
  headers.add('Via', exchange.minor === 1 ? '1.1 sluice' : '1.0 sluice');
  headers.add('X-Request-ID', requestId);
}

function continued(before: string | undefined, mine: string): string {
  return before === undefined || before === '' ? mine : `${before}, ${mine}`;
}

/** The request head then begins with it. */
function replaceHost(exchange: Exchange, host: string): void {
  exchange.headers.remove('host');
  exchange.authority = host;
}

/** The request head then names the endpoint that is picked. */
function dropHost(exchange: Exchange): void {
  exchange.headers.remove('host');
  exchange.authority = '';
}
