import type { ConnectionOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { tlsTerms } from '../../src/server/tls-terms.ts';
import { turns } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { BELIEVING, TlsRig } from '../support/tls-servers.ts';

let tls: TlsRig | undefined;

afterEach(async () => {
  await tls?.close();
  tls = undefined;
});

/** What the client hears from OpenSSL when it is refused. */
async function refusal(options: ConnectionOptions): Promise<string> {
  const client = (tls as TlsRig).connect(options);
  return new Promise((resolve) => client.socket.once('error', (error: Error & { code: string }) => resolve(error.code)));
}

describe('Versions:', () => {
  test.each([
    ['1.2', 'TLSv1.2', 'TLSv1.2'],
    ['1.2', 'TLSv1.3', 'TLSv1.3'],
    ['1.3', 'TLSv1.3', 'TLSv1.3'],
  ] as const)('from %s on, a client of %s gets %s', async (min_version, maxVersion, spoken) => {
    tls = await TlsRig.open({ tls: { min_version } });
    const client = tls.connect({ ...BELIEVING, maxVersion }, get('/'));
    await client.endsWith('hello');
    expect(client.socket.getProtocol()).toBe(spoken);
    expect(tls.series('gateway_tls_handshakes_total')).toContain(`1 ok ${spoken.slice(4)}`);
  });

  test.each([
    ['1.2', 'TLSv1.1'],
    ['1.2', 'TLSv1'],
    ['1.3', 'TLSv1.2'],
  ] as const)('from %s on, a client of %s is refused', async (min_version, version) => {
    tls = await TlsRig.open({ tls: { min_version } });
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' };
    expect(await refusal({ ...BELIEVING, ...old })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    expect(tls.series('gateway_tls_handshakes_total')).toContain('1 failed');
  });
});

describe('Suites:', () => {
  test.each(['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'DHE-RSA-AES128-GCM-SHA256'])('%s is refused', async (ciphers) => {
    tls = await TlsRig.open();
    expect(await refusal({ ...BELIEVING, maxVersion: 'TLSv1.2', ciphers })).toMatch(/HANDSHAKE_FAILURE/);
  });

  test('ours come first, but ChaCha20 for who prefers it', async () => {
    tls = await TlsRig.open();
    const spoken = async (ciphers: string) => {
      const client = (tls as TlsRig).connect({ ...BELIEVING, maxVersion: 'TLSv1.2', ciphers }, get('/'));
      await client.endsWith('hello');
      return client.socket.getCipher().name;
    };
    const [aes128, aes256, chacha] = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].map(
      (name) => `ECDHE-ECDSA-${name}`,
    );
    expect(await spoken(`${aes256}:${aes128}`)).toBe(aes128);
    expect(await spoken(`${chacha}:${aes128}`)).toBe(chacha);
    expect(await spoken(`${aes256}:${chacha}`)).toBe(aes256);
  });
});

describe('Protocols:', () => {
  test.each([[['http/1.1']], [['h2', 'http/1.1']], [undefined]])('a client that offers %j is served', async (ALPNProtocols) => {
    tls = await TlsRig.open();
    const { ALPNProtocols: _, ...others } = BELIEVING;
    const client = tls.connect({ ...others, ...(ALPNProtocols && { ALPNProtocols }) }, get('/'));
    await client.endsWith('hello');
    expect(client.socket.alpnProtocol).toBe(ALPNProtocols === undefined ? false : 'http/1.1');
  });

  test.each([[['h2']], [['acme-tls/1']]])('a client that offers %j alone is refused', async (ALPNProtocols) => {
    tls = await TlsRig.open();
    expect(await refusal({ ...BELIEVING, ALPNProtocols })).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  });
});

test('nobody negotiates anew', async () => {
  tls = await TlsRig.open();
  const client = tls.connect({ ...BELIEVING, maxVersion: 'TLSv1.2' }, get('/'));
  await client.endsWith('hello');
  const failed = new Promise((resolve) => client.socket.renegotiate({}, resolve));
  client.socket.once('error', () => {});
  expect(await Promise.race([failed, client.gone().then(() => 'gone')])).not.toBeNull();
  await turns();
  expect(tls.series('gateway_tls_handshakes_total')).toContain('1 ok 1.2');
});

test('a session is bound to whose word counts for clients', () => {
  const context = (mode: 'none' | 'request' | 'require', ca?: string) =>
    tlsTerms({ certificates: [], min_version: '1.2', handshake_timeout: 1, client_auth: { mode, ca } }).sessionIdContext;
  const contexts = [context('none'), context('request', 'a'), context('require', 'a'), context('require', 'b')];
  expect(new Set(contexts).size).toBe(4);
  expect(context('none', 'a')).toBe(context('none'));
  // OpenSSL takes 32 bytes.
  for (const one of contexts) expect(one).toHaveLength(32);
});
