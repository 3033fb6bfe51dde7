import { METHODS } from 'node:http';
import type { Difference, Divergence } from '../support/engines/difference.ts';
import type { SeenMessage } from '../support/engines/seen.ts';

const PATH_AND_QUERY = /^\/[\w\-.~!$&'()*+,;=:@/%[\]]*(?:\?[\w\-.~!$&'()*+,;=:@/%[\]?{}|^`\\]*)?$/;
const HOST = /^(?:[\w.\-~]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;
const UPGRADE = /(?:^|[\s,])upgrade(?:$|[\s,])/i;

function target(message: SeenMessage | undefined): string {
  return message?.line.split(' ').slice(1, -1).join(' ') ?? '';
}

function values(message: SeenMessage | undefined, name: string): string[] {
  return message?.all.filter((field) => field.startsWith(`${name}: `)).map((field) => field.slice(name.length + 2)) ?? [];
}

/** We refuse the head for this reason, node takes it, and what node read of it shows the reason to be true. */
function stricter(name: string, why: string, reason: RegExp, shown: (theirs: SeenMessage, text: string) => boolean): Divergence {
  const recognises = ({ kind, ourRefusal, theirs, text }: Difference): boolean =>
    kind === 'only theirs' &&
    reason.test(`${ourRefusal?.code} ${ourRefusal?.detail}`) &&
    theirs !== undefined &&
    shown(theirs, text);
  return { name, why, recognises };
}

/** We take it, or would if its end came, node refuses it, and node's reason is this. */
function wider(name: string, why: string, reason: RegExp, shown: (difference: Difference) => boolean): Divergence {
  const recognises = (difference: Difference): boolean =>
    (difference.kind === 'only ours' || difference.kind === 'whole' || difference.kind === 'refusal') &&
    reason.test(`${difference.theirRefusal?.code} ${difference.theirRefusal?.detail}`) &&
    shown(difference);
  return { name, why, recognises };
}

const hosts: Divergence[] = [
  stricter('several Hosts', 'RFC 9112 §3.2: 400', /more than one Host/, (theirs) => values(theirs, 'host').length > 1),
  stricter(
    'no Host',
    'RFC 9112 §3.2: 400; node is told to look away here, since its own 400 tells nobody',
    /no Host/,
    (theirs) => values(theirs, 'host').length === 0 && theirs.line.endsWith(' 1.1'),
  ),
  stricter(
    'a Host that is none',
    'RFC 9110 §7.2, and docs/decisions.md: what proxies disagree about routes nowhere',
    /a Host that is not a host and port/,
    (theirs) => values(theirs, 'host').some((host) => !HOST.test(host) || host.startsWith('[') || /:\d{5}$/.test(host)),
  ),
  stricter(
    'two different hosts',
    'RFC 9112 §3.2.2: the target wins, but whoever sends both wants two hops to disagree',
    /a Host that disagrees with the target/,
    (theirs, text) => /https?:\/\//i.test(text) && values(theirs, 'host').length === 1,
  ),
];

const targets: Divergence[] = [
  stricter(
    'characters in a target',
    'RFC 3986 §3.3: what must be percent-encoded is 400, and so is a broken triplet and %00',
    /a character in the target/,
    (theirs) => !PATH_AND_QUERY.test(target(theirs)) || /%(?![\da-f]{2})|%00/i.test(target(theirs)),
  ),
  stricter(
    'targets of no form',
    'RFC 9112 §3.2: origin, absolute http(s), or * with OPTIONS',
    /neither a path nor an http URL|the target "\*" is for OPTIONS/,
    (theirs) => !target(theirs).startsWith('/'),
  ),
  stricter(
    'absolute targets without a valid host',
    'RFC 9110 §4.2.1, §4.2.4: no empty host, no user, no port beyond 65535',
    /an absolute target without a valid host/,
    (_theirs, text) =>
      /https?:\/\/(?:[/?\s]|[^/?\s]*[^\w.\-~:[\]/?\s]|[^/?\s]*:[^/?\s]*[^\d/?\s]|[^/?\s]*:\d{5}|\[|:)/i.test(text),
  ),
  stricter('https in the clear', 'RFC 9110 §7.4: 421', /misdirected_request/, (_theirs, text) => /https:\/\//i.test(text)),
];

const framing: Divergence[] = [
  stricter(
    'codings other than chunked',
    'RFC 9112 §6.1: 501 for what we cannot undo; exactly `chunked` is the only list that no two parsers read differently',
    /a Transfer-Encoding that is not exactly chunked/,
    (theirs) => values(theirs, 'transfer-encoding').join(',').toLowerCase() !== 'chunked',
  ),
  stricter(
    'Transfer-Encoding in HTTP/1.0',
    'RFC 9112 §6.1: its framing is faulty',
    /a Transfer-Encoding in HTTP\/1\.0/,
    (theirs) => theirs.line.endsWith(' 1.0') && values(theirs, 'transfer-encoding').length > 0,
  ),
  stricter(
    'lengths beyond counting',
    'no body has 2^53 bytes; node counts to 2^64',
    /a Content-Length beyond any body/,
    (theirs) => Number(values(theirs, 'content-length')[0]) > Number.MAX_SAFE_INTEGER,
  ),
  {
    name: 'chunk sizes beyond counting',
    why: 'as for lengths, and no more than 16 digits, zeros or not',
    recognises: ({ kind, ourRefusal, text }) =>
      (kind === 'refusal' || kind === 'whole' || kind === 'only theirs') &&
      ourRefusal?.detail === 'a chunk size beyond any body' &&
      /[\da-f]{14}/i.test(text),
  },
  {
    name: 'extensions without a value',
    why: 'RFC 9112 §7.1.1: a token or a quoted string follows the equals sign',
    recognises: ({ kind, ourRefusal, text }) =>
      (kind === 'whole' || kind === 'refusal' || kind === 'only theirs') &&
      ourRefusal?.detail === 'a chunk extension without a value' &&
      /=[ \t]*[\r;]/.test(text),
  },
  wider(
    'space in chunk extensions',
    'RFC 9112 §7.1.1: recipients must bear it around `;` and `=`',
    /INVALID_CHUNK_SIZE|HPE_STRICT.*chunk extension/,
    ({ text }) => /[ \t];|;[ \t]|[ \t]=|=[ \t]/.test(text),
  ),
  wider(
    'lengths and codings in trailers',
    'RFC 9110 §6.5.1: they mean nothing there and are dropped; node refuses them',
    /Content-Length can't be present|invalid `Transfer-Encoding`|Transfer-Encoding can't be present/i,
    ({ text }) => /\r\n0+[^\r]*\r\n(?:[^\r\n]+\r\n)*(?:Content-Length|Transfer-Encoding):/i.test(text),
  ),
];

const lines: Divergence[] = [
  stricter(
    'spaces in a request line',
    'RFC 9112 §3: exactly one between its parts; what is lenient here reads another line than its neighbour',
    /is not method, target and version|the version is not HTTP/,
    (_theirs, text) => /^\S+ +\S* +HTTP\/|\n\S+ +\S* +HTTP\//.test(text) && text.includes('  '),
  ),
  stricter(
    'other major versions',
    'RFC 9110 §15.6.6: 505; and a line without a version is none, where node takes it for HTTP/0.9',
    /version_not_supported|is not method, target and version/,
    (theirs) => / (?:0\.9|2\.0)$/.test(theirs.line),
  ),
  {
    name: 'empty lines before a request',
    why: 'RFC 9112 §2.2 speaks of CRLF, and of a robust server; four are enough, and a bare CR or LF is none',
    recognises: ({ kind, ourRefusal, before, text }) =>
      (kind === 'only theirs' || kind === 'refusal') &&
      ourRefusal?.detail === 'the request line does not start with a method and a space' &&
      // The CR may be the last byte of a body.
      (before?.body.endsWith('\r') === true || /(?:^|[^\r])\n|\r(?:[^\n]|$)|(?:\r\n){5}/.test(text)),
  },
  wider(
    'methods that node does not know',
    'RFC 9110 §9.1: a method is any token; whether it is allowed is the route’s and the upstream’s to say',
    /HPE_INVALID_METHOD|Expected HTTP\/2 Connection Preface|Expected (?:SOURCE|HTTP\/, RTSP)/,
    ({ ours }) => !METHODS.includes(ours?.line.split(' ')[0] ?? '') || /^SOURCE /.test(ours?.line ?? ''),
  ),
  wider(
    'higher minor versions',
    'RFC 9110 §2.5: they are answered as 1.1',
    /HPE_INVALID_VERSION Invalid HTTP version/,
    ({ text }) => /HTTP\/1\.[2-9]/.test(text),
  ),
];

const connections: Divergence[] = [
  {
    name: 'fields that could pass for another',
    why: 'CGI and its heirs read `_` as `-`: what the gateway answers for must not come in by that door (docs/decisions.md)',
    recognises: ({ kind, ours, theirs }) => {
      const others = (fields: readonly string[] = []): string => fields.filter((field) => !/^[^:]*_/.test(field)).join();
      return kind === 'fields' && /_/.test(theirs?.fields.join() ?? '') && others(ours?.fields) === others(theirs?.fields);
    },
  },
  stricter(
    'several expectations',
    'RFC 9110 §10.1.1: 417 unless it is exactly 100-continue; node finds that word anywhere',
    /expectation_failed/,
    (theirs) => values(theirs, 'expect').join(', ').toLowerCase() !== '100-continue',
  ),
  {
    name: 'what follows an offer to upgrade',
    why: 'RFC 9110 §7.8: a server may ignore Upgrade; node then loses the rest of what came in one piece with it',
    recognises: ({ before, theirs }) =>
      [before, theirs].some(
        (one) => values(one, 'connection').some((list) => UPGRADE.test(list)) && values(one, 'upgrade').length > 0,
      ),
  },
  {
    name: 'close beside keep-alive in HTTP/1.0',
    why: 'RFC 9112 §9.3: close decides, whatever else is listed; node believes the one that comes last',
    recognises: ({ before }) =>
      before?.line.endsWith(' 1.0') === true &&
      /close/i.test(values(before, 'connection').join()) &&
      /keep-alive/i.test(values(before, 'connection').join()),
  },
  {
    name: 'Proxy-Connection',
    why: 'RFC 9112 §C.2.2: it is not for us; node takes it for Connection',
    recognises: ({ before }) => values(before, 'proxy-connection').length > 0,
  },
  {
    name: 'heads that never end',
    why: 'one refuses a head at its first wrong byte, the other refuses or takes it when it is whole, and these bytes end before',
    recognises: ({ kind, before, theirRefusal, text }) =>
      kind === 'refusal' &&
      before?.whole !== false &&
      // node waits for more than a head behind the method of HTTP/2's preface.
      (!text.endsWith('\r\n\r\n') || text.includes('PRI ')) &&
      (theirRefusal === undefined || !/CHUNK|STRICT/.test(theirRefusal.code)),
  },
];

/** Where node's server and ours part, and why that is meant. */
export const serverDivergences: readonly Divergence[] = [...hosts, ...targets, ...framing, ...lines, ...connections];
