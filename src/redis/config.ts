import { z } from 'zod';
import { parseAddress } from '../lib/address.ts';
import { duration, field, quote, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { parseRedisUrl, type RedisUrl } from './redis-url.ts';

const DEFAULT_URL = 'redis://127.0.0.1:6379/0';

const url = field(z.string(), (text): RedisUrl | Wrong => {
  const read = parseRedisUrl(text);
  return typeof read === 'string' ? new Wrong(read, 'redis://host:port/db, or rediss:// for TLS') : read;
});

const node = field(z.string(), (text) => {
  const address = parseAddress(text);
  if (typeof address === 'string') return new Wrong(address, 'host:port');
  return address.port === 0 ? new Wrong('nobody listens on port 0') : address;
});

/** Numbers are refused, not turned into text: YAML has its own idea of 0123. What was given is told nowhere. */
const secret = () => z.string({ error: 'must be a text: put it in quotes' }).prefault('');

const sentinel = z.strictObject({
  name: z.string().min(1, { error: 'must not be empty' }).describe('What the sentinels call the master.'),
  nodes: z.array(node).min(1).describe('Addresses of sentinels.'),
  username: secret().describe('For the sentinels themselves.'),
  password: secret().describe('For the sentinels themselves.'),
});

const cluster = z.strictObject({
  nodes: z.array(node).min(1).describe('Addresses of some nodes: they tell of the others.'),
});

// The contents take the place of the file names when the whole document is checked.
const tls = z.strictObject({
  ca: z.string().optional().describe('File of the certificates that may sign the server’s. Default: the ones Node.js knows.'),
  cert: z.string().optional().describe('File of the certificate to show to the server.'),
  key: z.string().optional().describe('File of its private key.'),
});

const keyPrefix = field(z.string(), (text) =>
  /^[^\s{}\p{Cc}]{0,64}$/u.test(text)
    ? text
    : new Wrong(`not a prefix of keys: ${quote(text)}`, 'at most 64 characters, no spaces and no braces'),
);

const written = z.strictObject({
  url: url.optional().describe(`Where Redis is: redis://user:password@host:port/db, rediss:// for TLS. Default: ${DEFAULT_URL}.`),
  username: secret().describe('Of the ACL user. Default: the default user, or the one of the URL.'),
  password: secret().describe('Default: none, or the one of the URL.'),
  sentinel: sentinel.optional().describe('Redis behind Sentinel, in the place of url.'),
  cluster: cluster.optional().describe('A Redis Cluster, in the place of url.'),
  tls: tls.optional().describe('TLS towards Redis: with rediss://, sentinel or cluster.'),
  key_prefix: keyPrefix.prefault('sluice:').describe('What the names of all keys and channels begin with.'),
  command_timeout: duration().prefault('100ms').describe('How long a command is waited for.'),
});

export const redisSchema = written.transform(({ url, sentinel, cluster, username, password, ...rest }, context) => {
  const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  const [first, second] = Object.entries({ url, sentinel, cluster }).filter(([, value]) => value !== undefined);
  if (first !== undefined && second !== undefined) refuse(second[0], `stands beside ${first[0]}: only one of them can be`);
  const one = first === undefined || url !== undefined ? (url ?? (parseRedisUrl(DEFAULT_URL) as RedisUrl)) : undefined;
  if (one !== undefined && one.password !== '' && (password !== '' || username !== ''))
    refuse(password === '' ? 'username' : 'password', 'stands in the URL too: only one of them can be');
  if (one === undefined || one.password === '') {
    if (username !== '' && password === '') refuse('username', 'needs password beside it');
  }
  if (sentinel !== undefined && sentinel.username !== '' && sentinel.password === '')
    refuse('sentinel', 'its username needs a password beside it');
  if (rest.tls !== undefined && one?.tls === false) refuse('tls', 'acts with rediss:// alone, and the URL says redis://');
  const place: RedisPlace =
    sentinel !== undefined
      ? { kind: 'sentinel', ...sentinel }
      : cluster !== undefined
        ? { kind: 'cluster', ...cluster }
        : { kind: 'standalone', host: one?.host ?? '', port: one?.port ?? 0, db: one?.db ?? 0 };
  return {
    ...rest,
    place,
    secure: one?.tls ?? rest.tls !== undefined,
    username: one?.password ? one.username : username,
    password: one?.password || password,
  };
});

/** Where Redis is. */
export type RedisPlace =
  | { readonly kind: 'standalone'; readonly host: string; readonly port: number; readonly db: number }
  | ({ readonly kind: 'sentinel' } & Frozen<z.output<typeof sentinel>>)
  | ({ readonly kind: 'cluster' } & Frozen<z.output<typeof cluster>>);

/**
 * The one Redis of the fleet. Times are milliseconds. Empty: no username, no password. `secure`: TLS is spoken; `ca`, `cert`
 * and `key` of `tls` are PEM text: the check has read the files.
 */
export type RedisConfig = Frozen<z.output<typeof redisSchema>>;
