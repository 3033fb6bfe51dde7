/**
 * The word someone probably meant. A third of the letters may be wrong, at least one and at most three: more would
 * offer words that have nothing to do with what was written.
 * @returns the nearest of `words`, the first of equals; undefined when none is near
 */
export function suggest(written: string, words: Iterable<string>): string | undefined {
  const asked = written.toLowerCase();
  // Nobody misspells a word of hundreds of letters, and the distance costs their square.
  if (asked.length > 64) return undefined;
  let nearest: string | undefined;
  let limit = Math.min(3, Math.max(1, Math.floor(asked.length / 3))) + 1;
  for (const word of words) {
    if (word === written || Math.abs(word.length - asked.length) >= limit) continue;
    const distance = editDistance(asked, word.toLowerCase());
    if (distance < limit) {
      nearest = word;
      limit = distance;
    }
  }
  return nearest;
}

/** Letters to insert, remove, replace or swap with their neighbour to get from one word to the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] as number;
}
