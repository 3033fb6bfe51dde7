import type * as Toml from 'smol-toml';
import { onDemand } from '../lib/on-demand.ts';
import type { Path } from './path.ts';

const toml = onDemand<typeof Toml>('smol-toml');

/** Where a value begins and where its key does, in characters from the start of the text. */
interface Spot {
  key: number;
  value: number;
  inside: Map<string | number, Spot> | undefined;
}

const [TAB, LF, CR, SPACE, HASH, BOM] = [0x09, 0x0a, 0x0d, 0x20, 0x23, 0xfeff] as const;

interface Key {
  readonly name: string;
  readonly offset: number;
}

/**
 * Finds what smol-toml does not tell: where the values of a text stand.
 * @param text one that has been parsed: what is wrong in it is not noticed
 * @param nameOf gives keys the names that they have in the document
 * @returns how far into the text the value at a path, or its key, begins; of one that is not there, its nearest parent.
 * Undefined when the text cannot be followed: no place is better than a wrong one
 */
export function placesOf(text: string, nameOf: (written: string) => string): (path: Path, atKey: boolean) => number | undefined {
  let root: { readonly spot: Spot | undefined } | undefined;
  return (path, atKey) => {
    // When the first place is asked for: most texts are good.
    root ??= { spot: new Scanner(text, nameOf).scan() };
    let { spot } = root;
    for (const [at, step] of path.entries()) {
      const next = spot?.inside?.get(step);
      if (next === undefined) break;
      if (atKey && at === path.length - 1) return next.key;
      spot = next;
    }
    return spot?.value;
  };
}

/** Goes through a text by its brackets, quotes and signs of equality. */
class Scanner {
  private readonly text: string;
  private readonly nameOf: (written: string) => string;
  private at = 0;

  constructor(text: string, nameOf: (written: string) => string) {
    this.text = text;
    this.nameOf = nameOf;
  }

  scan(): Spot | undefined {
    const root = spotAt(0);
    let table = root;
    for (this.skip(); this.at < this.text.length; this.skip()) {
      const before = this.at;
      if (this.text[this.at] === '[') table = this.readHeader(root);
      else this.readEntry(table);
      if (this.at === before) return undefined;
    }
    return root;
  }

  /** `[a.b]` or `[[a.b]]`. @returns the table that what follows belongs to */
  private readHeader(root: Spot): Spot {
    const start = this.at;
    const brackets = this.text.startsWith('[[', start) ? 2 : 1;
    this.at += brackets;
    const keys = this.readKeys();
    this.at += brackets;
    const table = keys.reduce(open, root);
    return brackets === 2 ? add(table, start) : table;
  }

  /** `a.b = value` */
  private readEntry(table: Spot): void {
    const keys = this.readKeys();
    this.at += 1;
    this.skip();
    const spot = keys.reduce(open, table);
    // Of two keys that a variable makes equal, the second: it is the wrong one.
    spot.key = (keys.at(-1) as Key).offset;
    this.readValue(spot);
  }

  /** Up to the sign behind the last key. */
  private readKeys(): Key[] {
    const keys: Key[] = [];
    for (;;) {
      this.skip();
      const offset = this.at;
      keys.push({ name: this.nameOf(this.readKey()), offset });
      this.skip();
      if (this.text[this.at] !== '.') return keys;
      this.at += 1;
    }
  }

  private readKey(): string {
    const start = this.at;
    const first = this.text[start];
    if (first !== '"' && first !== "'") {
      this.passTo(/[^\w-]/g);
      return this.text.slice(start, this.at);
    }
    this.skipString();
    const written = this.text.slice(start, this.at);
    return written.includes('\\') ? (toml().parse(`key = ${written}`)['key'] as string) : written.slice(1, -1);
  }

  /** The value goes into a spot that has its key already. */
  private readValue(spot: Spot): void {
    spot.value = this.at;
    const first = this.text[this.at];
    if (first === '"' || first === "'") this.skipString();
    else if (first === '[') this.readItems(']', () => this.readValue(add(spot, this.at)));
    else if (first === '{') this.readItems('}', () => this.readEntry(spot));
    else this.passTo(/[,\]}#\n]/g);
  }

  private readItems(end: string, readItem: () => void): void {
    for (this.at += 1; this.at < this.text.length; ) {
      this.skip();
      if (this.text[this.at] === end) break;
      const before = this.at;
      readItem();
      this.skip();
      if (this.text[this.at] === ',') this.at += 1;
      if (this.at === before) break;
    }
    this.at += 1;
  }

  private skipString(): void {
    const quote = this.text[this.at] as string;
    const triple = quote.repeat(3);
    const long = this.text.startsWith(triple, this.at);
    const end = long ? triple : quote;
    for (this.at += end.length; this.at < this.text.length && !this.text.startsWith(end, this.at); )
      this.at += quote === '"' && this.text[this.at] === '\\' ? 2 : 1;
    this.at += end.length;
    // Up to two quotes may stand before the three that end it.
    for (let more = 0; long && more < 2 && this.text[this.at] === quote; more++) this.at += 1;
  }

  /** White space, line ends and comments: where each may stand has been checked. */
  private skip(): void {
    for (; this.at < this.text.length; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code === HASH) this.passTo(/\n/g);
      else if (code !== SPACE && code !== TAB && code !== LF && code !== CR && code !== BOM) return;
    }
  }

  private passTo(end: RegExp): void {
    end.lastIndex = this.at;
    this.at = end.exec(this.text)?.index ?? this.text.length;
  }
}

function spotAt(offset: number): Spot {
  return { key: offset, value: offset, inside: undefined };
}

/** The spot of a key in a table; in a list of tables, in its last one. */
function open(table: Spot, { name, offset }: Key): Spot {
  const into = table.inside?.get(table.inside.size - 1) ?? table;
  return put(into, name, into.inside?.get(name) ?? spotAt(offset));
}

function add(list: Spot, offset: number): Spot {
  return put(list, list.inside?.size ?? 0, spotAt(offset));
}

function put(into: Spot, name: string | number, spot: Spot): Spot {
  into.inside ??= new Map();
  into.inside.set(name, spot);
  return spot;
}
