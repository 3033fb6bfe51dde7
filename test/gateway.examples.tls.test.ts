import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../src/cli/check.ts';
import type { Gateway } from '../src/gateway.ts';
import { Recorder } from './cli/recorder.ts';
import { PemFiles } from './support/certificates.ts';
import { ask as askPlainly, exampleFile, runExample } from './support/examples.ts';

const files = new PemFiles();
const file = join(files.directory, 'tls.yaml');
const read = (name: string) => readFileSync(join(files.directory, name), 'utf8');
const pair = (name: string) => ({ cert: read(`${name}.crt`), key: read(`${name}.key`) });

/** The commands of the comment, as somebody would paste them. */
const [commands = ''] = /^# {3}authority\(\).*?(?=^# {3}sluice)/ms.exec(readFileSync(exampleFile('tls.yaml'), 'utf8')) ?? [];
const script = commands.replaceAll(/^# {3}/gm, '');
const [functions = ''] = /^.*?(?=^for)/ms.exec(script) ?? [];
const sh = (text: string) => execFileSync('sh', ['-ec', text], { cwd: files.directory, stdio: 'pipe' });

let upstream: Server;
let gateway: Gateway;

beforeAll(async () => {
  copyFileSync(exampleFile('tls.yaml'), file);
  sh(script);
  const trust = { ca: read('internal-ca.crt'), requestCert: true, rejectUnauthorized: true };
  upstream = createServer({ ...pair('orders.internal'), ...trust }, ({ headers, socket }, response) => {
    const client = (socket as TLSSocket).getPeerX509Certificate()?.subject;
    response.end(JSON.stringify({ headers, client, name: (socket as TLSSocket & { servername: string }).servername }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const address = `https://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  gateway = await runExample(file, { orders: [address] }, { SLUICE_SERVER__HTTPS_ADDR: '127.0.0.1:0' });
});
afterAll(async () => {
  await gateway.close();
  upstream.closeAllConnections();
  upstream.close();
  files.close();
});

const target = (servername: string, more: ConnectionOptions = {}) => ({
  ...{ host: '127.0.0.1', port: Number(gateway.https[0]?.split(':')[1]), servername, ca: read('public-ca.crt') },
  ...more,
});

interface Told {
  readonly status: number | undefined;
  readonly hsts: string | undefined;
  readonly shown: string | undefined;
  readonly protocol: string | null;
  readonly body: string;
}

function ask(servername: string, more: ConnectionOptions = {}): Promise<Told> {
  return new Promise((resolve, reject) => {
    const headers = { host: servername, 'x-consumer': 'root', 'x-certificate': 'none' };
    request({ ...target(servername, more), headers, agent: false } as object, (reply) => {
      const socket = reply.socket as TLSSocket;
      const seen = { shown: socket.getPeerX509Certificate()?.subject, protocol: socket.getProtocol() };
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('end', () =>
        resolve({
          ...seen,
          status: reply.statusCode,
          hsts: reply.headers['strict-transport-security'],
          body: Buffer.concat(parts).toString(),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('examples/tls.yaml, with the files that its own commands make:', () => {
  test('a check finds it good', () => {
    const terminal = new Recorder();
    expect([check(file, terminal), terminal.printed]).toEqual([0, `${file}: good (2 routes, 1 backend)\n`]);
  });

  test('each site has its certificate, the first one is for other names, and browsers come by TLS alone from then on', async () => {
    const [shop, partners] = [await ask('shop.example.com'), await ask('partners.example.com')];
    expect([shop.shown, partners.shown]).toEqual(['CN=shop.example.com', 'CN=partners.example.com']);
    expect(shop).toMatchObject({ status: 200, hsts: 'max-age=31536000; includeSubDomains', protocol: 'TLSv1.3' });
    const other = await ask('elsewhere.example.com', { rejectUnauthorized: false });
    expect([other.shown, other.status]).toEqual(['CN=shop.example.com', 404]);
  });

  test('the upstream is asked by its name, and knows who asks', async () => {
    const { body } = await ask('shop.example.com');
    expect(JSON.parse(body)).toMatchObject({ client: 'CN=gateway.internal', name: 'orders.internal' });
  });

  test('TLS 1.2 is not spoken', async () => {
    await expect(ask('shop.example.com', { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
  });

  test('partners show a certificate of their authority, and are known by the name in it', async () => {
    const asAcme = await ask('partners.example.com', pair('acme.example'));
    expect(asAcme.status).toBe(200);
    expect((JSON.parse(asAcme.body) as { headers: object }).headers).toMatchObject({
      'x-consumer': 'acme',
      'x-certificate': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await ask('partners.example.com')).status).toBe(401);
    sh(`${functions}\nissue initech.example partners-ca`);
    expect((await ask('partners.example.com', pair('initech.example'))).status).toBe(403);
  });

  test('a certificate of another authority, or that a partner has made, proves nothing', async () => {
    sh(`${functions}\nissue forged.example acme.example`);
    for (const name of ['gateway.internal', 'forged.example'])
      expect([name, (await ask('partners.example.com', pair(name))).status]).toEqual([name, 401]);
  });

  test('over plain HTTP nobody has a certificate', async () => {
    expect((await askPlainly(gateway, '/', { headers: { host: 'partners.example.com' } })).status).toBe(401);
  });

  test('a renewed certificate is shown to the next connection, and no connection is dropped', async () => {
    const old = connect(target('shop.example.com'));
    await new Promise((resolve, reject) => old.once('secureConnect', resolve).once('error', reject));
    const before = await serial();
    sh(`${functions}\nissue shop.example.com public-ca`);
    await expect.poll(serial, { timeout: 10_000 }).not.toBe(before);
    old.write('GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n');
    const [answer] = await new Promise<Buffer[]>((resolve) => old.once('data', (...data: Buffer[]) => resolve(data)));
    expect(answer?.toString()).toMatch(/^HTTP\/1\.1 200 /);
    old.destroy();
  });
});

/** Of the certificate that a new connection is shown. */
function serial(): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(target('shop.example.com'), () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber);
      socket.destroy();
    }).on('error', reject);
  });
}
