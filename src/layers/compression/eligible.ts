import type { Headers } from '../../http/headers.ts';
import type { Reply } from '../../http/reply.ts';
import type { CompressionConfig } from './config.ts';

/** Statuses whose replies have no content, or a part of one (RFC 9110 §15.3.7). */
const WITHOUT: ReadonlySet<number> = new Set([204, 205, 206, 304]);

/**
 * Says whether a reply may be compressed as far as the reply goes: it is of a type that is worth it, not coded already, not a
 * part of something, and nobody on the way has forbidden it (`no-transform`, RFC 9111 §5.2.2.6).
 */
export function eligibility({ types }: Pick<CompressionConfig, 'types'>): (reply: Reply) => boolean {
  const isWorth = typeTest(types);
  return ({ status, headers }) => {
    if (status < 200 || WITHOUT.has(status) || headers.has('content-range')) return false;
    const coding = headers.get('content-encoding');
    if (coding !== undefined && coding.toLowerCase() !== 'identity') return false;
    return isWorth(mediaType(headers)) && !forbidsTransform(headers);
  };
}

/** Without parameters, in lower case; empty: none. */
export function mediaType(headers: Headers): string {
  const field = headers.get('content-type') ?? '';
  const semicolon = field.indexOf(';');
  return (semicolon < 0 ? field : field.slice(0, semicolon)).trim().toLowerCase();
}

function forbidsTransform(headers: Headers): boolean {
  const control = headers.get('cache-control');
  return control !== undefined && /(?:^|[\s,])no-transform(?:$|[\s,])/i.test(control);
}

function typeTest(types: readonly string[]): (type: string) => boolean {
  const exact = new Set(types.filter((one) => !one.includes('*')));
  const starts = types.filter((one) => one.endsWith('/*')).map((one) => one.slice(0, -1));
  const wild = types.filter((one) => one.includes('/*+')).map((one) => one.split('*') as [string, string]);
  return (type) => {
    if (type === '') return false;
    if (exact.has(type) || starts.some((start) => type.startsWith(start))) return true;
    return wild.some(([start, end]) => type.startsWith(start) && type.endsWith(end));
  };
}
