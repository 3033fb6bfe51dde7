/** An upstream that says when it closes an idle connection is believed, this much earlier, in ms. */
const MARGIN = 1000;

/** The `Keep-Alive` field of a reply, `timeout=5`, as ms with a margin for the time that a request takes to get there. */
export function idleLimitOf(params: string): number {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,6})/i.exec(params)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000 - MARGIN;
}
