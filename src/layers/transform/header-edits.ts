import type { Exchange } from '../../http/exchange.ts';
import { fieldIdOf } from '../../http/field-names.ts';
import type { Headers } from '../../http/headers.ts';
import type { HeaderChanges } from './config.ts';
import { fieldText, settled, type Value } from './text.ts';

interface Field {
  readonly name: string;
  readonly id: number;
  readonly fill: (exchange: Exchange) => Value;
}

/**
 * Changes of the fields of one message: removes, then sets, then adds. What is set takes the place of all others of its name
 * even where its text has something missing: then nothing stands there, and never what somebody else wrote.
 */
export class HeaderEdits {
  /** Names in lower case that nobody else may have written. */
  readonly gone: readonly string[];
  private readonly written: readonly Field[];

  constructor({ add, set, remove }: HeaderChanges) {
    this.gone = [...new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()))];
    this.written = [...Object.entries(set), ...Object.entries(add)].map(([name, text]) => ({
      name,
      id: fieldIdOf(name),
      fill: fieldText(text),
    }));
  }

  get any(): boolean {
    return this.gone.length + this.written.length > 0;
  }

  /** What the texts come to, with the request as it is now: before {@link write}, which may take away what they name. */
  values(exchange: Exchange): readonly Value[] {
    return this.written.map(({ fill }) => fill(exchange));
  }

  write(headers: Headers, values: readonly Value[]): void {
    for (const name of this.gone) headers.remove(name);
    for (let at = 0; at < this.written.length; at++) {
      const value = settled(values[at]);
      const { name, id } = this.written[at] as Field;
      if (value !== undefined) headers.add(name, value, id);
    }
  }
}
