import type { ConnectionOptions } from 'node:tls';
import { checkConfig } from '../../src/config/check.ts';
import type { CompiledRoute } from '../../src/snapshot/compile.ts';
import { type Issued, issue, PemFiles } from './certificates.ts';
import { soon } from './channels.ts';
import type { RawPeer } from './raw-peer.ts';
import { ServerRig } from './servers.ts';

export const AUTHORITY = issue({ subject: 'Test CA', authority: true });
/** What a server shows that is asked for `a.example`. */
export const SERVED = issue({ subject: 'a.example', names: ['DNS:a.example'], by: AUTHORITY });
/** What a client shows. */
export const ALICE = issue({
  subject: [
    ['O', 'Example, Inc'],
    ['CN', 'alice'],
  ],
  names: ['DNS:alice.example', 'URI:spiffe://example/alice', 'email:alice@example.com'],
  by: AUTHORITY,
});
/** Believes the server, by the name that its certificate has. */
export const BELIEVING: ConnectionOptions = { ca: AUTHORITY.cert, servername: 'a.example', ALPNProtocols: ['http/1.1'] };
export const AS_ALICE: ConnectionOptions = { ...BELIEVING, cert: ALICE.cert, key: ALICE.key };

const HELLO = { routes: [{ id: 'hello', path: '/**', respond: { body: 'hello' } }] };

interface Told {
  /** Default: the one for `a.example`. */
  readonly certificates?: readonly Issued[];
  /** More of the `tls` block. `client_auth.ca` is there. */
  readonly tls?: object;
  /** More of `server`. */
  readonly server?: object;
}

/** A server that speaks TLS on real sockets, in the test's time. */
export class TlsRig {
  readonly files: PemFiles;
  readonly rig: ServerRig;

  private constructor(files: PemFiles, rig: ServerRig) {
    this.files = files;
    this.rig = rig;
  }

  /** @param routes without one, every request is answered with `hello` */
  static async open(told: Told = {}, ...routes: Partial<CompiledRoute>[]): Promise<TlsRig> {
    const files = new PemFiles();
    const rig = await ServerRig.open({ ...HELLO, server: serverOf(told, files) }, ...routes);
    return new TlsRig(files, rig);
  }

  apply(told: Told): void {
    this.rig.server.apply(checkConfig({ server: serverOf(told, this.files) }).server);
  }

  connect(options: ConnectionOptions = BELIEVING, ...texts: string[]) {
    return this.rig.connectTls(options, ...texts);
  }

  /** Once its handshake is done, as the client sees it. */
  async connected(options: ConnectionOptions = BELIEVING) {
    const client = this.connect(options);
    await soon(() => client.socket.getProtocol() !== null && client.socket.getPeerX509Certificate() !== undefined);
    return client;
  }

  /** Series of a metric, as "value label values". */
  series(name: string): string[] {
    const metric = this.rig.registry.all().find((one) => one.name === name);
    return [...(metric?.read() ?? [])].map(([labels, value]) =>
      [typeof value === 'number' ? value : value.counts.reduce((sum, one) => sum + one), ...Object.values(labels)]
        .join(' ')
        .trim(),
    );
  }

  async close(): Promise<void> {
    await this.rig.close();
    this.files.close();
  }
}

function serverOf({ certificates = [SERVED], tls = {}, server = {} }: Told, files: PemFiles): object {
  const written = certificates.map((one, at) => files.put(`served${at}`, one));
  const { client_auth = {}, ...others } = tls as { client_auth?: object };
  const ca = files.write('ca.crt', AUTHORITY.cert);
  return { https_addr: '127.0.0.1:0', tls: { certificates: written, client_auth: { ca, ...client_auth }, ...others }, ...server };
}

/** The common name of the certificate that the server has shown. */
export function shownTo(
  client: RawPeer & { readonly socket: ReturnType<ServerRig['connectTls']>['socket'] },
): string | undefined {
  return client.socket.getPeerX509Certificate()?.subject.replace('CN=', '');
}
