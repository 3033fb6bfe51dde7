import type { Test, When } from '../config/when.ts';
import { cookieValue } from '../http/cookie.ts';
import type { Exchange } from '../http/exchange.ts';
import { accepts, mediaRanges } from '../http/media-range.ts';
import { queryValue } from '../http/query.ts';
import type { LinearRegex } from '../lib/linear-regex.ts';

export type Condition = (exchange: Exchange) => boolean;
type Reader = (exchange: Exchange) => string | undefined;

/** Gives each regular expression of a table, compiled once however often it stands there. */
export type Regexes = (text: string) => LinearRegex;

/** One function for the whole of a condition; parts are asked in their order, as far as needed. */
export function condition(when: When, regexes: Regexes): Condition {
  switch (when.kind) {
    case 'all': {
      const parts = when.of.map((each) => condition(each, regexes));
      return (exchange) => parts.every((part) => part(exchange));
    }
    case 'any': {
      const parts = when.of.map((each) => condition(each, regexes));
      return (exchange) => parts.some((part) => part(exchange));
    }
    case 'not': {
      const part = condition(when.of, regexes);
      return (exchange) => !part(exchange);
    }
    case 'accept':
      return (exchange) => accepts(exchange.headers.get('accept'), when.type);
    case 'version':
      return versionCondition(when);
    default: {
      const [read, holds] = [readerOf(when.kind, when.name), testOf(when.test, regexes)];
      return (exchange) => holds(read(exchange));
    }
  }
}

/** A version is the same with a `v` before it and without: `v2` is `2`. */
function versionCondition({ from, name, is }: When & { kind: 'version' }): Condition {
  const wanted = plainVersion(is);
  if (from !== 'accept') {
    const read = readerOf(from, name);
    return (exchange) => {
      const value = read(exchange);
      return value !== undefined && plainVersion(value) === wanted;
    };
  }
  const asks = ([parameter, value]: readonly [string, string]) => parameter === name && plainVersion(value) === wanted;
  return (exchange) =>
    mediaRanges(exchange.headers.get('accept') ?? '').some(({ parameters, weight }) => weight > 0 && parameters.some(asks));
}

function plainVersion(text: string): string {
  return text.trim().replace(/^v(?=\d)/i, '');
}

/** Several fields of one name are one text, joined by commas (RFC 9110 §5.3); of cookies and parameters the first counts. */
function readerOf(kind: 'header' | 'query' | 'cookie', name: string): Reader {
  if (kind === 'header') return (exchange) => exchange.headers.get(name);
  if (kind === 'cookie') return (exchange) => cookieValue(exchange.headers, name);
  const bytes = Buffer.from(name);
  return (exchange) => queryValue(exchange.target, bytes);
}

function testOf(test: Test, regexes: Regexes): (text: string | undefined) => boolean {
  if (test.kind === 'present') return (text) => (text !== undefined) === test.present;
  if (test.kind === 'equals') return (text) => text === test.text;
  const regex = regexes(test.text);
  return (text) => text !== undefined && regex.test(text);
}

/** Which part of a condition an exchange does not fulfil, in words; undefined when it fulfils all. */
export function unfulfilled(when: When, exchange: Exchange, regexes: Regexes): string | undefined {
  if (condition(when, regexes)(exchange)) return undefined;
  if (when.kind !== 'all') return describeWhen(when);
  return when.of.map((each) => unfulfilled(each, exchange, regexes)).find((part) => part !== undefined);
}

/** A condition in words. */
export function describeWhen(when: When): string {
  switch (when.kind) {
    case 'not':
      return `not (${describeWhen(when.of)})`;
    case 'all':
    case 'any':
      return `${when.kind} of (${when.of.map(describeWhen).join(', ')})`;
    case 'accept':
      return `accepts ${when.type}`;
    case 'version':
      return `version in ${when.from} ${when.name} is ${when.is}`;
    default: {
      const { kind, name, test } = when;
      if (test.kind === 'present') return `${kind} ${name} is ${test.present ? '' : 'not '}present`;
      return `${kind} ${name} ${test.kind} ${JSON.stringify(test.text)}`;
    }
  }
}
