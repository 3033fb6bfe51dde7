/** RFC 9110 §12.4.2. */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** One member of an `Accept` field, in lower case but for the values of its parameters. */
interface MediaRange {
  readonly type: string;
  /** Without its weight. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly weight: number;
}

/** The members of an `Accept` field (RFC 9110 §12.5.1); those that are none are left out. */
export function mediaRanges(field: string): MediaRange[] {
  return splitOutside(field, ',').flatMap((member) => {
    const [type = '', ...rest] = splitOutside(member, ';').map((part) => part.trim());
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return [];
    const parameters = rest.filter((part) => part !== '').map(readParameter);
    const weight = parameters.findLast(([name]) => name === 'q')?.[1] ?? '1';
    if (!WEIGHT.test(weight)) return [];
    return [{ type: type.toLowerCase(), parameters: parameters.filter(([name]) => name !== 'q'), weight: Number(weight) }];
  });
}

/** The texts between separators, those inside a quoted text left alone; a quote that is not closed goes on to the end. */
function splitOutside(text: string, separator: ',' | ';'): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (char === '\\' && quoted) at += 1;
    else if (char === separator && !quoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function readParameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [text.toLowerCase(), ''];
  const value = text.slice(equals + 1).trim();
  const plain = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  return [text.slice(0, equals).trim().toLowerCase(), plain];
}

/**
 * Whether a client takes a media type: the most precise range that covers it has a weight above 0. A range with
 * parameters covers the type when the bare type is not in the list: what the answer's parameters will be is not known.
 * @param field the `Accept` field; without one every type is taken
 * @param type lower case, such as `text/html`
 */
export function accepts(field: string | undefined, type: string): boolean {
  if (field === undefined) return true;
  const ranges = mediaRanges(field);
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  const precise = [
    ranges.filter((range) => range.type === type && range.parameters.length === 0),
    ranges.filter((range) => range.type === type),
    ranges.filter((range) => range.type === family),
    ranges.filter((range) => range.type === '*/*'),
  ].find((covering) => covering.length > 0);
  return precise?.some(({ weight }) => weight > 0) ?? false;
}
