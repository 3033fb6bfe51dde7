import type { ServerConfig } from './config.ts';

type ClientAuth = ServerConfig['tls']['client_auth'];

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Whether every authority whose word about clients counted before still counts. Further ones take nothing from anybody. */
export function keepsAuthorities(before: ClientAuth, after: ClientAuth): boolean {
  if (before === after) return true;
  const now = new Set(authoritiesOf(after));
  return authoritiesOf(before).every((one) => now.has(one));
}

function authoritiesOf({ mode, ca = '' }: ClientAuth): string[] {
  return mode === 'none' ? [] : (ca.match(BLOCK) ?? []).map((block) => block.replaceAll(/\s/g, ''));
}
