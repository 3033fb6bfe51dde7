/**
 * Each request of a run carries a token of its own, in its target, its body and its trailers, and the origin gives it
 * back in the same places of its reply: bytes that end up in another exchange give themselves away.
 */
export function pattern(token: string, size: number): string {
  return `${token};`.repeat(Math.ceil(size / (token.length + 1))).slice(0, size);
}

export function tokenOf(target: string): string | undefined {
  return /^\/t\/([a-z0-9]+)/.exec(target)?.[1];
}

/** Whether the text is the beginning of a token's pattern. */
export function belongs(text: string, token: string): boolean {
  return text === pattern(token, text.length);
}
