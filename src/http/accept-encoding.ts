/** RFC 9110 §12.4.2. */
const WEIGHT = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;
/** More codings than anybody has: the rest of a longer list is not looked at. */
const MOST = 32;

/**
 * The coding that a client likes best of those that are offered, when it likes one at least as well as no coding at all (RFC
 * 9110 §12.5.3). A member that is not well-formed counts for nothing.
 * @param field the `Accept-Encoding` field; without one nothing is coded
 * @param offered lower case, the best first: which of two that a client likes alike is taken
 */
export function bestCoding<Coding extends string>(field: string | undefined, offered: readonly Coding[]): Coding | undefined {
  if (field === undefined || field === '') return undefined;
  const weights = weightsOf(field);
  const plain = weights.get('identity') ?? (weights.get('*') === 0 ? 0 : undefined);
  let best: Coding | undefined;
  // What is merely not forbidden comes last: `identity` has no weight of its own unless it is listed.
  let most = plain ?? 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? weights.get(coding === 'gzip' ? 'x-gzip' : '') ?? weights.get('*') ?? 0;
    if (weight === 0 || weight < most || (weight === most && best !== undefined)) continue;
    best = coding;
    most = weight;
  }
  return best;
}

function weightsOf(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of field.split(',', MOST)) {
    const [name = '', ...parameters] = member.split(';').map((part) => part.trim());
    if (name === '' || parameters.length > 1) continue;
    const [, weight] = parameters.length === 0 ? ['', '1'] : (WEIGHT.exec(parameters[0] as string) ?? []);
    if (weight !== undefined) weights.set(name.toLowerCase(), Number(weight));
  }
  return weights;
}
