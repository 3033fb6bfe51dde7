import type { FrameTerms } from './frame-reader.ts';

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** The names in `Sec-WebSocket-Extensions` (RFC 6455 §9.1), without what is said about each. */
export function extensionNames(fields: readonly string[]): string[] {
  const names = fields.join(',').replaceAll(QUOTED, '').split(',');
  return names.map((one) => (one.split(';', 1)[0] as string).trim()).filter((name) => name !== '');
}

/** What was agreed on may change frames. */
export function extensionTerms(agreed: readonly string[]): FrameTerms['extensions'] {
  if (agreed.length === 0) return 'none';
  return agreed.every((name) => name === 'permessage-deflate') ? 'deflate' : 'unknown';
}
