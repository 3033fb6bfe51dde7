import { FIELD_ID, fieldIdOf } from './field-names.ts';

/** Numbers a field takes in the offsets list: start of its line, end of its name, start and end of its value, id. */
const STRIDE = 5;
const REMOVED = -1;

/**
 * The fields of one message. The block that arrived stays what it was: one latin1 text, with offsets and an id per
 * field. Changes are a short list beside it, so that writing an untouched block is one slice of the text.
 *
 * Names are given in lower case; fields are written with the name's case they arrived or were added in.
 * Order is kept; an added field comes after all that arrived.
 */
export class Headers {
  private readonly text: string;
  private readonly offsets: number[];
  private readonly end: number;
  private removed = 0;
  private low = 0;
  private high = 0;
  /** Lengths of the names without an id, modulo 32: one bit each. */
  private lengths = 0;
  private added: string[] | undefined;

  /**
   * @param text the text that holds the block
   * @param offsets five numbers per field, as the parser writes them: line start, name end, value start, value end, id
   * @param end where the block's last line ends, its CRLF included
   */
  constructor(text = '', offsets: number[] = [], end = 0) {
    this.text = text;
    this.offsets = offsets;
    this.end = end;
    for (let at = 4; at < offsets.length; at += STRIDE) {
      const id = offsets[at] as number;
      if (id === REMOVED) this.removed += 1;
      else this.mark(id, (offsets[at - 3] as number) - (offsets[at - 4] as number));
    }
  }

  /** From names and values, each checked as in {@link append}. */
  static from(fields: Iterable<readonly [string, string]>): Headers {
    const headers = new Headers();
    for (const [name, value] of fields) headers.append(name, value);
    return headers;
  }

  private mark(id: number, length: number): void {
    if (id > 31) this.high |= 1 << (id - 32);
    else if (id > 0) this.low |= 1 << (id - 1);
    else this.lengths |= 1 << (length & 31);
  }

  /**
   * False: certainly absent. True: present, was present before a removal, or, without an id, one as long is. Constant time.
   */
  private maybe(id: number, length: number): boolean {
    if (id === 0) return (this.lengths & (1 << (length & 31))) !== 0;
    return id > 31 ? (this.high & (1 << (id - 32))) !== 0 : (this.low & (1 << (id - 1))) !== 0;
  }

  has(name: string): boolean {
    const id = FIELD_ID.get(name) ?? 0;
    if (!this.maybe(id, name.length)) return false;
    for (let at = 0; at < this.offsets.length; at += STRIDE) if (this.isAt(at, id, name)) return true;
    return this.added?.some((text, at) => at % 2 === 0 && text.toLowerCase() === name) ?? false;
  }

  /** The value; values of several lines joined by `, ` (RFC 9110 §5.3). Ask {@link all} for `set-cookie`. */
  get(name: string): string | undefined {
    const id = FIELD_ID.get(name) ?? 0;
    if (!this.maybe(id, name.length)) return undefined;
    let value: string | undefined;
    const { offsets } = this;
    for (let at = 0; at < offsets.length; at += STRIDE) {
      if (this.isAt(at, id, name)) {
        const one = this.text.slice(offsets[at + 2], offsets[at + 3]);
        value = value === undefined ? one : `${value}, ${one}`;
      }
    }
    if (this.added !== undefined) {
      for (let at = 0; at < this.added.length; at += 2) {
        if ((this.added[at] as string).toLowerCase() === name) {
          const one = this.added[at + 1] as string;
          value = value === undefined ? one : `${value}, ${one}`;
        }
      }
    }
    return value;
  }

  /** The value of each line with this name, in order. */
  all(name: string): string[] {
    const id = FIELD_ID.get(name) ?? 0;
    const values: string[] = [];
    if (!this.maybe(id, name.length)) return values;
    const { offsets } = this;
    for (let at = 0; at < offsets.length; at += STRIDE) {
      if (this.isAt(at, id, name)) values.push(this.text.slice(offsets[at + 2], offsets[at + 3]));
    }
    for (let at = 0; this.added !== undefined && at < this.added.length; at += 2) {
      if ((this.added[at] as string).toLowerCase() === name) values.push(this.added[at + 1] as string);
    }
    return values;
  }

  private isAt(at: number, id: number, name: string): boolean {
    if (this.offsets[at + 4] !== id) return false;
    if (id !== 0) return true;
    const start = this.offsets[at] as number;
    if ((this.offsets[at + 1] as number) - start !== name.length) return false;
    return this.text.slice(start, start + name.length).toLowerCase() === name;
  }

  /** Replaces every field of the name by one. */
  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.append(name, value);
  }

  /**
   * Adds one field, leaving others of the name.
   * @throws TypeError for a name that is no token, or a value with a control character or one beyond latin1, whose
   * low byte could be a line end on the wire
   */
  append(name: string, value: string): void {
    if (!TOKEN.test(name)) throw new TypeError(`not a field name: ${JSON.stringify(name)}`);
    if (UNSAFE_VALUE.test(value)) throw new TypeError(`not a field value for ${name}: ${JSON.stringify(value)}`);
    this.add(name, value);
  }

  /**
   * {@link append} for values that are safe by construction: made by the gateway or cut from a parsed message.
   * @param id what `fieldIdOf` says of the name, from whoever adds it to every message and has asked before
   */
  add(name: string, value: string, id = fieldIdOf(name)): void {
    if (this.added === undefined) this.added = [name, value];
    else this.added.push(name, value);
    this.mark(id, name.length);
  }

  remove(name: string): void {
    const id = FIELD_ID.get(name) ?? 0;
    if (!this.maybe(id, name.length)) return;
    for (let at = 0; at < this.offsets.length; at += STRIDE) {
      if (this.isAt(at, id, name)) this.drop(at);
    }
    if (this.added?.some((text, at) => at % 2 === 0 && text.toLowerCase() === name)) {
      const kept: string[] = [];
      for (let at = 0; at < this.added.length; at += 2) {
        if ((this.added[at] as string).toLowerCase() !== name) kept.push(this.added[at] as string, this.added[at + 1] as string);
      }
      this.added = kept;
    }
  }

  private drop(at: number): void {
    this.offsets[at + 4] = REMOVED;
    this.removed += 1;
  }

  /** All fields as they go on the wire, each line with its CRLF. */
  lines(): string {
    let out = this.removed === 0 ? this.block() : this.runs();
    if (this.added !== undefined) {
      for (let at = 0; at < this.added.length; at += 2) out += `${this.added[at]}: ${this.added[at + 1]}\r\n`;
    }
    return out;
  }

  private block(): string {
    return this.offsets.length === 0 ? '' : this.text.slice(this.offsets[0], this.end);
  }

  private runs(): string {
    const { offsets } = this;
    let out = '';
    let from = -1;
    for (let at = 0; at < offsets.length; at += STRIDE) {
      if (offsets[at + 4] === REMOVED) {
        if (from >= 0) out += this.text.slice(from, offsets[at]);
        from = -1;
      } else if (from < 0) {
        from = offsets[at] as number;
      }
    }
    return from >= 0 ? out + this.text.slice(from, this.end) : out;
  }

  /** Name, value, name, value …: for storage, foreign engines and tests, not for the request path. */
  flat(): string[] {
    const out: string[] = [];
    for (let at = 0; at < this.offsets.length; at += STRIDE) {
      if (this.offsets[at + 4] === REMOVED) continue;
      out.push(this.text.slice(this.offsets[at], this.offsets[at + 1]));
      out.push(this.text.slice(this.offsets[at + 2], this.offsets[at + 3]));
    }
    return this.added === undefined ? out : out.concat(this.added);
  }
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const UNSAFE_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
