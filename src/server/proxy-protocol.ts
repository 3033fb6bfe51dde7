import { isIPv4, isIPv6 } from 'node:net';
import { readIp } from '../lib/address.ts';
import { crc32c } from '../lib/crc32c.ts';

/** Who opened the connection that a balancer passes on. */
export interface ProxySource {
  readonly address: string;
  readonly port: number;
}

/**
 * What the first bytes of a connection are. `length` is that of the header. Without a source the connection is the
 * balancer's own (LOCAL), or it does not know whose (UNKNOWN, UNSPEC) or has no IP address for it (UNIX).
 */
export type ProxyHeader =
  | { readonly kind: 'header'; readonly length: number; readonly source: ProxySource | undefined }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'wrong'; readonly why: string };

/** A longer header has nothing that is for us; the protocol would let it have 65,551 bytes. */
const MAX_V2 = 4096;
const V2_HEAD = 16;
const MAX_V1 = 107;
const V1_START = 'PROXY ';
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const CRC32C = 3;
const CR = 13;
const LF = 10;

const INCOMPLETE: ProxyHeader = { kind: 'incomplete' };
const wrong = (why: string): ProxyHeader => ({ kind: 'wrong', why });

/**
 * Reads a PROXY protocol header, version 1 or 2, as haproxy's proxy-protocol.txt has it, and as strictly as it is
 * written there: what follows decides by whose name a client is known. Says what is wrong as early as the bytes show it.
 * @param bytes all that has come so far; nothing is kept between calls
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return INCOMPLETE;
  return bytes[0] === CR ? readBinary(bytes) : readText(bytes);
}

function readText(bytes: Buffer): ProxyHeader {
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, V1_START.length));
  if (!V1_START.startsWith(start)) return wrong('no PROXY protocol header');
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_V1));
  const end = text.search(/[\r\n]/);
  if (end < 0) return bytes.length < MAX_V1 ? INCOMPLETE : wrong('a version 1 header longer than 107 bytes');
  if (bytes[end] === LF) return wrong('a version 1 header that ends in a bare LF');
  if (end + 2 > MAX_V1) return wrong('a version 1 header longer than 107 bytes');
  if (end + 1 === bytes.length) return INCOMPLETE;
  if (bytes[end + 1] !== LF) return wrong('a bare CR in a version 1 header');
  return readLine(text.slice(V1_START.length, end), end + 2);
}

/** `TCP4 source destination source-port destination-port`; behind UNKNOWN stands whatever the sender likes. */
function readLine(line: string, length: number): ProxyHeader {
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) return { kind: 'header', length, source: undefined };
  const [protocol = '', source = '', destination = '', ...ports] = line.split(' ');
  const isAddress = protocol === 'TCP4' ? isIPv4 : protocol === 'TCP6' ? isIPv6 : undefined;
  if (isAddress === undefined) return wrong('a version 1 header of a protocol that is none of TCP4, TCP6 and UNKNOWN');
  const address = readIp(source);
  if (address === undefined || readIp(destination) === undefined || !isAddress(source) || !isAddress(destination))
    return wrong(`a version 1 header with an address that is not one of ${protocol}`);
  if (ports.length !== 2 || !ports.every(isPort)) return wrong('a version 1 header without two ports from 0 to 65535 at its end');
  return { kind: 'header', length, source: { address, port: Number(ports[0]) } };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65535;
}

/** Version 2: signature, version and command, family, length, addresses, TLVs. */
function readBinary(bytes: Buffer): ProxyHeader {
  const compared = Math.min(bytes.length, SIGNATURE.length);
  if (!bytes.subarray(0, compared).equals(SIGNATURE.subarray(0, compared))) return wrong('no PROXY protocol header');
  const [command, family] = [bytes[12], bytes[13]];
  if (command !== undefined && command >> 4 !== 2) return wrong('a header of a version that is neither 1 nor 2');
  if (command !== undefined && (command & 15) > 1)
    return wrong('a version 2 header with a command that is neither LOCAL nor PROXY');
  const isLocal = command === 0x20;
  // What a LOCAL one says of addresses, and how, is to be ignored.
  const size = isLocal || family === undefined ? 0 : ADDRESSES[family];
  if (size === undefined) return wrong('a version 2 header of a family that is not TCP over IPv4 or IPv6, UNIX or UNSPEC');
  if (bytes.length < V2_HEAD) return INCOMPLETE;
  const length = V2_HEAD + bytes.readUInt16BE(14);
  if (length > MAX_V2) return wrong(`a version 2 header longer than ${MAX_V2} bytes`);
  if (length < V2_HEAD + size) return wrong('a version 2 header shorter than its addresses');
  if (bytes.length < length) return INCOMPLETE;
  if (isLocal || family === UNSPEC) return { kind: 'header', length, source: undefined };
  const problem = tlvProblem(bytes.subarray(0, length), V2_HEAD + size);
  return problem === undefined ? { kind: 'header', length, source: sourceOf(bytes, family as number) } : wrong(problem);
}

const UNSPEC = 0x00;
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX_STREAM = 0x31;
/** Bytes of the addresses, by family and transport. Datagrams do not arrive on a TCP connection. */
const ADDRESSES: Readonly<Record<number, number>> = { [UNSPEC]: 0, [TCP4]: 12, [TCP6]: 36, [UNIX_STREAM]: 216 };

function sourceOf(bytes: Buffer, family: number): ProxySource | undefined {
  if (family === TCP4) return { address: bytes.subarray(16, 20).join('.'), port: bytes.readUInt16BE(24) };
  if (family !== TCP6) return undefined;
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(V2_HEAD + 2 * at).toString(16));
  return { address: readIp(groups.join(':')) as string, port: bytes.readUInt16BE(48) };
}

/** What we do not know is passed over, but must be of the length it says. A checksum must be right. */
function tlvProblem(header: Buffer, start: number): string | undefined {
  let at = start;
  let summed = false;
  while (at < header.length) {
    if (at + 3 > header.length) return 'a version 2 header that ends inside a TLV';
    const value = at + 3;
    const end = value + header.readUInt16BE(at + 1);
    if (end > header.length) return 'a version 2 header with a TLV longer than itself';
    if (header[at] === CRC32C) {
      if (summed || end - value !== 4) return 'a version 2 header with a checksum that is not one of four bytes';
      summed = true;
      const zeroed = Buffer.from(header).fill(0, value, end);
      if (crc32c(zeroed) !== header.readUInt32BE(value)) return 'a version 2 header whose checksum is wrong';
    }
    at = end;
  }
  return undefined;
}
