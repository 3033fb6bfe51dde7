const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const DOT = 0x2e;
const ZERO = 0x30;
/** Weights have three decimals at most (RFC 9110 §12.4.2): here they are whole numbers of thousandths. */
const FULL = 1000;
/** Weights that nobody has given. */
const UNSAID = -1;
/** What stands in a member's place that is not well-formed. */
const BROKEN = -2;

/**
 * The coding that a client likes best of those that are offered, when it likes one at least as well as no coding at all (RFC
 * 9110 §12.5.3). A member that is not well-formed counts for nothing; of two for one coding the smaller weight counts, so that
 * what is refused anywhere is never sent. `x-gzip` is gzip (§8.4.1.3). One pass over the field, and nothing is cut out of it.
 * @param field the `Accept-Encoding` field; without one nothing is coded
 * @param offered lower case, the best first: which of two that a client likes alike is taken
 */
export function bestCoding<Coding extends string>(field: string | undefined, offered: readonly Coding[]): Coding | undefined {
  if (field === undefined || field === '') return undefined;
  const weights: number[] = new Array(offered.length).fill(UNSAID);
  let any = UNSAID;
  let identity = UNSAID;
  for (let start = 0; start < field.length; ) {
    const comma = field.indexOf(',', start);
    const end = comma < 0 ? field.length : comma;
    const from = pastSpace(field, start, end);
    const to = nameEnd(field, from, end);
    const weight = to === from ? BROKEN : weightOf(field, to, end);
    if (weight !== BROKEN) {
      if (isName(field, from, to, '*')) any = smaller(any, weight);
      else if (isName(field, from, to, 'identity')) identity = smaller(identity, weight);
      else {
        for (let at = 0; at < offered.length; at++) {
          if (isCoding(field, from, to, offered[at] as string)) weights[at] = smaller(weights[at] as number, weight);
        }
      }
    }
    start = end + 1;
  }
  let best: Coding | undefined;
  // No coding is fine with everybody who does not say otherwise, but then anything that is asked for is liked better.
  let most = identity;
  for (let at = 0; at < offered.length; at++) {
    const said = weights[at] as number;
    const weight = said === UNSAID ? any : said;
    if (weight <= 0 || weight < most || (weight === most && best !== undefined)) continue;
    best = offered[at];
    most = weight;
  }
  return best;
}

function smaller(known: number, weight: number): number {
  return known === UNSAID || weight < known ? weight : known;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function pastSpace(field: string, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(field.charCodeAt(at))) at++;
  return at;
}

function nameEnd(field: string, from: number, end: number): number {
  let at = from;
  while (at < end && field.charCodeAt(at) !== SEMICOLON && !isSpace(field.charCodeAt(at))) at++;
  return at;
}

/** Whether these characters are this name, in any case. */
function isName(field: string, from: number, to: number, name: string): boolean {
  if (to - from !== name.length) return false;
  for (let at = 0; at < name.length; at++) {
    const code = field.charCodeAt(from + at);
    const lower = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
    if (lower !== name.charCodeAt(at)) return false;
  }
  return true;
}

function isCoding(field: string, from: number, to: number, coding: string): boolean {
  return isName(field, from, to, coding) || (coding === 'gzip' && isName(field, from, to, 'x-gzip'));
}

/** Reads `OWS ";" OWS "q=" qvalue OWS`, or nothing, which is full weight. */
function weightOf(field: string, from: number, end: number): number {
  let at = pastSpace(field, from, end);
  if (at === end) return FULL;
  if (field.charCodeAt(at) !== SEMICOLON) return BROKEN;
  at = pastSpace(field, at + 1, end);
  if ((field.charCodeAt(at) | 0x20) !== 0x71 || field.charCodeAt(at + 1) !== EQUALS) return BROKEN;
  at += 2;
  let last = end;
  while (last > at && isSpace(field.charCodeAt(last - 1))) last--;
  return thousandths(field, at, last);
}

/** `qvalue`: 0 or 1, and up to three decimals, which are zeros after a 1. */
function thousandths(field: string, from: number, end: number): number {
  const whole = field.charCodeAt(from) - ZERO;
  if (from >= end || end - from > 5 || (whole !== 0 && whole !== 1)) return BROKEN;
  if (end - from > 1 && field.charCodeAt(from + 1) !== DOT) return BROKEN;
  let value = whole * FULL;
  for (let at = from + 2, unit = 100; at < end; at++, unit /= 10) {
    const digit = field.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return BROKEN;
    value += digit * unit;
  }
  return value > FULL ? BROKEN : value;
}
