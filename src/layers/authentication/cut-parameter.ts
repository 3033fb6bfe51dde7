import { queryValue } from '../../http/query.ts';

/**
 * A target without a parameter of its query, wherever and however often it stands there and however its name is encoded;
 * all else stays as it is, byte for byte. A query of which nothing is left goes with its question mark.
 * @param name as bytes of UTF-8
 */
export function cutParameter(target: string, name: Buffer): string {
  if (queryValue(target, name) === undefined) return target;
  const query = target.indexOf('?');
  // Asked in the same way for each part: what is found and what is cut can never differ.
  const kept = target
    .slice(query + 1)
    .split('&')
    .filter((part) => queryValue(`?${part}`, name) === undefined);
  return kept.length === 0 ? target.slice(0, query) : `${target.slice(0, query + 1)}${kept.join('&')}`;
}
