import type { Difference, Divergence } from '../support/engines/difference.ts';
import type { SeenMessage } from '../support/engines/seen.ts';

function values(message: SeenMessage | undefined, name: string): string[] {
  return message?.all.filter((field) => field.startsWith(`${name}: `)).map((field) => field.slice(name.length + 2)) ?? [];
}

/** We refuse the reply for this reason, they take it or find another fault later, and the bytes show the reason to be true. */
function stricter(name: string, why: string, reason: RegExp, shown: (difference: Difference) => boolean): Divergence {
  const recognises = (difference: Difference): boolean =>
    (difference.kind === 'only theirs' || difference.kind === 'refusal' || difference.ours?.whole === false) &&
    reason.test(difference.ourRefusal?.detail ?? '') &&
    shown(difference);
  return { name, why, recognises };
}

/** We take the reply, or would if its end came, they refuse it for this reason. */
function wider(name: string, why: string, reason: RegExp, shown: (difference: Difference) => boolean): Divergence {
  const recognises = (difference: Difference): boolean =>
    (difference.kind === 'only ours' || difference.kind === 'whole' || difference.kind === 'refusal') &&
    reason.test(`${difference.theirRefusal?.code} ${difference.theirRefusal?.detail}`) &&
    shown(difference);
  return { name, why, recognises };
}

const lines: Divergence[] = [
  stricter(
    'other major versions',
    'RFC 9112 §2.3: what does not say HTTP/1 is not HTTP/1',
    /not HTTP\/1\.1|no status line/,
    ({ text }) => /HTTP\/(?:0\.9|2\.0)/.test(text),
  ),
  stricter(
    'statuses of no class',
    'RFC 9110 §15: three digits, the first of them 1 to 5',
    /not a status|no status line/,
    ({ text }) => /HTTP\/1\.\d (?:[06-9]\d\d|\d{1,2}(?!\d)|\d{4,})/.test(text),
  ),
  stricter(
    'control characters in a reason',
    'RFC 9112 §4: they would be line ends for somebody',
    /a status line (?:that does not end in CRLF|with a control character)/,
    ({ text }) => /HTTP\/1\.\d \d{3}[^\r\n]*(?:\r[^\n]|[^\t\r\n -~\x80-\xff])/.test(text),
  ),
  stricter('empty lines before a status line', 'RFC 9112 §2.2 has them before requests only', /no status line/, ({ text }) =>
    /(?:^|\n)[\r\n]/.test(text),
  ),
  wider('higher minor versions', 'RFC 9110 §2.5: they are read as 1.1', /Invalid HTTP version/, ({ text }) =>
    /HTTP\/1\.[2-9]/.test(text),
  ),
];

const framing: Divergence[] = [
  stricter(
    'codings other than chunked',
    'RFC 9112 §6.3: the others fall back to the end of the connection, where a cut looks like an end',
    /a Transfer-Encoding that is not exactly chunked|both Content-Length and Transfer-Encoding/,
    ({ theirs, text }) =>
      values(theirs, 'transfer-encoding').join(',').toLowerCase() !== 'chunked' ||
      /Transfer-Encoding:(?! *chunked\r)/i.test(text),
  ),
  stricter(
    'Transfer-Encoding in HTTP/1.0',
    'RFC 9112 §6.1: its framing is faulty',
    /a Transfer-Encoding in HTTP\/1\.0/,
    ({ text }) => /HTTP\/1\.0/.test(text),
  ),
  stricter(
    'lengths beyond counting',
    'no body has 2^53 bytes; an interim reply that says so is no better',
    /a Content-Length beyond any body/,
    ({ text }) =>
      [...text.matchAll(/Content-Length:[ \t]*(\d+)/gi)].some(([, length]) => Number(length) > Number.MAX_SAFE_INTEGER),
  ),
  stricter(
    'chunk sizes beyond counting',
    'as for lengths, and no more than 16 digits, zeros or not',
    /a chunk size beyond any body/,
    ({ text }) => /[\da-f]{14}/i.test(text),
  ),
  stricter('extensions without a value', 'RFC 9112 §7.1.1', /a chunk extension without a value/, ({ text }) =>
    /=[ \t]*[\r;]/.test(text),
  ),
  wider(
    'space in chunk extensions',
    'RFC 9112 §7.1.1: recipients must bear it around `;` and `=`',
    /chunk (?:size|extensions)/,
    ({ text }) => /[ \t];|;[ \t]|[ \t]=|=[ \t]/.test(text),
  ),
  wider(
    'lengths and codings in trailers',
    'RFC 9110 §6.5.1: they mean nothing there and are dropped',
    /Content-Length can't be present|invalid `Transfer-Encoding`|Transfer-Encoding can't be present/i,
    ({ text }) => /\r\n0+[^\r]*\r\n(?:[^\r\n]+\r\n)*(?:Content-Length|Transfer-Encoding):/i.test(text),
  ),
  {
    name: 'space after a length, for undici',
    why: 'RFC 9110 §5.5: it is no part of the value; undici counts with it',
    recognises: ({ kind, ours, text }) =>
      (kind === 'whole' || kind === 'only ours') && ours !== undefined && /Content-Length:[^\r\n]*[ \t]\r/i.test(text),
  },
  {
    name: 'a broken body that comes with its head',
    why: 'nothing has been said to the client yet, so that it gets a whole 502 and not half a reply',
    recognises: ({ kind, theirs, ourRefusal, theirRefusal }) =>
      kind === 'only theirs' && theirs?.whole === false && ourRefusal !== undefined && theirRefusal !== undefined,
  },
];

const heads: Divergence[] = [
  {
    name: 'fields that could pass for another',
    why: 'CGI and its heirs read `_` as `-`: what the gateway answers for must not come in by that door (docs/decisions.md)',
    recognises: ({ kind, ours, theirs }) => {
      const others = (fields: readonly string[] = []): string => fields.filter((field) => !/^[^:]*_/.test(field)).join();
      return kind === 'fields' && /_/.test(theirs?.fields.join() ?? '') && others(ours?.fields) === others(theirs?.fields);
    },
  },
  {
    name: 'heads that never end',
    why: 'they refuse a head at its first wrong byte, we when it is whole, and these bytes end before',
    recognises: ({ kind, before, ourRefusal, theirRefusal, text }) =>
      kind === 'refusal' &&
      ourRefusal === undefined &&
      before?.whole !== false &&
      !text.endsWith('\r\n\r\n') &&
      /CONTENT_LENGTH|TRANSFER_ENCODING|Content-Length|Transfer-Encoding/.test(`${theirRefusal?.code} ${theirRefusal?.detail}`),
  },
];

const interim: Divergence[] = [
  {
    name: '100 for undici',
    why: 'RFC 9110 §15.2: a client must bear one that it did not ask for; undici hangs up',
    recognises: ({ kind, theirRefusal, text }) =>
      kind !== 'only theirs' && theirRefusal?.detail === 'bad response' && text.includes(' 100'),
  },
  {
    name: 'a 101 nobody asked for',
    why: 'RFC 9110 §15.2.2: it can only answer an Upgrade, and we sent none',
    recognises: ({ kind, theirs, ourRefusal }) =>
      kind === 'only theirs' && theirs?.line === '101' && ourRefusal?.detail === 'a 101 nobody asked for',
  },
  wider(
    'interim replies that end the connection',
    'RFC 9110 §15.2: the final reply is still to come, whatever the interim one says of its version or connection',
    /Data after `Connection: close`/,
    ({ before, text }) => before === undefined || /^1/.test(before.line) || /HTTP\/[\d.]+ 1/.test(text),
  ),
];

/** Where node's client or undici and ours part, and why that is meant. */
export const clientDivergences: readonly Divergence[] = [...lines, ...framing, ...heads, ...interim];
