import { crc32c } from '../../src/lib/crc32c.ts';

/** Bytes of the beginning of a connection, and what they are: a source, none, too few, or the beginning of why not. */
export type HeaderCase = readonly [
  what: string,
  bytes: Buffer,
  is: { address: string; port: number } | 'unknown' | 'incomplete' | RegExp,
];

export const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';

export const text = (line: string): Buffer => Buffer.from(line, 'latin1');

/** A version 2 header. `length` is what it says, by default the truth. */
export function binary(command: number, family: number, rest: Buffer | number[] = [], length = rest.length): Buffer {
  return Buffer.concat([text(SIGNATURE), Buffer.from([command, family, length >> 8, length & 255]), Buffer.from(rest)]);
}

export const IPV4 = [192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x67, 0, 80];
const IPV6 = [0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1, ...Array(15).fill(0), 1, 0x12, 0x67, 0, 80];
const MAPPED = [...Array(10).fill(0), 255, 255, 192, 0, 2, 1, ...Array(15).fill(0), 1, 0x12, 0x67, 0, 80];
const UNIX = Array(216).fill(47);
export const tlv = (type: number, value: number[], length = value.length) => [type, length >> 8, length & 255, ...value];

/** A header whose last TLV is its checksum. */
export function summed(family: number, rest: number[]): Buffer {
  const header = binary(0x21, family, [...rest, ...tlv(3, [0, 0, 0, 0])]);
  const sum = crc32c(header);
  header.writeUInt32BE(sum, header.length - 4);
  return header;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
}

const v4 = { address: '192.0.2.1', port: 4711 };
const v6 = { address: '2001:db8::1', port: 4711 };
const tcp4 = (rest: string) => text(`PROXY TCP4 ${rest}\r\n`);
const tcp6 = (rest: string) => text(`PROXY TCP6 ${rest}\r\n`);
const ADDRESS = /^a version 1 header with an address/;
const PORTS = /^a version 1 header without two ports/;
const PROTOCOL = /^a version 1 header of a protocol/;
const FAMILY = /^a version 2 header of a family/;
const NONE = /^no PROXY protocol header/;
const TOO_LONG = /^a version 1 header longer than 107/;

export const VERSION_1: readonly HeaderCase[] = [
  ['nothing', text(''), 'incomplete'],
  ['one letter', text('P'), 'incomplete'],
  ['the word', text('PROXY'), 'incomplete'],
  ['half a line', text('PROXY TCP4 192.0.2.1 10.0'), 'incomplete'],
  ['a line without its LF', text('PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r'), 'incomplete'],
  ['TCP over IPv4', tcp4('192.0.2.1 10.0.0.1 4711 80'), v4],
  ['TCP over IPv4 with the outermost ports', tcp4('0.0.0.0 255.255.255.255 0 65535'), { address: '0.0.0.0', port: 0 }],
  ['TCP over IPv6', tcp6('2001:db8::1 ::1 4711 80'), v6],
  ['TCP over IPv6 in other letters', tcp6('2001:DB8:0:0::1 ::1 4711 80'), v6],
  ['an IPv4 address that is written as an IPv6 one', tcp6('::ffff:192.0.2.1 ::1 4711 80'), v4],
  ['UNKNOWN', text('PROXY UNKNOWN\r\n'), 'unknown'],
  ['UNKNOWN and addresses', text('PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n'), 'unknown'],
  ['UNKNOWN and whatever', text('PROXY UNKNOWN  \0\xff 999\r\n'), 'unknown'],
  ['the longest line', text(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`), 'unknown'],
  ['one byte more than the longest', text(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`), TOO_LONG],
  ['a line without end', text(`PROXY TCP4 ${'1'.repeat(200)}`), TOO_LONG],
  ['107 bytes without an end', text(`PROXY UNKNOWN ${'x'.repeat(93)}`), TOO_LONG],
  ['numbers that no address and no port has', tcp4('999.0.2.1 10.0.0.1 99999 80'), ADDRESS],
  ['an address of 256', tcp4('192.0.2.256 10.0.0.1 4711 80'), ADDRESS],
  ['an address with a leading zero', tcp4('192.0.2.01 10.0.0.1 4711 80'), ADDRESS],
  ['an address of three numbers', tcp4('192.0.2 10.0.0.1 4711 80'), ADDRESS],
  ['an address in one number', tcp4('3221225985 10.0.0.1 4711 80'), ADDRESS],
  ['an address in hexadecimal', tcp4('0xc0.0.2.1 10.0.0.1 4711 80'), ADDRESS],
  ['a name', tcp4('localhost 10.0.0.1 4711 80'), ADDRESS],
  ['an IPv6 source for TCP4', tcp4('2001:db8::1 10.0.0.1 4711 80'), ADDRESS],
  ['an IPv6 destination for TCP4', tcp4('192.0.2.1 ::1 4711 80'), ADDRESS],
  ['an IPv4 source for TCP6', tcp6('192.0.2.1 ::1 4711 80'), ADDRESS],
  ['an IPv4 destination for TCP6', tcp6('2001:db8::1 10.0.0.1 4711 80'), ADDRESS],
  ['a bad destination', tcp4('192.0.2.1 10.0.0.999 4711 80'), ADDRESS],
  ['an IPv6 address with a zone', tcp6('fe80::1%eth0 ::1 4711 80'), ADDRESS],
  ['an IPv6 address in brackets', tcp6('[2001:db8::1] ::1 4711 80'), ADDRESS],
  ['nine groups', tcp6('1:2:3:4:5:6:7:8:9 ::1 4711 80'), ADDRESS],
  ['a port beyond 65535', tcp4('192.0.2.1 10.0.0.1 65536 80'), PORTS],
  ['a destination port beyond 65535', tcp4('192.0.2.1 10.0.0.1 4711 65536'), PORTS],
  ['a port with a leading zero', tcp4('192.0.2.1 10.0.0.1 04711 80'), PORTS],
  ['a port of two zeros', tcp4('192.0.2.1 10.0.0.1 00 80'), PORTS],
  ['a negative port', tcp4('192.0.2.1 10.0.0.1 -1 80'), PORTS],
  ['a port with a sign', tcp4('192.0.2.1 10.0.0.1 +80 80'), PORTS],
  ['a port in hexadecimal', tcp4('192.0.2.1 10.0.0.1 0x50 80'), PORTS],
  ['an empty port', tcp4('192.0.2.1 10.0.0.1  80'), PORTS],
  ['one port', tcp4('192.0.2.1 10.0.0.1 4711'), PORTS],
  ['three ports', tcp4('192.0.2.1 10.0.0.1 4711 80 81'), PORTS],
  ['a space at the end', tcp4('192.0.2.1 10.0.0.1 4711 80 '), PORTS],
  ['two spaces', tcp4(' 192.0.2.1 10.0.0.1 4711 80'), ADDRESS],
  ['a tab', text('PROXY TCP4\t192.0.2.1 10.0.0.1 4711 80\r\n'), PROTOCOL],
  ['nothing behind the protocol', text('PROXY TCP4\r\n'), ADDRESS],
  ['no protocol', text('PROXY \r\n'), PROTOCOL],
  ['UDP', text('PROXY UDP4 192.0.2.1 10.0.0.1 4711 80\r\n'), PROTOCOL],
  ['a small protocol', text('PROXY tcp4 192.0.2.1 10.0.0.1 4711 80\r\n'), PROTOCOL],
  ['UNKNOWN in a longer word', text('PROXY UNKNOWNS\r\n'), PROTOCOL],
  ['a small word', text('proxy TCP4 192.0.2.1 10.0.0.1 4711 80\r\n'), NONE],
  ['a line that ends in LF', text('PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\n'), /bare LF/],
  ['a CR inside', text('PROXY TCP4 192.0.2.1\r10.0.0.1 4711 80\r\n'), /bare CR/],
  ['a request', text('GET / HTTP/1.1\r\n'), NONE],
  ['a POST, which begins as PROXY does', text('POST / HTTP/1.1\r\n'), NONE],
  ['a request of the method PROXY', text('PROXY / HTTP/1.1\r\n'), PROTOCOL],
  ['a TLS hello', Buffer.from([22, 3, 1, 2, 0]), NONE],
];

export const VERSION_2: readonly HeaderCase[] = [
  ['one byte', text('\r'), 'incomplete'],
  ['the signature', text(SIGNATURE), 'incomplete'],
  ['no length', binary(0x21, 0x11, IPV4).subarray(0, 15), 'incomplete'],
  ['half the addresses', binary(0x21, 0x11, IPV4).subarray(0, 20), 'incomplete'],
  ['all but one byte', binary(0x21, 0x21, IPV6).subarray(0, -1), 'incomplete'],
  ['TCP over IPv4', binary(0x21, 0x11, IPV4), v4],
  ['TCP over IPv6', binary(0x21, 0x21, IPV6), v6],
  ['an IPv4 address in an IPv6 one', binary(0x21, 0x21, MAPPED), v4],
  ['a UNIX socket', binary(0x21, 0x31, UNIX), 'unknown'],
  ['an unspecified family', binary(0x21, 0x00), 'unknown'],
  ['an unspecified family with something', binary(0x21, 0x00, [1, 2, 3]), 'unknown'],
  ['LOCAL', binary(0x20, 0x00), 'unknown'],
  ['LOCAL with addresses', binary(0x20, 0x11, IPV4), 'unknown'],
  ['LOCAL of a family nobody knows', binary(0x20, 0xff, [1]), 'unknown'],
  ['TLVs', binary(0x21, 0x11, [...IPV4, ...tlv(4, []), ...tlv(2, [97]), ...tlv(0xea, [1, 2, 3])]), v4],
  ['a checksum', summed(0x11, IPV4), v4],
  ['a checksum behind another TLV', summed(0x21, [...IPV6, ...tlv(5, [1, 2])]), v6],
  ['the longest header', binary(0x21, 0x11, [...IPV4, ...tlv(4, Array(4065).fill(0))]), v4],
  ['one byte more than the longest', binary(0x21, 0x11, [...IPV4, ...tlv(4, Array(4066).fill(0))]), /longer than 4096/],
  ['the longest length there is', binary(0x21, 0x11, IPV4, 65535), /longer than 4096/],
  ['a LOCAL header that is too long', binary(0x20, 0x00, [], 4081), /longer than 4096/],
  ['version 1 in binary', binary(0x11, 0x11, IPV4), /^a header of a version/],
  ['version 3', binary(0x31, 0x11, IPV4), /^a header of a version/],
  ['a command that nobody knows', binary(0x22, 0x11, IPV4), /neither LOCAL nor PROXY/],
  ['UDP over IPv4', binary(0x21, 0x12, IPV4), FAMILY],
  ['UDP over IPv6', binary(0x21, 0x22, IPV6), FAMILY],
  ['UNIX datagrams', binary(0x21, 0x32, UNIX), FAMILY],
  ['IPv4 over nothing', binary(0x21, 0x10, IPV4), FAMILY],
  ['a transport of no family', binary(0x21, 0x01, []), FAMILY],
  ['a family that nobody knows', binary(0x21, 0x41, IPV4), FAMILY],
  ['no addresses', binary(0x21, 0x11, []), /shorter than its addresses/],
  ['a length that ends in the addresses', binary(0x21, 0x11, IPV4, 11), /shorter than its addresses/],
  ['IPv4 addresses for IPv6', binary(0x21, 0x21, IPV4), /shorter than its addresses/],
  ['a short UNIX address', binary(0x21, 0x31, UNIX.slice(1)), /shorter than its addresses/],
  ['one byte of a TLV', binary(0x21, 0x11, [...IPV4, 4]), /ends inside a TLV/],
  ['two bytes of a TLV', binary(0x21, 0x11, [...IPV4, 4, 0]), /ends inside a TLV/],
  ['a TLV longer than the header', binary(0x21, 0x11, [...IPV4, ...tlv(4, [1], 2)]), /TLV longer than itself/],
  ['a TLV that eats into the request', binary(0x21, 0x11, [...IPV4, ...tlv(4, [71, 69, 84], 3)], 15), /TLV longer than itself/],
  ['a checksum of three bytes', binary(0x21, 0x11, [...IPV4, ...tlv(3, [1, 2, 3])]), /not one of four bytes/],
  ['a checksum that is wrong', binary(0x21, 0x11, [...IPV4, ...tlv(3, [1, 2, 3, 4])]), /checksum is wrong/],
  ['an address that is not the one summed up', flipped(summed(0x11, IPV4), 19), /checksum is wrong/],
  ['a port that is not the one summed up', flipped(summed(0x11, IPV4), 25), /checksum is wrong/],
  ['two checksums', summed(0x11, [...IPV4, ...tlv(3, [0, 0, 0, 0])]), /checksum/],
  ['a broken signature', text('\r\n\r\n\0\r\nQUIT\r'), NONE],
  ['empty lines before a request', text('\r\n\r\nGET / HTTP/1.1'), NONE],
];
