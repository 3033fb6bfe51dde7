import { isIP } from 'node:net';
import { z } from 'zod';
import { type Address, parseAddress, parseEndpoint } from './address.ts';

/** What is wrong with a value, in words for the person who wrote it. */
export class Wrong {
  readonly message: string;
  readonly expected: string | undefined;
  readonly suggestion: string | undefined;

  constructor(message: string, expected?: string, suggestion?: string) {
    this.message = message;
    this.expected = expected;
    this.suggestion = suggestion;
  }
}

/** A value that `read` turns into what the program uses. Its issue carries `params: { expected, suggestion }`. */
export function field<In extends z.ZodType, Out>(input: In, read: (value: z.output<In>) => Out | Wrong) {
  return input.transform((value, context): Out => {
    const out = read(value);
    if (!(out instanceof Wrong)) return out;
    const params = { expected: out.expected, suggestion: out.suggestion };
    context.addIssue({ code: 'custom', message: out.message, params });
    return z.NEVER;
  });
}

/** For editors: how a text may look that is one of `forms`, or that has a variable in it. Reading it is another matter. */
function looksLike(forms: string, ...examples: readonly string[]): { pattern: string; examples?: string[] } {
  const pattern = `^(${forms})$|\\$\\{`;
  return examples.length > 0 ? { pattern, examples: [...examples] } : { pattern };
}

const DURATION = /^(?=\d)(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const DURATIONS = 'a number with its unit, such as 250ms, 5s, 1m30s or 24h';
/** A longer timer would fire at once: Node counts its milliseconds in 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * `250ms`, `5s`, `1m30s`, `24h` → milliseconds, at most 596h (24 days).
 * @param least milliseconds; 0 only where "no time at all" has a meaning
 */
export function duration(least = 1) {
  const bare = ({ input }: { input: unknown }) =>
    typeof input === 'number'
      ? `${input} is a bare number: a duration has its unit, as in "${input}s" or "${input}ms"`
      : undefined;
  return field(z.string({ error: bare }).meta(looksLike('(\\d+(h|ms|m|s))+', '250ms', '5s', '1m30s')), (text) => {
    const parts = DURATION.exec(text);
    if (parts === null && /^[\d.]+$/.test(text)) return new Wrong(`${text} is a bare number: a duration has its unit`, DURATIONS);
    if (parts === null) return new Wrong(`not a duration: ${quote(text)}`, DURATIONS);
    const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts.slice(1).map((digits) => Number(digits ?? 0));
    const total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
    if (total < least) return new Wrong(`${text} is too short`, `at least ${least}ms`);
    if (total > LONGEST_TIMER) return new Wrong(`${text} is too long`, 'at most 596h');
    return total;
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };
const SIZES = 'a number of bytes, alone or with its unit, such as 512, 64KB or 1MB (1024s)';

/** `512`, `"512"`, `"64KB"`, `"1MB"`, `"2GB"` → bytes, within the bounds (bytes, inclusive). */
export function size(least = 0, most = Number.MAX_SAFE_INTEGER) {
  const text = z.string().meta(looksLike('\\d+(B|KB|MB|GB)?', '64KB', '1MB'));
  return field(z.union([text, z.number()], { error: `must be ${SIZES}` }), (written) => {
    const parts = /^(\d+)(|B|KB|MB|GB)$/.exec(String(written));
    if (parts === null) {
      const upper = String(written)
        .toUpperCase()
        .replaceAll(/\s|I(?=B$)/g, '');
      return new Wrong(`not a size: ${quote(written)}`, SIZES, /^\d+[KMG]?B$/.test(upper) ? upper : undefined);
    }
    const bytes = Number(parts[1]) * (UNITS[parts[2] as string] as number);
    if (bytes < least) return new Wrong(`${written} is too small`, `at least ${least} bytes`);
    if (bytes > most) return new Wrong(`${written} is too large`, `at most ${most} bytes`);
    return bytes;
  });
}

/** A whole number within the bounds (inclusive). Digits in quotes count too: that is how variables arrive. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER) {
  const number = z.number().meta({ type: 'integer', minimum: least, ...(most < Number.MAX_SAFE_INTEGER && { maximum: most }) });
  const text = z.string().meta(looksLike('-?\\d+'));
  return field(z.union([number, text], { error: 'must be a whole number' }), (written) => {
    const number = typeof written === 'string' && /^-?\d+$/.test(written) ? Number(written) : written;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) return new Wrong(`not a whole number: ${quote(written)}`);
    if (number < least) return new Wrong(`${number} is too small`, `at least ${least}`);
    if (number > most) return new Wrong(`${number} is too large`, `at most ${most}`);
    return number;
  });
}

/** A share from 0 to 1 (inclusive). A number in quotes counts too. */
export function ratio() {
  const bounded = z.number().meta({ minimum: 0, maximum: 1 });
  const text = z.string().meta(looksLike('\\d*\\.?\\d+'));
  return field(z.union([bounded, text], { error: 'must be a number from 0 to 1' }), (written) => {
    const number = typeof written === 'string' && /^\d*\.?\d+$/.test(written) ? Number(written) : written;
    if (typeof number !== 'number' || !(number >= 0 && number <= 1))
      return new Wrong(`not a share: ${quote(written)}`, 'a number from 0 to 1');
    return number;
  });
}

/** `true` or `false`; in quotes too: that is how variables arrive. */
export function flag() {
  const text = z.string().meta(looksLike('true|false'));
  return field(z.union([z.boolean(), text], { error: 'must be true or false' }), (written) => {
    if (typeof written === 'boolean') return written;
    if (written === 'true' || written === 'false') return written === 'true';
    return new Wrong(`must be true or false, not ${quote(written)}`);
  });
}

/**
 * One of a few words.
 * @param later tells words that will mean something one day: they are refused as such, not as unknown
 */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words, later?: RegExp) {
  return z.enum(words, {
    error: ({ input }) =>
      typeof input === 'string' && later?.test(input) ? `${quote(input)} is not in this version` : undefined,
  });
}

const ADDRESSES = 'host:port, such as 127.0.0.1:8080 or [::1]:8080';

/** `host:port` to listen on. Port 0: the operating system picks one. */
export function address() {
  return field(z.string({ error: `must be ${ADDRESSES}` }), (text): Address | Wrong => {
    const address = parseAddress(text);
    return typeof address === 'string' ? new Wrong(address, ADDRESSES) : address;
  });
}

/** `host:port` or an http or https URL to connect to. */
export function endpoint() {
  const expected = 'host:port or a URL such as https://users.internal:8443';
  return field(z.string({ error: `must be ${expected}` }), (text) => {
    const endpoint = parseEndpoint(text);
    return typeof endpoint === 'string' ? new Wrong(endpoint, expected) : endpoint;
  });
}

/** A range of IP addresses, in the words that `net.BlockList.addSubnet` takes. */
export interface Cidr {
  readonly address: string;
  /** Leading bits that count. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export function cidr() {
  const expected = 'an IP address or range, such as 10.0.0.0/8 or ::1';
  return field(z.string({ error: `must be ${expected}` }), (text): Cidr | Wrong => {
    const parts = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text);
    const address = parts?.[1] ?? '';
    const bits = isIP(address) === 4 ? 32 : 128;
    const prefix = Number(parts?.[2] ?? bits);
    if (isIP(address) === 0 || prefix > bits) return new Wrong(`not an IP address or range: ${quote(text)}`, expected);
    return { address, prefix, family: bits === 32 ? 'ipv4' : 'ipv6' };
  });
}

/** A name that goes into paths, metrics and log lines as it is. */
export function name() {
  return field(z.string(), (text) =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(text)
      ? text
      : new Wrong(
          `not a name: ${quote(text)}`,
          'letters, digits, "_", "." and "-", starting with a letter or digit, at most 128',
        ),
  );
}

/** A value as it is shown in a message: never all of a long one. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
