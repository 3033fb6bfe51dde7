import type { Exchange } from '../../http/exchange.ts';
import { parseTemplate, pieceReader, type TemplatePiece, trimmed } from '../../http/template.ts';

/**
 * The value of a field, safe in it: undefined when something that its text names is not there. A function while it waits for
 * who asks.
 */
export type Value = string | undefined | (() => string | undefined);

type Read = (exchange: Exchange) => string | undefined;

/**
 * Reads the text of a field, as `parseTemplate` takes it. What comes out is filled in with the request as it is at the call;
 * who asks may be known only behind that, and is put in when the value is wanted.
 * @throws Error for a text that is none
 */
export function fieldText(text: string): (exchange: Exchange) => Value {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') throw new Error(`${text}: ${pieces}`);
  const readers = pieces.map(pieceReader);
  if (pieces.every((piece) => 'text' in piece)) {
    const fixed = (readers as (() => string)[]).map((read) => read()).join('');
    return () => fixed;
  }
  const [only] = readers;
  if (!pieces.some(waits))
    return only !== undefined && readers.length === 1 ? single(only) : (exchange) => join(readers, exchange);
  const early = readers.map((read, at) => (waits(pieces[at] as TemplatePiece) ? undefined : read));
  return (exchange) => {
    const known = early.map((read) => read?.(exchange));
    return () =>
      join(
        readers.map((read, at) => (early[at] === undefined ? read : () => known[at])),
        exchange,
      );
  };
}

/** What to do with a value when it is to be written. */
export function settled(value: Value): string | undefined {
  return typeof value === 'function' ? value() : value;
}

function waits(piece: TemplatePiece): boolean {
  return 'from' in piece && (piece.from === 'consumer' || piece.from === 'user' || piece.from === 'jwt');
}

function single(read: Read): Read {
  return (exchange) => {
    const value = read(exchange);
    return value === undefined ? undefined : trimmed(value);
  };
}

function join(readers: readonly Read[], exchange: Exchange): string | undefined {
  let whole = '';
  for (const read of readers) {
    const value = read(exchange);
    if (value === undefined || value === '') return undefined;
    whole += value;
  }
  return trimmed(whole);
}
