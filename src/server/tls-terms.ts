import { constants, createHash } from 'node:crypto';
import type { SecureVersion, TlsOptions } from 'node:tls';
import type { ServerConfig } from './config.ts';

/** Forward secrecy and authenticated encryption alone; the first three are those of TLS 1.3. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');
/** Renegotiation lets a client make us work again and again. ChaCha20 goes first for those who have no hardware for AES. */
const OPTIONS = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA;

/** What TLS is spoken on, whatever the certificate. */
export function tlsTerms({ min_version, client_auth: { mode, ca } }: ServerConfig['tls']): TlsOptions {
  const asks = mode !== 'none';
  return {
    ciphers: CIPHERS,
    honorCipherOrder: true,
    secureOptions: OPTIONS,
    minVersion: `TLSv${min_version}` as SecureVersion,
    maxVersion: 'TLSv1.3',
    requestCert: asks,
    // A missing certificate is told by an alert then; one that is not good closes the connection.
    rejectUnauthorized: mode === 'require',
    ...(asks && { ca }),
    // A session goes on with what was proved when it began: not under other rules about whose word counts.
    sessionIdContext: createHash('sha256')
      .update(JSON.stringify(asks ? [mode, ca] : []))
      .digest('hex')
      .slice(0, 32),
  };
}
