import { type Finding, finding } from './rule.ts';
import type { Source } from './source.ts';

/** Files that import each other in a ring; imports that vanish with the types do not count. One finding a ring. */
export function rings(sources: Iterable<Source>): Finding[] {
  const files = new Map([...sources].map((source) => [source.path, source]));
  const found: Finding[] = [];
  for (const source of files.values()) {
    const ring = ringThrough(source, files);
    // Each member finds it; the first by name tells it.
    if (ring === undefined || ring.some((path) => path < source.path)) continue;
    const line = loads(source).find(({ target }) => target === ring[1])?.line ?? 1;
    found.push(finding(source, line, `import ring: ${ring.join(' → ')}`));
  }
  return found;
}

function loads(source: Source): { target: string; line: number }[] {
  return source.imports.flatMap(({ specifier, line, erased }) => {
    const target = erased ? undefined : source.resolve(specifier);
    return target === undefined ? [] : [{ target, line }];
  });
}

/** The shortest way from a file back to itself, breadth first. */
function ringThrough(start: Source, files: ReadonlyMap<string, Source>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const source of queue) {
    for (const { target } of loads(source)) {
      if (target === start.path) return wayTo(source.path, start.path, cameFrom);
      const next = files.get(target);
      if (next === undefined || cameFrom.has(target)) continue;
      cameFrom.set(target, source.path);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(last: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [start];
  for (let path: string | undefined = last; path !== undefined && path !== start; path = cameFrom.get(path)) way.unshift(path);
  return [start, ...way];
}
