import type { Headers } from '../../http/headers.ts';
import type { Reply } from '../../http/reply.ts';
import type { CompressionConfig } from './config.ts';

/** `no-transform` in `Cache-Control`, of a reply or a request (RFC 9111 §5.2.1.6, §5.2.2.6). */
const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:$|[\s,;=])/i;

/**
 * Says whether a reply may be compressed as far as the reply goes: it is of a type that is worth it, not coded already, not a
 * part of something, and nobody on the way has forbidden it.
 */
export function eligibility({ types }: Pick<CompressionConfig, 'types'>): (reply: Reply) => boolean {
  const isWorth = typeTest(types);
  return ({ status, headers }) => {
    if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return false;
    if (!isWorth(mediaType(headers)) || headers.has('content-range')) return false;
    const coding = headers.get('content-encoding');
    if (coding !== undefined && coding.toLowerCase() !== 'identity') return false;
    return !forbidsTransform(headers);
  };
}

/** Without parameters, in lower case; empty: none. */
export function mediaType(headers: Headers): string {
  const field = headers.get('content-type') ?? '';
  const semicolon = field.indexOf(';');
  return (semicolon < 0 ? field : field.slice(0, semicolon)).trim().toLowerCase();
}

export function forbidsTransform(headers: Headers): boolean {
  const control = headers.get('cache-control');
  return control !== undefined && NO_TRANSFORM.test(control);
}

function typeTest(types: readonly string[]): (type: string) => boolean {
  const exact = new Set(types.filter((one) => !one.includes('*')));
  const starts = types.filter((one) => one.endsWith('/*')).map((one) => one.slice(0, -1));
  const wild = types.filter((one) => one.includes('/*+')).map((one) => one.split('*') as [string, string]);
  return (type) => {
    if (type === '') return false;
    if (exact.has(type)) return true;
    for (const start of starts) if (type.startsWith(start)) return true;
    for (const [start, end] of wild) if (type.startsWith(start) && type.endsWith(end)) return true;
    return false;
  };
}
