import { type Address, parseAddress } from '../lib/address.ts';

/** What a URL says about where Redis is. */
export interface RedisUrl extends Address {
  readonly tls: boolean;
  /** Number of the database. */
  readonly db: number;
  /** Empty: none is given. */
  readonly username: string;
  /** Empty: none is given. */
  readonly password: string;
}

const DEFAULT_PORT = 6379;
/** Who it is begins behind the slashes and ends at the last `@`: a password may have one in it, a host may not. */
const PARTS = /^(rediss?):\/\/(?:(.*)@)?([^@/?#]+)(?:\/(\d{0,5}))?$/s;

/**
 * Reads `redis://[user:password@]host[:port][/db]`, or the same with rediss.
 * @returns what it says, or what is wrong with it: never with a part of it that may be a password
 */
export function parseRedisUrl(text: string): RedisUrl | string {
  const parts = PARTS.exec(text);
  if (parts === null) return explain(text);
  const [, scheme, userinfo = '', written = '', db = ''] = parts;
  const hasPort = /:\d+$/.test(written) && !written.endsWith(']');
  const address = parseAddress(hasPort ? written : `${written}:${DEFAULT_PORT}`);
  if (typeof address === 'string') return address;
  if (address.port === 0) return 'nobody listens on port 0';
  const who = readUser(userinfo);
  return typeof who === 'string' ? who : { ...address, tls: scheme === 'rediss', db: Number(db), ...who };
}

function readUser(userinfo: string): { username: string; password: string } | string {
  if (userinfo === '') return { username: '', password: '' };
  const colon = userinfo.indexOf(':');
  if (colon < 0) return 'before the @ stands user:password, or :password for the default user';
  try {
    const [username, password] = [userinfo.slice(0, colon), userinfo.slice(colon + 1)].map(decodeURIComponent);
    if (password === '') return 'the password is missing before the @';
    return { username: username as string, password: password as string };
  } catch {
    return 'before the @ stands a % that begins no escape: write %25 for it';
  }
}

function explain(text: string): string {
  if (/^(?:unix|redis\+unix|rediss?\+socket):|^\//.test(text)) return 'unix sockets are not in this version';
  if (!/^rediss?:\/\//.test(text)) return 'not a redis:// or rediss:// URL';
  return 'behind the host stands nothing but a port and the number of a database';
}
