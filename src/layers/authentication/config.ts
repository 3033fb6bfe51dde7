import { z } from 'zod';
import { choice, field, name, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';
import { CERTIFICATE_NAMES, readCertificateName } from './certificate-name.ts';
import { type JwtConfig, jwtSchema } from './jwt/config.ts';
import { checkPublicKey } from './jwt/public-key.ts';
import { PASSWORD_HASHES, parsePasswordHash } from './password-hash.ts';

const METHODS = ['jwt', 'api_key', 'basic', 'certificate'] as const;
/** Ways that will be one day: refused as such, not as unknown. */
const LATER = /^(?:oauth2|oidc)$/;

const method = choice(METHODS, LATER);
const methods = z
  .array(method)
  .min(1, { error: 'an empty list lets nobody in' })
  .refine((list) => new Set(list).size === list.length, { error: 'a method stands there twice' });

const authType = z
  .union([method, methods], { error: `must be one of ${METHODS.join(', ')}, or a list of these` })
  .transform((given) => (Array.isArray(given) ? given : [given]));

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Fields with a meaning of their own, which taking a key out would destroy. */
const TAKEN =
  /^(?:authorization|connection|content-.*|cookie|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

const keyHeader = field(z.string(), (text) => {
  if (text !== '' && !TOKEN.test(text)) return new Wrong(`not a field name: ${quote(text)}`);
  return TAKEN.test(text) ? new Wrong(`${text} has another meaning: keys need a field of their own`) : text;
});

const apiKey = z
  .strictObject({
    header: keyHeader.prefault('X-API-Key').describe('The field that a key comes in. "": none.'),
    query: z.string().max(128).prefault('').describe('The parameter that a key comes in. "": none.'),
  })
  .refine(({ header, query }) => header !== '' || query !== '', { error: 'a key needs a field or a parameter to come in' });

const realm = field(z.string(), (text) =>
  /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(text)
    ? text
    : new Wrong(`not a realm: ${quote(text)}`, '1 to 128 printable ASCII characters without " and \\'),
);

/** `middleware.authentication`: the ways to prove who asks. */
export const authenticationSchema = z
  .strictObject({
    auth_type: authType.describe('One way to prove who asks, or a list, tried in this order: jwt, api_key, basic, certificate.'),
    realm: realm.prefault('sluice').describe('What clients that are asked for a credential may show to their users.'),
    jwt: jwtSchema.optional().describe('Tokens: whose are believed.'),
    api_key: apiKey.prefault({}).describe('Keys of consumers. Routes that look for them do not send them on to an upstream.'),
  })
  .refine(({ auth_type, jwt }) => jwt !== undefined || !auth_type.includes('jwt'), {
    path: ['auth_type'],
    error: 'jwt needs a jwt block, which says whose tokens are believed',
  })
  .refine(
    ({ auth_type, jwt, api_key }) =>
      !auth_type.includes('jwt') || !auth_type.includes('api_key') || jwt?.header.toLowerCase() !== api_key.header.toLowerCase(),
    { path: ['api_key', 'header'], error: 'tokens come in this field already (jwt.header)' },
  );

/** RFC 6749 §3.3: what goes into a challenge as it is. */
const scope = field(z.string(), (text) =>
  /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(text)
    ? text
    : new Wrong(`not a scope: ${quote(text)}`, 'printable ASCII characters without spaces, " and \\'),
);

const claimValue = field(z.union([z.string(), z.number(), z.boolean()]), String);
const claimValues = z
  .union([claimValue, z.array(claimValue).min(1)], { error: 'must be a value, or a list of these' })
  .transform((given) => (Array.isArray(given) ? given : [given]));

/** `authentication` of a route: who may come in. */
export const routeAuthenticationSchema = z
  .strictObject({
    methods: methods.optional().describe('Of middleware.authentication.auth_type; any of them will do. Default: all of it.'),
    scopes: z.array(scope).prefault([]).describe('Scopes that a token must have, all of them.'),
    claims: z
      .record(z.string().min(1), claimValues)
      .prefault({})
      .describe('Claims that a token must have, each with one of its values. A dot steps down: realm_access.roles.'),
    consumers: z.array(z.string()).prefault([]).describe('Consumers that may come in.'),
    groups: z.array(z.string()).prefault([]).describe('Groups of consumers that may come in.'),
    match: choice(['all', 'any'])
      .prefault('all')
      .describe('Of scopes, claims, consumers and groups, as far as they are listed: whether all must hold or any.'),
  })
  .refine(({ methods, scopes }) => methods === undefined || methods.includes('jwt') || scopes.length === 0, {
    path: ['scopes'],
    error: 'only tokens have scopes, and jwt is not among the methods',
  })
  .refine(({ methods, claims }) => methods === undefined || methods.includes('jwt') || Object.keys(claims).length === 0, {
    path: ['claims'],
    error: 'only tokens have claims, and jwt is not among the methods',
  });

export type AuthenticationConfig = Frozen<z.output<typeof authenticationSchema>>;
export type RouteAuthenticationConfig = Frozen<z.output<typeof routeAuthenticationSchema>>;

// What is wrong with a credential is said without a word of it: a plain one may have been put there by mistake.
const KEY_HASHES = 'sha256: and 64 hexadecimal digits, as `sluice hash api-key` prints';
const keyHash = field(z.string({ error: `must be ${KEY_HASHES}` }), (text) => {
  const [, digits] = /^sha256:([0-9a-f]{64})$/i.exec(text) ?? [];
  return digits === undefined ? new Wrong('not the hash of a key', KEY_HASHES) : `sha256:${digits.toLowerCase()}`;
});

const keyHashes = z.array(keyHash, { error: `must be a list of ${KEY_HASHES}` });

const passwordHash = field(z.string({ error: `must be ${PASSWORD_HASHES}` }), parsePasswordHash);

const certificateName = field(z.string(), (text) => {
  const name = readCertificateName(text);
  return name ?? new Wrong(`not the name of a certificate: ${quote(text)}`, CERTIFICATE_NAMES);
});

/** What a consumer is known by, for {@link checkConsumers} and for whoever adds keys of its own. */
export const consumerShape = {
  name: name().describe('What it is called in identity headers, limits and logs; with basic, its user name.'),
  api_keys: keyHashes.prefault([]).describe('Hashes of its keys: "sha256:…", as `sluice hash api-key` prints.'),
  basic: passwordHash.optional().describe('The hash of its password: "scrypt:…", as `sluice hash password` prints.'),
  certificates: z
    .array(certificateName)
    .prefault([])
    .describe('Its client certificates: "sha256:…" of one, a common name, or an alternative name such as "DNS:a.example".'),
  groups: z.array(name()).prefault([]).describe('What it belongs to, for `groups` of routes.'),
} as const;

/** One of those who are known by their credentials. */
export type ConsumerConfig = Frozen<z.output<z.ZodObject<typeof consumerShape>>>;

/** Refuses two consumers of a name, and a credential that two have or one has twice: for `superRefine` of the list. */
export function checkConsumers(consumers: readonly ConsumerConfig[], context: z.core.$RefinementCtx): void {
  const seen = new Map<string, string>();
  const check = (kind: string, value: string, owner: string, path: (string | number)[], message: (first: string) => string) => {
    const first = seen.get(`${kind} ${value}`);
    if (first === undefined) seen.set(`${kind} ${value}`, owner);
    else context.addIssue({ code: 'custom', path, message: message(first) });
  };
  for (const [at, { name, api_keys, certificates }] of consumers.entries()) {
    const owned = (what: string) => (first: string) =>
      `${what} is ${first === name ? 'there twice' : `that of ${first} already`}`;
    check('name', name, name, [at, 'name'], () => `there is a consumer ${quote(name)} already`);
    for (const [index, key] of api_keys.entries()) check('key', key, name, [at, 'api_keys', index], owned('this key'));
    for (const [index, one] of certificates.entries())
      check('certificate', one, name, [at, 'certificates', index], owned('this certificate'));
  }
}

/** What is wrong with a PEM text for the algorithms that a configuration believes; undefined: nothing. */
export function wrongPublicKey(pem: string, { algorithms }: Pick<JwtConfig, 'algorithms'>): string | undefined {
  return checkPublicKey(pem, algorithms);
}
