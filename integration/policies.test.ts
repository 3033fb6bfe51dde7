import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { OriginProcess } from './support/origin-process.ts';
import { document, SluiceProcess, type Stats } from './support/sluice-process.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An identity provider that can be taken away and brought back, with one key at a time. */
class Provider {
  private readonly keys = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  private current = 0;
  /** How it answers. */
  mode: 'well' | 'error' | 'silence' = 'well';
  fetches = 0;
  uri = '';

  static async start(): Promise<Provider> {
    const provider = new Provider();
    const server = createServer((_, response) => {
      provider.fetches += 1;
      if (provider.mode === 'error') response.writeHead(500).end();
      else if (provider.mode === 'well') response.end(JSON.stringify({ keys: [provider.jwk()] }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    provider.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    return provider;
  }

  private jwk(): object {
    return { ...this.keys[this.current]?.publicKey.export({ format: 'jwk' }), kid: `k${this.current}`, alg: 'ES256', use: 'sig' };
  }

  rotate(): void {
    this.current = 1;
  }

  token(sub: string): { authorization: string } {
    const claims = { sub, exp: Math.floor(Date.now() / 1000) + 600 };
    const signed = `${part({ alg: 'ES256', kid: `k${this.current}` })}.${part(claims)}`;
    const key = this.keys[this.current]?.privateKey;
    if (key === undefined) throw new Error('no key');
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return { authorization: `Bearer ${signed}.${signature.toString('base64url')}` };
  }
}

describe('Tokens of an identity provider', () => {
  test('are verified while it is away, and by its new key when it is back', async () => {
    const provider = await Provider.start();
    const jwt = { jwks_uri: provider.uri, algorithms: ['ES256'], jwks_cooldown: '1s', jwks_timeout: '500ms' };
    const origin = await OriginProcess.start('one');
    const sluice = await SluiceProcess.start({
      ...document([origin.address], { route: { authentication: {} } }),
      middleware: { authentication: { auth_type: 'jwt', jwt } },
    });
    const status = async (headers: Record<string, string>) => (await fetch(`http://${sluice.address}/`, { headers })).status;
    expect([await status({}), await status(provider.token('alice'))]).toEqual([401, 200]);

    provider.mode = 'error';
    expect(await status(provider.token('bob'))).toBe(200);
    provider.rotate();
    // Its key is known to nobody here, and cannot be asked for.
    await expect.poll(() => status(provider.token('carol')), { timeout: 5000 }).toBe(503);
    provider.mode = 'silence';
    expect(await status(provider.token('carol'))).toBe(503);

    provider.mode = 'well';
    await expect.poll(() => status(provider.token('carol')), { timeout: 10_000, interval: 200 }).toBe(200);
    expect(provider.fetches).toBeLessThan(30);
  });
});

type CircuitStats = Stats & { readonly circuits: Readonly<Record<string, { readonly state: string }>> };

describe('The circuit of an upstream', () => {
  test.each([
    ['is killed', (origin: OriginProcess) => origin.kill(), (origin: OriginProcess) => origin.revive()],
    [
      'stands still',
      async (origin: OriginProcess) => origin.signal('SIGSTOP'),
      async (origin: OriginProcess) => origin.signal('SIGCONT'),
    ],
  ])(
    'opens when it %s, so that requests go elsewhere or are told to come again, and closes when it is back',
    async (_, take, give) => {
      const origin = await OriginProcess.start('one');
      const circuit_breaker = { consecutive_failures: 3, open_for: '1s', half_open_requests: 1, success_threshold: 1 };
      const config = document([origin.address], { backend: { circuit_breaker } });
      const upstreams = [{ address: origin.address, read_timeout: '300ms', connection_timeout: '300ms' }];
      const backends = { origin: { upstreams, circuit_breaker } };
      const sluice = await SluiceProcess.start({ ...config, load_balancing: { backends } });
      const ask = () => fetch(`http://${sluice.address}/`);
      const state = async () => ((await sluice.stats()) as CircuitStats).circuits[`origin/${origin.address}`]?.state;
      expect([(await ask()).status, await state()]).toEqual([200, 'closed']);

      await take(origin);
      const seen: number[] = [];
      for (let at = 0; at < 3; at++) seen.push((await ask()).status);
      expect(seen.every((status) => status === 502 || status === 504)).toBe(true);
      const refused = await ask();
      expect([refused.status, refused.headers.get('retry-after'), await state()]).toEqual([503, '1', 'open']);
      expect(((await refused.json()) as { code: string }).code).toBe('circuit_open');

      await give(origin);
      await expect.poll(async () => (await ask()).status, { timeout: 10_000, interval: 100 }).toBe(200);
      expect(await state()).toBe('closed');
    },
  );
});

describe('A WebSocket connection', () => {
  test('outlives a reload and the death of another upstream, and is told 1001 when the gateway drains', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(sockets, 'listening');
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
    onTestFinished(() => void sockets.close());
    const address = `127.0.0.1:${(sockets.address() as AddressInfo).port}`;
    const config = (limit: number) => document([address], { route: { websocket: { max_message_size: limit } } });
    const sluice = await SluiceProcess.start(config(1000));
    const socket = new WebSocket(`ws://${sluice.address}/chat`);
    await once(socket, 'open');
    const echo = async (text: string) => {
      socket.send(text);
      return String((await once(socket, 'message'))[0]);
    };
    expect(await echo('before')).toBe('before');
    sluice.write(config(10));
    await expect.poll(() => sluice.metric('gateway_config_reloads_total{outcome="applied"}'), { timeout: 10_000 }).toBe(1);
    // By the limit that it began with.
    expect(await echo('a message of more than ten bytes')).toContain('more than ten');
    const later = new WebSocket(`ws://${sluice.address}/chat`);
    await once(later, 'open');
    later.send('a message of more than ten bytes');
    expect((await once(later, 'close'))[0]).toBe(1009);
    sluice.kill('SIGTERM');
    expect((await once(socket, 'close'))[0]).toBe(1001);
    expect((await sluice.exited).code).toBe(0);
  });

  test('ends for the client when its upstream is killed', async () => {
    const program = `const { WebSocketServer } = require(${JSON.stringify(join(import.meta.dirname, '../node_modules/ws'))});`;
    const child = spawn(process.execPath, [
      '-e',
      `${program} const s = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => console.log(s.address().port));`,
    ]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const [port] = await once(child.stdout, 'data');
    const sluice = await SluiceProcess.start(document([`127.0.0.1:${Number(port)}`], { route: { websocket: {} } }));
    const socket = new WebSocket(`ws://${sluice.address}/`);
    await once(socket, 'open');
    child.kill('SIGKILL');
    expect((await once(socket, 'close'))[0]).toBe(1006);
    expect((await sluice.stats()).state).toBe('ready');
  });
});

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.runIf(hasOpenssl)('Certificates that clients see (openssl makes them)', () => {
  function make(directory: string, name: string, serial: number, days = 30): void {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-set_serial', String(serial)];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(directory, `${name}.key`)];
    const args = ['req', '-x509', ...key, '-out', join(directory, `${name}.crt`), '-days', String(days), ...subject];
    execFileSync('openssl', args, { stdio: 'ignore' });
  }

  const tls = { https_addr: '127.0.0.1:0', tls_cert: 'a.crt', tls_key: 'a.key' };

  async function handshake(address: string): Promise<TLSSocket> {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(address.split(':')[1]),
      rejectUnauthorized: false,
      servername: 'localhost',
    });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  }

  const serial = (socket: TLSSocket) => Number(`0x${socket.getPeerCertificate().serialNumber}`);

  async function ask(socket: TLSSocket): Promise<string> {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return String((await once(socket, 'data'))[0]).slice(9, 12);
  }

  test('are replaced while connections go on, and a bad one changes nothing', async () => {
    const origin = await OriginProcess.start('one');
    const sluice = await SluiceProcess.start(undefined, (process) => {
      make(process.directory, 'a', 1);
      process.write(document([origin.address], { server: tls }));
    });
    const old = await handshake(sluice.secure);
    expect([serial(old), await ask(old)]).toEqual([1, '200']);

    make(sluice.directory, 'a', 2);
    await expect.poll(async () => serial(await handshake(sluice.secure)), { timeout: 10_000 }).toBe(2);
    expect(await ask(old)).toBe('200');

    const before = sluice.entries.length;
    writeFileSync(join(sluice.directory, 'a.crt'), 'nothing that is a certificate');
    const told = await sluice.logged(({ level }) => level === 'error', before);
    expect(JSON.stringify(told)).toContain('a.crt');
    expect([serial(await handshake(sluice.secure)), await ask(old)]).toEqual([2, '200']);
  });

  test('are for TLS alone: plain requests and garbage on that port cost nobody anything', async () => {
    const origin = await OriginProcess.start('one');
    const sluice = await SluiceProcess.start(undefined, (process) => {
      make(process.directory, 'a', 1);
      process.write(document([origin.address], { server: tls }));
    });
    const port = Number(sluice.secure.split(':')[1]);
    for (const text of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x16\x03\x01\xff\xff', '\0'.repeat(1000)]) {
      const socket = connectPlain(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(text, 'latin1');
      await once(socket.resume(), 'close');
    }
    expect(await ask(await handshake(sluice.secure))).toBe('200');
  });
});
