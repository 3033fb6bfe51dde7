import { z } from 'zod';
import { field, quote, Wrong } from './fields.ts';

/** RFC 9110 §5.6.2: method and field names. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5, as far as one-byte characters go. */
const UNSAFE_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** The gateway frames its messages itself. */
const FRAMING = ['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/**
 * The name of a field that a configuration may write.
 * @param taken further names, in lower case, that it may not
 * @param reasons by such names: what is said in place of "the gateway writes it itself"
 */
export function fieldName(taken: readonly string[] = [], reasons: ReadonlyMap<string, string> = new Map()) {
  const all: ReadonlySet<string> = new Set([...FRAMING, ...taken]);
  return field(z.string(), (text) => {
    if (!TOKEN.test(text)) return new Wrong(`not a field name: ${quote(text)}`);
    const lower = text.toLowerCase();
    return all.has(lower) ? new Wrong(reasons.get(lower) ?? `the gateway writes ${text} itself`) : text;
  });
}

export const fieldValue = field(z.string(), (text) =>
  UNSAFE_VALUE.test(text) || text.trim() !== text ? new Wrong(`not a field value: ${quote(text)}`) : text,
);

/** A method, as it is written: case counts (RFC 9110 §9.1). */
export const methodName = field(z.string(), (text) => {
  if (!TOKEN.test(text)) return new Wrong(`not a method: ${quote(text)}`);
  if (text === 'CONNECT') return new Wrong('CONNECT asks for a forward proxy, which this is not');
  return text === text.toUpperCase()
    ? text
    : new Wrong(`methods are case-sensitive: ${quote(text)}`, undefined, text.toUpperCase());
});
