import type { Exchange } from '../../http/exchange.ts';
import type { Headers } from '../../http/headers.ts';
import { template } from '../../http/template.ts';
import type { HeaderChanges } from './config.ts';

interface Field {
  readonly name: string;
  readonly fill: (exchange: Exchange) => string | undefined;
}

/** Changes of the fields of one message: removes, then sets, then adds. A field with something missing is not written. */
export class HeaderEdits {
  private readonly removed: readonly string[];
  private readonly set: readonly Field[];
  private readonly added: readonly Field[];

  constructor({ add, set, remove }: HeaderChanges) {
    this.removed = remove.map((name) => name.toLowerCase());
    this.set = fieldsOf(set);
    this.added = fieldsOf(add);
  }

  get any(): boolean {
    return this.removed.length + this.set.length + this.added.length > 0;
  }

  apply(headers: Headers, exchange: Exchange): void {
    for (const name of this.removed) headers.remove(name);
    for (const { name, fill } of this.set) {
      const value = fill(exchange)?.trim();
      if (value !== undefined) headers.set(name, value);
    }
    for (const { name, fill } of this.added) {
      const value = fill(exchange)?.trim();
      if (value !== undefined) headers.append(name, value);
    }
  }
}

function fieldsOf(texts: Readonly<Record<string, string>>): Field[] {
  return Object.entries(texts).map(([name, text]) => ({ name, fill: template(text) }));
}
