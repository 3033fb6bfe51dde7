import { isIP } from 'node:net';

/** Where to listen or connect. */
export interface Address {
  /** A name or an IP address: lower case, IPv4 as four decimals, IPv6 compressed and without brackets. */
  readonly host: string;
  readonly port: number;
}

/** An address and whether TLS is spoken there. */
export interface Endpoint extends Address {
  /** Undefined when the text says neither: only a URL does. */
  readonly tls: boolean | undefined;
}

const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+):(\d{1,5})$/i;
const URL_OF_HOST = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?\/?$/i;
/** Labels of letters, digits, hyphens and (names in container networks have them) underscores. */
const NAME = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?$/;

/**
 * Reads `host:port`; an IPv6 host stands in brackets.
 * @returns the address, or what is wrong with it
 */
export function parseAddress(text: string): Address | string {
  const parts = HOST_AND_PORT.exec(text);
  if (parts === null) return explain(text);
  return build(parts[1] as string, Number(parts[2]));
}

/**
 * Reads what an upstream's address may be: `host:port`, or an http or https URL of nothing but host and port.
 * @returns the endpoint, or what is wrong with it
 */
export function parseEndpoint(text: string): Endpoint | string {
  const parts = URL_OF_HOST.exec(text);
  const secure = parts?.[1]?.toLowerCase() === 'https';
  if (parts === null && /^https?:\/\//i.test(text)) return 'the URL of an upstream has a host and a port, and nothing else';
  const address = parts === null ? parseAddress(text) : build(parts[2] as string, Number(parts[3] ?? (secure ? 443 : 80)));
  if (typeof address === 'string') return address;
  if (address.port === 0) return 'nobody listens on port 0';
  return { ...address, tls: parts === null ? undefined : secure };
}

/** As it is written in configurations, logs and metrics: the opposite of {@link parseAddress}. */
export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function build(written: string, port: number): Address | string {
  if (port > 65535) return `there is no port ${port}`;
  const url = URL.parse(`http://${written}`);
  const host = unmap(url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '');
  if (isIP(host) === 0 && !NAME.test(host)) return `not a host: ${JSON.stringify(written)}`;
  // The resolver takes 127.1 and 0x7f000001 for 127.0.0.1, and so does the URL parser. Written out, nobody is surprised
  // and two spellings of one address cannot pass for two addresses.
  if (isIP(host) === 4 && host !== written && !written.startsWith('['))
    return `${JSON.stringify(written)} is short for ${host}: write it out`;
  return { host, port };
}

/**
 * An IP address in the one spelling in which it is compared: IPv4 as it stands, IPv6 in lower case and compressed, an
 * IPv4-mapped one as the IPv4 address that it is.
 * @returns undefined for what is no address; one with a zone is none: it means something on its own machine only
 */
export function readIp(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0 || text.includes('%')) return undefined;
  return unmap(new URL(`http://[${text}]`).hostname.slice(1, -1));
}

/** An IPv4 address that is written as an IPv6 one (`::ffff:127.0.0.1`), as the IPv4 address that it is. */
function unmap(host: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return host;
  const [one, two] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, two >> 8, two & 255].join('.');
}

function explain(text: string): string {
  if (text.startsWith('unix:')) return 'unix sockets are not in this version';
  if (/^:\d+$/.test(text)) return `the host is missing; 0.0.0.0${text} is every IPv4 address of this machine`;
  if (/^[a-z0-9._-]+$/i.test(text)) return 'the port is missing';
  if (/^[0-9a-f:.]+$/i.test(text)) return 'an IPv6 host stands in brackets, as in [::1]:8080';
  return `not an address: ${JSON.stringify(text.slice(0, 80))}`;
}

/** Whether a connection to the host ends on this machine, whatever a name server says. */
export function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.')) || /^(?:.+\.)?localhost\.?$/.test(host);
}

/** Whether the host stands for every address of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
