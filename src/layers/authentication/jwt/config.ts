import { z } from 'zod';
import { duration, field, flag, quote, Wrong } from '../../../lib/fields.ts';
import type { Frozen } from '../../../lib/freeze.ts';
import { ALGORITHMS, type Algorithm, WITH_PUBLIC_KEY, WITH_SECRET } from './algorithms.ts';
import { checkPublicKey } from './public-key.ts';
import { checkSecret } from './secret.ts';

const algorithm = z.enum(ALGORITHMS, {
  error: ({ input }) =>
    typeof input === 'string' && input.toLowerCase() === 'none' ? 'a token without a signature proves nothing' : undefined,
});

const secret = field(z.string({ error: 'must be a text, in quotes if it has digits alone' }), (text) => {
  const wrong = checkSecret(text);
  return wrong === undefined ? text : new Wrong(wrong, 'at least 16 bytes, better 32 or more; "base64:…" for bytes');
});

/** PEM text may stand there itself; the name of a file is for whoever reads files. */
const publicKey = field(z.string().min(1), (text) => {
  const wrong = text.includes('-----BEGIN') ? checkPublicKey(text) : undefined;
  return wrong === undefined ? text : new Wrong(wrong);
});

const jwksUri = field(z.string(), (text) => {
  const url = URL.parse(text);
  if (text.includes('@') && (url === null || url.username !== '' || url.password !== ''))
    return new Wrong('a URL with a password in it would be shown in logs');
  return url === null || !/^https?:$/.test(url.protocol) ? new Wrong(`not an http or https URL: ${quote(text)}`) : text;
});

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Fields with a meaning of their own, in which no token can stand. */
const TAKEN = /^(?:connection|content-.*|cookie|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

const header = field(z.string(), (text) => {
  if (!TOKEN.test(text)) return new Wrong(`not a field name: ${quote(text)}`);
  return TAKEN.test(text) ? new Wrong(`${text} has another meaning: a token needs a field of its own`) : text;
});

/** One text or a list; `""` is none. */
const texts = z
  .union([z.string(), z.array(z.string())], { error: 'must be a text, or a list of these' })
  .transform((given) => (Array.isArray(given) ? given : [given]).filter((text) => text !== ''));

const typ = z
  .union([z.string(), z.array(z.string())], { error: 'must be a text, or a list of these' })
  .transform((given) => (Array.isArray(given) ? given : [given]).map(shortTyp));

/** Of a `typ` what counts: case does not, nor does `application/` (RFC 7515 §4.1.9). */
export function shortTyp(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '');
}

const written = z.strictObject({
  secret: secret.optional().describe('Shared with whoever signs by HS256, HS384 or HS512: text, or "base64:" and base64.'),
  public_key: publicKey.optional().describe('PEM file of the public key (SPKI) or certificate (X.509) of whoever signs.'),
  jwks_uri: jwksUri
    .optional()
    .describe('Where the identity provider publishes its keys: https. Over http whoever is on the way can sign tokens.'),
  algorithm: algorithm.optional().describe('The one algorithm that is believed; short for a list of one.'),
  algorithms: z
    .array(algorithm)
    .min(1, { error: 'an empty list lets nobody in' })
    .optional()
    .describe('Algorithms that are believed. Default: HS256 for a secret, for keys all that go with them.'),
  header: header
    .prefault('Authorization')
    .describe('The field that a token comes in. Others than Authorization may lack "Bearer".'),
  issuer: texts.prefault([]).describe('`iss` must be this one, or one of these. Default: any.'),
  audience: texts.prefault([]).describe('`aud` must have this one, or one of these. Default: any.'),
  required_claims: z.array(z.string().min(1)).prefault([]).describe('Claims that a token must have, such as exp and sub.'),
  typ: typ
    .prefault([])
    .describe('Kinds of tokens (header `typ`), "" for those that do not say. Default: all but those made for something else.'),
  leeway: duration(0).prefault('5s').describe('How far the clock of whoever signs may be off, for exp, nbf and iat.'),
  forward: flag().prefault(true).describe('Whether the upstream gets the token too.'),
  jwks_max_age: duration(1000)
    .prefault('10m')
    .describe('Keys are fetched again before they are older. So long may a key be believed that is no longer published.'),
  jwks_cooldown: duration(1000).prefault('30s').describe('Between two fetches for keys that are not known.'),
  jwks_timeout: duration().prefault('5s').describe('For one fetch as a whole.'),
});

type Written = z.output<typeof written>;

function problems({
  secret,
  public_key,
  jwks_uri,
  algorithm,
  algorithms,
}: Written): { path: (keyof Written)[]; message: string }[] {
  const said = algorithm === undefined ? algorithms : [algorithm];
  const at = algorithm === undefined ? 'algorithms' : 'algorithm';
  const found: { path: (keyof Written)[]; message: string }[] = [];
  const tell = (key: keyof Written, message: string) => found.push({ path: [key], message });
  const published = public_key ?? jwks_uri;
  if (algorithm !== undefined && algorithms !== undefined) tell('algorithm', 'algorithms says it already');
  if (public_key !== undefined && jwks_uri !== undefined)
    tell('public_key', 'jwks_uri says where keys come from: one of the two');
  if (secret === undefined && published === undefined)
    found.push({ path: [], message: 'needs a secret, public_key or jwks_uri' });
  if (said === undefined || found.length > 0) return found;
  const [withSecret, withKey] = [WITH_SECRET, WITH_PUBLIC_KEY].map((list) => said.find((name) => list.includes(name)));
  if (withSecret !== undefined && secret === undefined) tell(at, `${withSecret} needs a secret`);
  if (withKey !== undefined && published === undefined) tell(at, `${withKey} needs public_key or jwks_uri`);
  if (said.length === 0 || found.length > 0) return found;
  if (withSecret === undefined && secret !== undefined) tell('secret', 'none of the algorithms takes a secret');
  if (withKey === undefined && published !== undefined)
    tell(public_key === undefined ? 'jwks_uri' : 'public_key', 'none of the algorithms takes a public key');
  if (found.length > 0 || !public_key?.includes('-----BEGIN')) return found;
  const wrong = checkPublicKey(public_key, said);
  if (wrong !== undefined) tell('public_key', wrong);
  return found;
}

function believed({ secret, public_key, jwks_uri, algorithm, algorithms }: Written): readonly Algorithm[] {
  if (algorithm !== undefined) return [algorithm];
  if (algorithms !== undefined) return [...new Set(algorithms)];
  return [
    ...(secret === undefined ? [] : ['HS256' as const]),
    ...((public_key ?? jwks_uri) === undefined ? [] : WITH_PUBLIC_KEY),
  ];
}

/** `middleware.authentication.jwt`: whose tokens are believed, and which. Times are milliseconds. */
export const jwtSchema = written
  .superRefine((value, context) => {
    for (const problem of problems(value)) context.addIssue({ code: 'custom', ...problem });
  })
  .transform(({ algorithm, ...value }) => ({ ...value, algorithms: [...believed({ algorithm, ...value })] }));

/** `public_key` is PEM text here: the check has read the file. */
export type JwtConfig = Frozen<z.output<typeof jwtSchema>>;
